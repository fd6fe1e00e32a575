import { PoolManager } from '@hip/client';
import { CookieJar } from '@hip/client/cookies';

/** Where requests go. */
export interface CookiePageTarget {
  gateway: string;
  token: string;
}

/** What a test may ask of a page, or of a worker. */
export interface CookiePage {
  /** Gives the text of `url`, with the cookies of the jar that is kept under `name`. */
  get(target: CookiePageTarget, name: string, url: string): Promise<string>;
  /** Makes a jar, and gives what it has for `url`. */
  cookies(name: string, url: string): Promise<string>;
  /** Gives each line to the jar, one after the other. */
  set(name: string, url: string, lines: string[]): Promise<void>;
  /** How many cookies there are in all, by domain. */
  count(name: string): Promise<Record<string, number>>;
  clear(name: string, url?: string): Promise<void>;
}

const jars = new Map<string, CookieJar>();

function jarOf(name: string): CookieJar {
  const jar = jars.get(name) ?? new CookieJar({ persistAs: name });
  jars.set(name, jar);
  return jar;
}

export const cookiePage: CookiePage = {
  async get({ gateway, token }, name, url) {
    const http = new PoolManager({ gateway, token, cookies: jarOf(name) });
    try {
      return await (await http.fetch(url)).text();
    } finally {
      await http.close();
    }
  },
  cookies: (name, url) => jarOf(name).getCookieString(url),
  async set(name, url, lines) {
    for (const line of lines) await jarOf(name).setCookie(line, url);
  },
  async count(name) {
    const counts: Record<string, number> = {};
    for (const { domain } of await jarOf(name).getAllCookies()) counts[domain] = (counts[domain] ?? 0) + 1;
    return counts;
  },
  clear: (name, url) => jarOf(name).clear(url),
};

Object.assign(globalThis, { cookiePage, hip: { CookieJar } });
