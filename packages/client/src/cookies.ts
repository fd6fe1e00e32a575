/**
 * Cookies for managers and pools: a jar that may outlive the page.
 *
 * @example
 * ```ts
 * import { PoolManager } from '@hip/client';
 * import { CookieJar } from '@hip/client/cookies';
 *
 * const http = new PoolManager({ cookies: new CookieJar({ persistAs: 'accounts' }) });
 * ```
 *
 * @module
 */
export type { Cookie } from './cookies/cookie.ts';
export { CookieJar, type CookieJarOptions } from './cookies/cookie-jar.ts';
export type { CookieContext, CookieJarLike } from './options.ts';
