import type { FieldLines, ProxySettings, TlsSettings } from '@hip/wire';
import { type ConnectionOptions, TLS_OPTIONS } from '../connection-options.ts';
import { InvalidRequestError, invalidOption } from '../errors.ts';
import type { HeadersSource } from '../options.ts';
import type { TlsOptions } from '../tls-options.ts';
import { checkFlag, checkNames } from './check-options.ts';
import { HTTPHeaderDict } from './http-header-dict.ts';
import { isSocks, parseProxy } from './proxy-url.ts';
import { type ReadCredential, tlsSettings } from './tls-settings.ts';

/** Options of a proxy, beside where it is. */
const PROXY_OPTIONS = [
  'proxyHeaders',
  'useForwardingForHttps',
  'proxyAssertHostname',
  'proxyAssertFingerprint',
  'proxyTls',
] as const satisfies readonly (keyof ConnectionOptions)[];

/** What only TLS with a proxy can honour. */
const PROXY_TLS_OPTIONS = ['proxyAssertHostname', 'proxyAssertFingerprint', 'proxyTls'] as const;

/**
 * What a proxy's TLS takes over from the origins' when `proxyTls` is left out (urllib3's `_connect_tls_proxy`): how to
 * verify, never who the client is or whom it expects.
 */
const INHERITED = [
  'certReqs',
  'caCerts',
  'sslMinimumVersion',
  'sslMaximumVersion',
  'ciphers',
] as const satisfies readonly (keyof TlsOptions)[];

/**
 * The options of a proxy as they stand on the wire; `undefined` when there is none.
 *
 * @throws {@link InvalidRequestError} naming the option that cannot be honoured; what `read` throws.
 */
export async function proxySettings(
  options: ConnectionOptions,
  read: ReadCredential,
): Promise<ProxySettings | undefined> {
  if (options.proxy === undefined) {
    refuse(options, PROXY_OPTIONS, 'a proxy');
    return undefined;
  }
  const address = parseProxy(checkUrl(options.proxy));
  if (isSocks(address.scheme)) {
    refuse(options, PROXY_OPTIONS, 'an http: or https: proxy');
    return address;
  }
  if (address.scheme !== 'https') refuse(options, PROXY_TLS_OPTIONS, 'an https: proxy');
  const headers = proxyHeaderLines(options.proxyHeaders);
  const useForwardingForHttps = checkFlag('useForwardingForHttps', options.useForwardingForHttps, false);
  const tls = address.scheme === 'https' ? await proxyTlsSettings(options, read) : undefined;
  return {
    ...address,
    ...(headers.length === 0 ? {} : { headers }),
    ...(useForwardingForHttps ? { useForwardingForHttps } : {}),
    ...(tls === undefined ? {} : { tls }),
  };
}

/**
 * The lines of `proxyHeaders`.
 *
 * @throws {@link InvalidRequestError} naming the header that cannot be sent, never its value.
 */
export function proxyHeaderLines(source: HeadersSource | undefined): FieldLines {
  const lines = new HTTPHeaderDict(source).toLines();
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    // RFC 9110 §5.6.2 and §5.5.
    const isName = /^[!#$%&'*+.^_`|~\w-]+$/.test(name);
    if (isName && /^[\t\x20-\x7e\x80-\xff]*$/.test(lines[i + 1] as string)) continue;
    throw new InvalidRequestError(
      'invalid_option',
      `proxyHeaders must be names and values as HTTP has them, got ${isName ? `another value of ${name}` : 'a name that is none'}`,
    );
  }
  return lines;
}

function proxyTlsSettings(
  options: ConnectionOptions,
  read: ReadCredential,
): Promise<TlsSettings | undefined> {
  const { proxyTls, proxyAssertHostname, proxyAssertFingerprint } = options;
  const tls: Record<string, unknown> = {};
  const names: Record<string, string> = {};
  if (proxyTls === undefined) for (const name of INHERITED) tls[name] = options[name];
  else if (typeof proxyTls !== 'object' || proxyTls === null) {
    throw invalidOption(`proxyTls must be an object, got ${typeof proxyTls}`);
  } else {
    checkNames('proxyTls', proxyTls, TLS_OPTIONS);
    for (const name of TLS_OPTIONS) {
      tls[name] = proxyTls[name];
      names[name] = `proxyTls.${name}`;
    }
  }
  if (proxyAssertHostname !== undefined) {
    tls['assertHostname'] = proxyAssertHostname;
    names['assertHostname'] = 'proxyAssertHostname';
  }
  if (proxyAssertFingerprint !== undefined) {
    tls['assertFingerprint'] = proxyAssertFingerprint;
    names['assertFingerprint'] = 'proxyAssertFingerprint';
  }
  return tlsSettings(tls, read, (name) => names[name] ?? name);
}

function checkUrl(proxy: unknown): string | URL {
  if (typeof proxy === 'string' || proxy instanceof URL) return proxy;
  throw invalidOption(`proxy must be a URL or null, got ${typeof proxy}`);
}

/** An option that nobody would honour could be one that protects. */
function refuse(
  options: ConnectionOptions,
  names: readonly (keyof ConnectionOptions)[],
  needed: string,
): void {
  const name = names.find((each) => options[each] !== undefined);
  if (name === undefined) return;
  throw invalidOption(`${name} needs ${needed}`);
}
