import { maxAttributeBytes, maxCookieBytes } from './cookie-limits.ts';

/** A cookie as it is kept: plain data, the same after `JSON.stringify()` and `JSON.parse()`. */
export interface Cookie {
  /** Empty for what a server sets without a name. */
  readonly name: string;

  /** As the server wrote it, quotes and all; one character for each byte. */
  readonly value: string;

  /** The host that it belongs to, in lower case. */
  readonly domain: string;

  /** Whether it goes to that host alone, not to its subdomains. */
  readonly hostOnly: boolean;

  /** The path at and below which it is sent. */
  readonly path: string;

  /** Whether it goes over `https:` alone. */
  readonly secure: boolean;

  /** Whether the server wanted it out of the reach of scripts. It makes no difference here: there is no `document.cookie`. */
  readonly httpOnly: boolean;

  /** What the server said of requests that came about at other sites; `default`, if nothing, is as `lax`. */
  readonly sameSite: 'strict' | 'lax' | 'none' | 'default';

  /** When it expires, in milliseconds since 1970; `null` for one that ends with the session. */
  readonly expiresMs: number | null;

  /** When it was first set, in milliseconds since 1970: earlier ones are sent first. */
  readonly createdMs: number;
}

/** Control characters, and what is no byte (RFC 6265bis §5.6, step 1). No field could carry them. */
const NOT_IN_COOKIE = /[^\t\x20-\x7e\x80-\xff]/;

/** Whether every character may stand in a field. */
export function isFieldText(text: string): boolean {
  return !NOT_IN_COOKIE.test(text);
}

/** Whether a value that came from elsewhere, as from a file or a database, is a cookie that could have been kept here. */
export function isCookie(value: unknown): value is Cookie {
  if (typeof value !== 'object' || value === null) return false;
  const {
    name,
    value: content,
    domain,
    path,
    hostOnly,
    secure,
    httpOnly,
    sameSite,
    expiresMs,
    createdMs,
  } = value as Record<keyof Cookie, unknown>;
  return (
    isText(name, maxCookieBytes) &&
    isText(content, maxCookieBytes - name.length) &&
    name.length + content.length > 0 &&
    !/[;=]/.test(name) &&
    !content.includes(';') &&
    isText(domain, maxAttributeBytes) &&
    domain !== '' &&
    domain === domain.toLowerCase() &&
    isText(path, maxAttributeBytes) &&
    path.startsWith('/') &&
    [hostOnly, secure, httpOnly].every((flag) => typeof flag === 'boolean') &&
    ['strict', 'lax', 'none', 'default'].includes(sameSite as string) &&
    (expiresMs === null || Number.isFinite(expiresMs)) &&
    Number.isFinite(createdMs)
  );
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most && isFieldText(value);
}
