import { createStore, promisifyRequest, type UseStore } from 'idb-keyval';
import { InvalidRequestError, invalidOption } from '../errors.ts';
import { joinSession } from './browser-session.ts';
import { type Cookie, isCookie } from './cookie.ts';
import { maxCookies, maxCookiesPerSite } from './cookie-limits.ts';
import { isExpired, trimTotal } from './cookie-list.ts';
import type { CookieChange, CookieStorage } from './cookie-storage.ts';

/** So few sites cannot have too many cookies together. */
const SITES_WITHIN_LIMIT = Math.floor(maxCookies / maxCookiesPerSite);

/**
 * Keeps cookies in the browser: a database of this page's origin, with one record for each site. Every change is one
 * transaction, so pages and workers that share the database never undo what another of them has done.
 */
export class IndexedDBStorage implements CookieStorage {
  readonly #use: UseStore;

  private constructor(use: UseStore) {
    this.#use = use;
  }

  /** @throws {@link InvalidRequestError} where there is nothing to keep them in. */
  static check(): void {
    const { indexedDB, navigator } = globalThis as { indexedDB?: unknown; navigator?: Partial<Navigator> };
    if (indexedDB !== undefined && navigator?.locks !== undefined) return;
    throw invalidOption(
      'persistAs needs IndexedDB and Web Locks, as a page or worker of a secure context has them: leave it out to keep cookies in memory',
    );
  }

  /**
   * Opens a database; cookies of an earlier session are gone.
   *
   * @throws {@link InvalidRequestError} when the browser does not allow it.
   */
  static async open(name: string): Promise<IndexedDBStorage> {
    const key = `hip-cookies:${name}`;
    const storage = new IndexedDBStorage(createStore(key, 'sites'));
    await joinSession(key, () => storage.#endSession(Date.now())).catch(failed);
    return storage;
  }

  read(site: string): Promise<readonly Cookie[]> {
    return this.#use('readonly', async (sites) => cookiesIn(await promisifyRequest(sites.get(site)))).catch(
      failed,
    );
  }

  change(site: string, change: CookieChange): Promise<void> {
    return this.#transaction(async (sites) => {
      write(sites, site, change(cookiesIn(await promisifyRequest(sites.get(site)))));
      if ((await promisifyRequest(sites.count())) <= SITES_WITHIN_LIMIT) return;
      const before = await readSites(sites);
      const after = new Map(before);
      trimTotal(after);
      for (const [each, cookies] of before) {
        if (after.get(each) !== cookies) write(sites, each, after.get(each) ?? []);
      }
    });
  }

  readAll(): Promise<readonly Cookie[]> {
    return this.#use('readonly', async (sites) => [...(await readSites(sites)).values()].flat()).catch(
      failed,
    );
  }

  clear(): Promise<void> {
    return this.#transaction(async (sites) => void sites.clear());
  }

  #endSession(nowMs: number): Promise<void> {
    return this.#transaction(async (sites) => {
      for (const [site, cookies] of await readSites(sites)) {
        const kept = cookies.filter((one) => one.expiresMs !== null && !isExpired(one, nowMs));
        if (kept.length < cookies.length) write(sites, site, kept);
      }
    });
  }

  /** All of `work` or nothing. It may wait for requests of the transaction, for nothing else. */
  #transaction(work: (sites: IDBObjectStore) => Promise<void>): Promise<void> {
    return this.#use('readwrite', async (sites) => {
      const done = promisifyRequest<undefined>(sites.transaction);
      try {
        await work(sites);
      } catch (error) {
        done.catch(() => {});
        sites.transaction.abort();
        throw error;
      }
      await done;
    }).catch(failed);
  }
}

/** An error of the database, which may be `null`, in the words of the option that asked for it. */
function failed(cause: unknown): never {
  if (cause instanceof InvalidRequestError) throw cause;
  throw new InvalidRequestError(
    'invalid_option',
    'persistAs cannot be honoured: the browser does not let this page keep cookies, or not as many',
    { cause },
  );
}

async function readSites(sites: IDBObjectStore): Promise<Map<string, readonly Cookie[]>> {
  const [names, records] = await Promise.all([
    promisifyRequest(sites.getAllKeys()),
    promisifyRequest<unknown[]>(sites.getAll()),
  ]);
  return new Map(names.map((name, at) => [String(name), cookiesIn(records[at])]));
}

/** What is in a record; another version of this library, or of the page, may have written it. */
function cookiesIn(record: unknown): readonly Cookie[] {
  return Array.isArray(record) ? record.filter(isCookie) : [];
}

function write(sites: IDBObjectStore, site: string, cookies: readonly Cookie[]): void {
  if (cookies.length > 0) sites.put(cookies, site);
  else sites.delete(site);
}
