import { isIPv6 } from 'node:net';
import {
  checkFieldLines,
  type Failure,
  type FieldLines,
  MessageError,
  type ProxySettings,
  WIRE_LIMITS,
} from '@hip/wire';
import type { ProxyScheme, ProxyServer } from '../connect/connector.ts';
import type { TlsClient } from '../connect/tls-client.ts';
import { isConnectionSpecific } from './connection-specific-fields.ts';
import { connectTarget } from './pool-key.ts';

/** What a client may set for a proxy, by its scheme, beside host and port. */
interface SchemeRules {
  /** HTTP fields. */
  readonly isHttp: boolean;

  /** TLS with the proxy, and forwarding of `https:` requests. */
  readonly isHttps: boolean;

  readonly credentials: 'none' | 'username' | 'username and password';
}

const SOCKS4: SchemeRules = { isHttp: false, isHttps: false, credentials: 'username' };
const SOCKS5: SchemeRules = { isHttp: false, isHttps: false, credentials: 'username and password' };

const SCHEMES: Readonly<Record<ProxyScheme, SchemeRules>> = {
  http: { isHttp: true, isHttps: false, credentials: 'none' },
  https: { isHttp: true, isHttps: true, credentials: 'none' },
  socks4: SOCKS4,
  socks4a: SOCKS4,
  socks5: SOCKS5,
  socks5h: SOCKS5,
};

/** RFC 1929 §2: the length is one byte. SOCKS4 names no limit, and no user identifier is longer. */
const MAX_CREDENTIAL_BYTES = 255;

/**
 * Fields of which the message's framing or routing is made, beside those about one connection; of the latter
 * `proxy-authorization` is what fields for a proxy are for.
 */
const FRAMING: ReadonlySet<string> = new Set(['host', 'content-length', 'expect', 'trailer']);

/**
 * Makes a proxy a client has declared ready for use. A setting for which nothing would be done is refused, because it
 * could be one that protects.
 *
 * @param tls - from `settings.tls`.
 */
export function compileProxy(settings: ProxySettings, tls: TlsClient): ProxyServer | Failure {
  const { scheme, host, port, headers = [], username, password } = settings;
  if (!isProxyScheme(scheme))
    return refused(`scheme must be one of ${Object.keys(SCHEMES).join(', ')}${shown(scheme)}`);
  if (port < 1 || port > 65_535) return refused(`port must be 1 to 65535, got ${port}`);
  const target = connectTarget('http', isIPv6(host) ? `[${host}]` : host);
  if (target === undefined || host.includes(':') !== isIPv6(host))
    return refused('host must be a name or an address, without brackets and port');
  const fault =
    schemeFault(settings, SCHEMES[scheme]) ??
    credentialFault('username', username) ??
    credentialFault('password', password) ??
    headersFault([...headers]);
  if (fault !== undefined) return refused(fault);
  return { scheme, host: target.host, port, headers: [...headers], username, password, tls };
}

function isProxyScheme(scheme: string): scheme is ProxyScheme {
  return Object.hasOwn(SCHEMES, scheme);
}

/** What was asked for that a proxy of this scheme knows nothing of. */
function schemeFault(
  settings: ProxySettings,
  { isHttp, isHttps, credentials }: SchemeRules,
): string | undefined {
  const { username, password, headers, tls, useForwardingForHttps } = settings;
  if (credentials === 'none' && (username !== undefined || password !== undefined))
    return 'username and password are for SOCKS proxies; an HTTP proxy gets them in headers, as Proxy-Authorization';
  if (credentials === 'username' && password !== undefined)
    return 'password must be absent: SOCKS4 has none, only a username';
  if (credentials === 'username' && username?.includes('\0'))
    return 'username must not hold NUL, which ends it in SOCKS4';
  if (credentials === 'username and password' && (username === undefined) !== (password === undefined))
    return 'username and password must be given together (RFC 1929)';
  if (!isHttp && headers !== undefined && headers.length > 0)
    return 'headers must be absent: a SOCKS proxy has none';
  if (!isHttps && tls !== undefined && Object.keys(tls).length > 0)
    return 'tls must be absent: only an https proxy has it';
  // With an http proxy it is ignored, as in urllib3: what is left is CONNECT, which shows the proxy less.
  if (!isHttp && useForwardingForHttps === true)
    return 'useForwardingForHttps must be absent: a SOCKS proxy forwards no requests';
  return undefined;
}

function credentialFault(name: 'username' | 'password', value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const length = Buffer.byteLength(value);
  if (length >= 1 && length <= MAX_CREDENTIAL_BYTES) return undefined;
  return `${name} must have 1 to ${MAX_CREDENTIAL_BYTES} bytes in UTF-8 (RFC 1929), got ${length}`;
}

function headersFault(headers: FieldLines): string | undefined {
  try {
    checkFieldLines(headers, 'header');
  } catch (error) {
    if (error instanceof MessageError) return `headers: ${error.message}`;
    throw error;
  }
  let bytes = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    bytes += name.length + (headers[at + 1] as string).length;
    if (
      name.startsWith(':') ||
      FRAMING.has(name) ||
      (isConnectionSpecific(name) && name !== 'proxy-authorization')
    )
      return `headers must not hold ${name}: the gateway frames and routes messages to the proxy`;
  }
  if (bytes <= WIRE_LIMITS.maxHeadBytes) return undefined;
  return `headers must have at most ${WIRE_LIMITS.maxHeadBytes} bytes, got ${bytes}`;
}

/** A scheme that looks like none may be a secret in the wrong place. */
function shown(scheme: string): string {
  return /^[a-z][a-z0-9+.-]{0,15}$/i.test(scheme) ? `, got ${scheme}` : '';
}

function refused(fault: string): Failure {
  return { name: 'unsupported_option', detail: `proxy.${fault}` };
}
