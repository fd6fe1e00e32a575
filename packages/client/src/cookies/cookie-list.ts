import { domainMatch, pathMatch } from 'tough-cookie';
import type { Cookie } from './cookie.ts';
import { maxCookies, maxCookiesPerSite } from './cookie-limits.ts';
import type { CookieOrigin } from './set-cookie.ts';

/** A request that cookies are wanted for. */
export interface CookieUse extends CookieOrigin {
  /** What the request has to do with the sites it came by. */
  readonly sameSiteContext: 'strict' | 'lax' | 'none';
}

/** The cookies of a site that go with a request, in the order in which they are sent (RFC 6265bis §5.8.3). */
export function cookiesFor(cookies: readonly Cookie[], use: CookieUse): Cookie[] {
  const { url, isSecure, nowMs, sameSiteContext } = use;
  const fits = ({ domain, hostOnly, path, secure, sameSite, expiresMs }: Cookie): boolean =>
    (hostOnly ? domain === url.hostname : domainMatch(url.hostname, domain, false) === true) &&
    pathMatch(url.pathname, path) &&
    (isSecure || !secure) &&
    !isExpired({ expiresMs }, nowMs) &&
    (sameSiteContext === 'strict' ||
      sameSite === 'none' ||
      (sameSiteContext === 'lax' && sameSite !== 'strict'));
  return cookies.filter(fits).sort((a, b) => b.path.length - a.path.length || a.createdMs - b.createdMs);
}

/**
 * The cookies of a site after another was received (RFC 6265bis §5.7, from step 13 on): in the order in which they were
 * last set, without any that have expired.
 *
 * @returns the cookies, or why the new one is to be ignored.
 */
export function withCookie(
  cookies: readonly Cookie[],
  received: Cookie,
  { isSecure, nowMs }: Pick<CookieOrigin, 'isSecure' | 'nowMs'>,
): readonly Cookie[] | string {
  const living = cookies.filter((cookie) => !isExpired(cookie, nowMs));
  if (!isSecure && living.some((secure) => overlays(received, secure))) {
    return 'it would take the place of a Secure one, and came over http:';
  }
  const old = living.find((cookie) => isSame(cookie, received));
  const others = living.filter((cookie) => cookie !== old);
  // One that has expired was sent to take another away.
  if (isExpired(received, nowMs)) return others;
  return [...others, old === undefined ? received : { ...received, createdMs: old.createdMs }];
}

/** The cookies of a site, as many as are kept of one. */
export function withinSite(cookies: readonly Cookie[]): readonly Cookie[] {
  return without(cookies, cookies.length - maxCookiesPerSite);
}

/**
 * Takes cookies away where there are more than are kept in all: from the sites that have most of them, so that no site can
 * drive out what others have set.
 */
export function trimTotal(sites: Map<string, readonly Cookie[]>): void {
  let excess = -maxCookies;
  for (const cookies of sites.values()) excess += cookies.length;
  for (; excess > 0; excess--) {
    const [site, cookies] = [...sites].reduce((most, each) =>
      each[1].length > most[1].length ? each : most,
    );
    if (cookies.length > 1) sites.set(site, without(cookies, 1));
    else sites.delete(site);
  }
}

/** Whether it is over, at this time. */
export function isExpired({ expiresMs }: Pick<Cookie, 'expiresMs'>, nowMs: number): boolean {
  return expiresMs !== null && expiresMs <= nowMs;
}

/** Some fewer: first those that are not Secure, of these the ones that have not been set for longest. */
function without(cookies: readonly Cookie[], count: number): readonly Cookie[] {
  if (count <= 0) return cookies;
  const gone = new Set(
    [...cookies.filter(({ secure }) => !secure), ...cookies.filter(({ secure }) => secure)].slice(0, count),
  );
  return cookies.filter((cookie) => !gone.has(cookie));
}

function isSame(a: Cookie, b: Cookie): boolean {
  return a.name === b.name && a.domain === b.domain && a.hostOnly === b.hostOnly && a.path === b.path;
}

/** Whether a server could take the new cookie for the Secure one ("leave Secure cookies alone"). */
function overlays(received: Cookie, secure: Cookie): boolean {
  return (
    secure.secure &&
    secure.name === received.name &&
    (domainMatch(secure.domain, received.domain, false) === true ||
      domainMatch(received.domain, secure.domain, false) === true) &&
    pathMatch(received.path, secure.path)
  );
}
