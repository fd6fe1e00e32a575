import { invalidOption } from '../errors.ts';
import { logger } from '../logger.ts';
import type { CookieContext, CookieJarLike } from '../options.ts';
import { type Cookie, isCookie } from './cookie.ts';
import { cookiesFor, withCookie, withinSite } from './cookie-list.ts';
import { type CookieStorage, MemoryStorage } from './cookie-storage.ts';
import { IndexedDBStorage } from './indexed-db-storage.ts';
import { type CookieOrigin, readSetCookie } from './set-cookie.ts';
import { siteOf } from './site.ts';

/** Options of a {@link CookieJar}. */
export interface CookieJarOptions {
  /**
   * Keeps the cookies in the browser, under this name, for every page and worker of this page's origin that uses the
   * name: a database of IndexedDB. Cookies without an expiry date end with the session: when the last page with this jar
   * is closed, not when it is reloaded.
   *
   * @defaultValue they are kept as long as the jar
   */
  readonly persistAs?: string | undefined;

  /**
   * Whether `http:` to this machine counts as secure, so that Secure cookies are taken from it and sent to it: to
   * `localhost`, names under it, `127.0.0.0/8` and `::1`, which are the gateway's, or a proxy's. For development.
   *
   * @defaultValue it does not
   */
  readonly secureOnLoopback?: boolean | undefined;
}

const OPTIONS: readonly string[] = ['persistAs', 'secureOnLoopback'];

const LOOPBACK = /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])\.?$/;

/** The time of the cookie made last: two never have the same, so that they can be sent in order. */
let latestMs = 0;

/**
 * Keeps cookies as RFC 6265bis says, with the list of public suffixes, each site within limits. Give it to managers as
 * `cookies`; those with the same jar share cookies, others never do.
 *
 * @example
 * ```ts
 * const jar = new CookieJar();
 * const http = new PoolManager({ cookies: jar });
 * await http.fetch('https://example.com/login', { method: 'POST', body: new URLSearchParams({ user: 'me' }) });
 * ```
 */
export class CookieJar implements CookieJarLike {
  readonly #name: string | undefined;
  readonly #secureOnLoopback: boolean;
  #storage: Promise<CookieStorage> | undefined;

  /** @throws {@link InvalidRequestError} when an option cannot be honoured: `persistAs` where there is no IndexedDB. */
  constructor(options: CookieJarOptions = {}) {
    const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
    if (unknown !== undefined) {
      throw invalidOption(
        `CookieJar has no option ${JSON.stringify(unknown)}; there are ${OPTIONS.join(', ')}`,
      );
    }
    const { persistAs, secureOnLoopback = false } = options;
    if (typeof secureOnLoopback !== 'boolean') {
      throw invalidOption(`secureOnLoopback must be true or false, got ${typeof secureOnLoopback}`);
    }
    this.#secureOnLoopback = secureOnLoopback;
    this.#name = persistAs;
    if (persistAs === undefined) return;
    if (typeof persistAs !== 'string' || persistAs === '') {
      throw invalidOption('persistAs must be a name of one character or more');
    }
    IndexedDBStorage.check();
    // Now: a service worker that has just been started knows best whose session it is.
    this.#open().catch(() => {});
  }

  /**
   * The `cookie` header of a request to a URL; empty when there is none.
   *
   * @throws {@link InvalidRequestError} when the URL is none, or the browser does not let the jar have its cookies.
   */
  async getCookieString(url: string | URL, context?: Partial<CookieContext>): Promise<string> {
    const cookies = await this.getCookies(url, context);
    return cookies.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
  }

  /**
   * The cookies that go with a request to a URL, in the order in which they are sent.
   *
   * @throws as {@link CookieJar.getCookieString}.
   */
  async getCookies(
    url: string | URL,
    { sameSiteContext = 'strict' }: Partial<CookieContext> = {},
  ): Promise<Cookie[]> {
    const origin = this.#originOf(url);
    const storage = await this.#open();
    const cookies = await storage.read(siteOf(origin.url.hostname));
    return cookiesFor(cookies, { ...origin, sameSiteContext });
  }

  /**
   * Keeps the cookie of a `set-cookie` line that came from a URL.
   *
   * @param options - with `ignoreError`, one that must not be kept is left out and nothing said, as browsers do.
   * @throws {@link InvalidRequestError} saying why it must not be kept, and as {@link CookieJar.getCookieString}.
   */
  async setCookie(line: string, url: string | URL, options: { ignoreError?: boolean } = {}): Promise<void> {
    const [refusal] = await this.#set([line], url);
    if (refusal !== undefined && !options.ignoreError) throw invalidOption(`cookie is not kept: ${refusal}`);
  }

  /**
   * Keeps the cookies of all `set-cookie` lines of a response, but for those that must not be kept; the logger is told of
   * these (debug), without their content.
   *
   * @throws as {@link CookieJar.getCookieString}.
   */
  async setCookies(lines: readonly string[], url: string | URL): Promise<void> {
    for (const refusal of await this.#set(lines, url)) {
      logger()?.debug(`A cookie of ${new URL(url).origin} is not kept: ${refusal}`);
    }
  }

  /** Every cookie there is, to be kept elsewhere: some may have expired. */
  async getAllCookies(): Promise<Cookie[]> {
    return [...(await (await this.#open()).readAll())];
  }

  /**
   * Takes cookies back that {@link CookieJar.getAllCookies} gave, in place of those of the same name, domain and path.
   *
   * @throws {@link InvalidRequestError} when one is none; then none is taken.
   */
  async importCookies(cookies: Iterable<Cookie>): Promise<void> {
    const bySite = new Map<string, Cookie[]>();
    for (const cookie of cookies) {
      if (!isCookie(cookie)) throw invalidOption('cookies must be what getAllCookies() gives');
      const site = siteOf(cookie.domain);
      bySite.set(site, [...(bySite.get(site) ?? []), cookie]);
    }
    for (const [site, received] of bySite) await this.#keep(site, received, { isSecure: true, nowMs: now() });
  }

  /**
   * Forgets every cookie, or all those of the site of a URL: of its host, the domain above it that can be registered, and
   * everything below that.
   *
   * @throws as {@link CookieJar.getCookieString}.
   */
  async clear(url?: string | URL): Promise<void> {
    const site = url === undefined ? undefined : siteOf(this.#originOf(url).url.hostname);
    const storage = await this.#open();
    await (site === undefined ? storage.clear() : storage.change(site, () => []));
  }

  /** Why lines are not kept. */
  async #set(lines: readonly string[], url: string | URL): Promise<string[]> {
    const origin = this.#originOf(url);
    const refusals: string[] = [];
    const received: Cookie[] = [];
    for (const line of lines) {
      const cookie = readSetCookie(line, { ...origin, nowMs: now() });
      if (typeof cookie === 'string') refusals.push(cookie);
      else received.push(cookie);
    }
    if (received.length > 0) {
      refusals.push(...(await this.#keep(siteOf(origin.url.hostname), received, origin)));
    }
    return refusals;
  }

  async #keep(
    site: string,
    received: readonly Cookie[],
    origin: Pick<CookieOrigin, 'isSecure' | 'nowMs'>,
  ): Promise<string[]> {
    const storage = await this.#open();
    const refusals: string[] = [];
    await storage.change(site, (before) => {
      let cookies = before;
      for (const cookie of received) {
        const after = withCookie(cookies, cookie, origin);
        if (typeof after === 'string') refusals.push(after);
        else cookies = after;
      }
      return withinSite(cookies);
    });
    return refusals;
  }

  #originOf(given: string | URL): CookieOrigin {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    const isTls = url !== undefined && /^(?:https|wss):$/.test(url.protocol);
    if (url === undefined || !(isTls || /^(?:http|ws):$/.test(url.protocol))) {
      throw invalidOption('url of a cookie must be an absolute http:, https:, ws: or wss: URL');
    }
    const isSecure = isTls || (this.#secureOnLoopback && LOOPBACK.test(url.hostname));
    return { url, isSecure, nowMs: Date.now() };
  }

  #open(): Promise<CookieStorage> {
    if (this.#storage !== undefined) return this.#storage;
    const opening =
      this.#name === undefined ? Promise.resolve(new MemoryStorage()) : IndexedDBStorage.open(this.#name);
    this.#storage = opening;
    // What did not work may work next time.
    opening.catch(() => {
      this.#storage = undefined;
    });
    return opening;
  }
}

function now(): number {
  // A thousandth of a millisecond is more than numbers of this size tell apart.
  latestMs = Math.max(Date.now(), latestMs + 0.001);
  return latestMs;
}
