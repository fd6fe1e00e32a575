import { acceptEncoding as everyEncoding } from './decode/content-encoding.ts';
import { invalidOption } from './errors.ts';

/** How the characters of a user name and password become bytes. */
export type CredentialEncoding = 'latin-1' | 'utf-8';

/** What {@link makeHeaders} makes headers of. */
export interface HeaderShortcuts {
  /**
   * `connection: keep-alive`. Not for a request: the connection is the gateway's, which keeps it without being asked.
   *
   * @defaultValue false
   */
  keepAlive?: boolean;

  /**
   * `accept-encoding`: as it is, as a list, or with `true` everything that can be decoded here.
   *
   * @defaultValue none
   */
  acceptEncoding?: boolean | string | readonly string[];

  /**
   * `user-agent`.
   *
   * @defaultValue none
   */
  userAgent?: string;

  /**
   * `authorization` of basic authentication (RFC 7617): `user:password`, not percent-encoded, as
   * {@link Url.authDecodedJoined} gives it.
   *
   * @defaultValue none
   */
  basicAuth?: string;

  /**
   * `proxy-authorization` of basic authentication: `user:password`. For `proxyHeaders`.
   *
   * @defaultValue none
   */
  proxyBasicAuth?: string;

  /**
   * `cache-control: no-cache`.
   *
   * @defaultValue false
   */
  disableCache?: boolean;

  /**
   * Of {@link HeaderShortcuts.basicAuth}.
   *
   * @defaultValue latin-1
   */
  basicAuthEncoding?: CredentialEncoding;

  /**
   * Of {@link HeaderShortcuts.proxyBasicAuth}.
   *
   * @defaultValue latin-1
   */
  proxyBasicAuthEncoding?: CredentialEncoding;
}

/**
 * Headers for common wishes, as urllib3's `make_headers()`. Names are in lower case; what is empty gives no header.
 *
 * @param shortcuts - the wishes.
 * @throws {@link InvalidRequestError} when a user name or password has a character that its encoding has not.
 */
export function makeHeaders(shortcuts: HeaderShortcuts = {}): Record<string, string> {
  const { keepAlive, acceptEncoding, userAgent, basicAuth, proxyBasicAuth, disableCache } = shortcuts;
  const headers: Record<string, string> = {};
  const codings = acceptEncoding === true ? everyEncoding() : acceptEncoding;
  if (codings && codings.length > 0) {
    headers['accept-encoding'] = typeof codings === 'string' ? codings : codings.join(',');
  }
  if (userAgent) headers['user-agent'] = userAgent;
  if (keepAlive) headers['connection'] = 'keep-alive';
  if (basicAuth) headers['authorization'] = basic('basicAuth', basicAuth, shortcuts.basicAuthEncoding);
  if (proxyBasicAuth) {
    const { proxyBasicAuthEncoding } = shortcuts;
    headers['proxy-authorization'] = basic('proxyBasicAuth', proxyBasicAuth, proxyBasicAuthEncoding);
  }
  if (disableCache) headers['cache-control'] = 'no-cache';
  return headers;
}

function basic(name: string, credentials: string, encoding: CredentialEncoding = 'latin-1'): string {
  if (encoding !== 'latin-1' && encoding !== 'utf-8') {
    throw invalidOption(`${name}Encoding must be "latin-1" or "utf-8", got ${encoding}`);
  }
  // btoa() takes a character for a byte, which is Latin-1.
  const binary =
    encoding === 'utf-8' ? String.fromCharCode(...new TextEncoder().encode(credentials)) : credentials;
  try {
    return `Basic ${btoa(binary)}`;
  } catch {
    throw invalidOption(`${name} must have characters of Latin-1 only, unless ${name}Encoding is "utf-8"`);
  }
}
