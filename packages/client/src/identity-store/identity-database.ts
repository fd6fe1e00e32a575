import { clear, createStore, del, entries, get, type UseStore, update } from 'idb-keyval';
import { IdentityError } from './identity-error.ts';
import type { IdentityRecord } from './identity-record.ts';

/** The records of one store in IndexedDB, by name. Every failure of the browser's is `identity_storage_unavailable`. */
export class IdentityDatabase {
  readonly #database: string;
  #store: UseStore | undefined;

  /** Opens nothing yet. @param database - name in IndexedDB. */
  constructor(database: string) {
    this.#database = database;
  }

  /** Whatever lies there; `undefined` where nothing does. */
  read(name: string): Promise<unknown> {
    return this.#use((store) => get<unknown>(name, store));
  }

  /** All there is, by name. */
  readAll(): Promise<[name: string, value: unknown][]> {
    return this.#use((store) => entries<string, unknown>(store));
  }

  /** Gives whether it was written: not where there is one of this name, unless that is to be replaced. */
  async write(name: string, record: IdentityRecord, replace: boolean): Promise<boolean> {
    let isWritten = true;
    await this.#use((store) =>
      update<unknown>(
        name,
        (known) => {
          isWritten = known === undefined || replace;
          return isWritten ? record : known;
        },
        store,
      ),
    );
    return isWritten;
  }

  /** Takes it away, with its key. */
  delete(name: string): Promise<void> {
    return this.#use((store) => del(name, store));
  }

  /** Takes all away. */
  clear(): Promise<void> {
    return this.#use((store) => clear(store));
  }

  async #use<Result>(act: (store: UseStore) => Promise<Result>): Promise<Result> {
    checkBrowser();
    try {
      this.#store ??= createStore(this.#database, 'identities');
      return await act(this.#store);
    } catch (cause) {
      throw unavailable(`the browser does not let it be used: ${String(cause)}`, cause);
    }
  }
}

function checkBrowser(): void {
  // A page that is sandboxed, or whose browser keeps nothing, throws here.
  let has: boolean;
  try {
    has = globalThis.indexedDB !== undefined;
  } catch (cause) {
    throw unavailable(`the browser does not let it be used: ${String(cause)}`, cause);
  }
  if (!has) {
    throw unavailable(
      'there is no IndexedDB: it is for pages and workers of a browser, elsewhere keep files',
    );
  }
  // Types say that it is always there; pages of plain http: have none (W3C Web Cryptography).
  if ((crypto as Partial<Crypto>).subtle === undefined) {
    throw unavailable('there is no WebCrypto: the page must come over https: or from this machine');
  }
}

function unavailable(why: string, cause?: unknown): IdentityError {
  return new IdentityError(
    'identity_storage_unavailable',
    `IdentityStore: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}
