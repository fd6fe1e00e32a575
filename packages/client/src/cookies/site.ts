import { getPublicSuffix } from 'tough-cookie';

/** Hosts that are no names of the public list, such as `db.test`, are taken as they are; none of it throws. */
const OPTIONS = { allowSpecialUseDomain: true, ignoreError: true };

/** Methods that change nothing at the server (RFC 9110 §9.2.1). */
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** The domain that can be registered, which `host` is or is under; an address, and a name of one label, is its own. */
export function siteOf(host: string): string {
  // tough-cookie calls it the public suffix, and means the name one label longer.
  return getPublicSuffix(host, OPTIONS) ?? host;
}

/** Whether names under this one belong to different people. */
export function isPublicSuffix(domain: string): boolean {
  return getPublicSuffix(domain, OPTIONS) === undefined;
}

/**
 * How much the sites that redirected to a URL have to do with it: `strict` when they are all the same site as it, scheme
 * included; otherwise `lax`, and `none` when the method is one that changes something.
 */
export function sameSiteContext(
  method: string,
  url: URL,
  via: readonly (URL | string)[],
): 'strict' | 'lax' | 'none' {
  const site = schemeAndSite(url);
  if (via.every((earlier) => schemeAndSite(new URL(earlier)) === site)) return 'strict';
  return SAFE_METHODS.includes(method) ? 'lax' : 'none';
}

function schemeAndSite({ protocol, hostname }: URL): string {
  return `${protocol}//${siteOf(hostname)}`;
}
