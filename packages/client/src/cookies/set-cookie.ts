import { defaultPath, domainMatch, Cookie as ParsedCookie } from 'tough-cookie';
import { type Cookie, isFieldText } from './cookie.ts';
import { maxAttributeBytes, maxCookieBytes, maxCookieLifetimeMs } from './cookie-limits.ts';
import { isPublicSuffix } from './site.ts';

/** What a `set-cookie` line came with. */
export interface CookieOrigin {
  /** Where from. */
  readonly url: URL;

  /** Whether nobody on the way could have written it. */
  readonly isSecure: boolean;

  /** When. */
  readonly nowMs: number;
}

/**
 * Reads a `set-cookie` line: RFC 6265bis §5.6 and §5.7, as far as it does not depend on cookies that are there already.
 * Dates, attributes and the matching of domains are tough-cookie's.
 *
 * @returns the cookie, or why it is to be ignored, in words that repeat nothing of it.
 */
export function readSetCookie(line: string, { url, isSecure, nowMs }: CookieOrigin): Cookie | string {
  if (!isFieldText(line)) return 'it has characters that no cookie may have';
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const name = trim(pair.slice(0, Math.max(equals, 0)));
  const value = trim(pair.slice(equals + 1));
  if (name === '' && value === '') return 'it has neither a name nor a value';
  if (name.length + value.length > maxCookieBytes) {
    return `its name and value are longer than ${maxCookieBytes} bytes`;
  }
  const parsed = readAttributes(attributes);
  const { secure, httpOnly, sameSite = 'default' } = parsed;
  const host = url.hostname;
  let domain = parsed.domain ?? '';
  if (/[^\x21-\x7e]/.test(domain)) return 'its Domain is not a name in ASCII';
  if (domain !== '' && isPublicSuffix(domain)) {
    if (domain !== host) return 'its Domain is a public suffix';
    domain = '';
  }
  const hostOnly = domain === '';
  if (!hostOnly && domainMatch(host, domain, false) !== true) return 'its Domain does not cover the host';
  if (secure && !isSecure) return 'it is Secure, and came over http:';
  // "case-insensitive": servers compare names in ways of their own.
  const marked = (name === '' ? value : name).toLowerCase();
  const isHostPrefix = marked.startsWith('__host-');
  if (isHostPrefix || marked.startsWith('__secure-')) {
    if (name === '') return 'it has no name, and a value like the name of another';
    if (!secure) return 'its prefix demands Secure';
    if (isHostPrefix && !(hostOnly && parsed.path === '/')) {
      return 'its prefix demands Path=/, and no Domain';
    }
  }
  const path = parsed.path ?? defaultPath(url.pathname);
  if (path.length > maxAttributeBytes) return `the path it is for is longer than ${maxAttributeBytes} bytes`;
  return {
    name,
    value,
    domain: hostOnly ? host : domain,
    hostOnly,
    path,
    secure,
    httpOnly,
    sameSite: sameSite as Cookie['sameSite'],
    expiresMs: expiry(parsed, nowMs),
    createdMs: nowMs,
  };
}

/** Attributes as tough-cookie understands them; it reads those of a cookie, so they get one. */
function readAttributes(attributes: readonly string[]): ParsedCookie {
  const taken = attributes.filter(
    (attribute) => trim(attribute.slice(attribute.indexOf('=') + 1)).length <= maxAttributeBytes,
  );
  return ParsedCookie.parse(['x=x', ...taken].join(';')) as ParsedCookie;
}

/** Max-Age from now, else Expires; `null` for neither. tough-cookie would count Max-Age from the last use. */
function expiry({ maxAge, expires }: ParsedCookie, nowMs: number): number | null {
  const last = nowMs + maxCookieLifetimeMs;
  if (maxAge !== null) return Number(maxAge) > 0 ? Math.min(nowMs + Number(maxAge) * 1_000, last) : 0;
  return expires instanceof Date ? Math.min(expires.getTime(), last) : null;
}

/** Without the whitespace of RFC 6265bis. `String.trim()` knows more of it, and bytes of UTF-8 can look like that. */
function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
