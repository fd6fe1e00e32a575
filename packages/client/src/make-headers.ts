import { InvalidRequestError } from './errors.ts';

/** How the characters of a user name and password become bytes. */
export type CredentialEncoding = 'latin-1' | 'utf-8';

/** What {@link makeHeaders} makes headers of. */
export interface HeaderShortcuts {
  /** `connection: keep-alive`. */
  keepAlive?: boolean;

  /** `accept-encoding`, as it is or as a list. */
  acceptEncoding?: string | readonly string[];

  /** `user-agent`. */
  userAgent?: string;

  /** `authorization` of basic authentication (RFC 7617): `user:password`. */
  basicAuth?: string;

  /** `proxy-authorization` of basic authentication: `user:password`. For `proxyHeaders`. */
  proxyBasicAuth?: string;

  /** `cache-control: no-cache`. */
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
 * Headers for common wishes, as urllib3's `make_headers()`. Names are in lower case.
 *
 * @throws {@link InvalidRequestError} when a user name or password has a character that its encoding has not.
 */
export function makeHeaders(shortcuts: HeaderShortcuts = {}): Record<string, string> {
  const { keepAlive, acceptEncoding, userAgent, basicAuth, proxyBasicAuth, disableCache } = shortcuts;
  const headers: Record<string, string> = {};
  if (acceptEncoding !== undefined) {
    headers['accept-encoding'] =
      typeof acceptEncoding === 'string' ? acceptEncoding : acceptEncoding.join(',');
  }
  if (userAgent !== undefined) headers['user-agent'] = userAgent;
  if (keepAlive) headers['connection'] = 'keep-alive';
  if (basicAuth !== undefined) {
    headers['authorization'] = basic('basicAuth', basicAuth, shortcuts.basicAuthEncoding);
  }
  if (proxyBasicAuth !== undefined) {
    headers['proxy-authorization'] = basic(
      'proxyBasicAuth',
      proxyBasicAuth,
      shortcuts.proxyBasicAuthEncoding,
    );
  }
  if (disableCache) headers['cache-control'] = 'no-cache';
  return headers;
}

function basic(name: string, credentials: string, encoding: CredentialEncoding = 'latin-1'): string {
  // btoa() takes a character for a byte, which is Latin-1.
  const binary =
    encoding === 'utf-8' ? String.fromCharCode(...new TextEncoder().encode(credentials)) : credentials;
  try {
    return `Basic ${btoa(binary)}`;
  } catch {
    throw new InvalidRequestError(
      'invalid_option',
      `${name} must have characters of Latin-1 only, unless ${name}Encoding is "utf-8"`,
    );
  }
}
