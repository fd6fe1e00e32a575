import type { Cookie } from './cookie.ts';
import { trimTotal } from './cookie-list.ts';

/** The cookies of a site, changed or as they are. */
export type CookieChange = (cookies: readonly Cookie[]) => readonly Cookie[];

/** Keeps the cookies of a jar, site by site. */
export interface CookieStorage {
  /** The cookies of a site, those that have expired among them. */
  read(site: string): Promise<readonly Cookie[]>;

  /** Changes the cookies of a site; nobody else does meanwhile. Keeps to the number of cookies in all. */
  change(site: string, change: CookieChange): Promise<void>;

  /** The cookies of every site. */
  readAll(): Promise<readonly Cookie[]>;

  /** Forgets everything. */
  clear(): Promise<void>;
}

/** Keeps them as long as the jar. */
export class MemoryStorage implements CookieStorage {
  readonly #sites = new Map<string, readonly Cookie[]>();

  async read(site: string): Promise<readonly Cookie[]> {
    return this.#sites.get(site) ?? [];
  }

  async change(site: string, change: CookieChange): Promise<void> {
    const cookies = change(this.#sites.get(site) ?? []);
    if (cookies.length > 0) this.#sites.set(site, cookies);
    else this.#sites.delete(site);
    trimTotal(this.#sites);
  }

  async readAll(): Promise<readonly Cookie[]> {
    return [...this.#sites.values()].flat();
  }

  async clear(): Promise<void> {
    this.#sites.clear();
  }
}
