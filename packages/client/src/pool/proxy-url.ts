import { invalidOption, LocationParseError, ProxySchemeUnknown } from '../errors.ts';

/** Where a proxy is, and who asks it. */
export interface ProxyAddress {
  readonly scheme: string;
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Schemes of proxies that speak HTTP, and their ports. */
const HTTP_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Schemes of SOCKS proxies, and their port (PySocks' default). */
const SOCKS_PORTS: Readonly<Record<string, number>> = {
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
};

/** Whether a scheme is one of SOCKS. */
export function isSocks(scheme: string): boolean {
  return Object.hasOwn(SOCKS_PORTS, scheme);
}

/**
 * The URL of an HTTP proxy.
 *
 * @throws {@link ProxySchemeUnknown} for another scheme or none; {@link LocationParseError}; {@link InvalidRequestError}
 * when it has parts that would be ignored.
 */
export function parseHttpProxy(proxy: string | URL): ProxyAddress {
  const scheme = schemeOf(proxy);
  if (scheme === undefined || !Object.hasOwn(HTTP_PORTS, scheme)) throw unknownHttpScheme(scheme);
  const { url, address } = parse(proxy, scheme, HTTP_PORTS[scheme]);
  if (url.username !== '' || url.password !== '') {
    throw invalidOption(
      'proxy must be a URL without a user name and password: give proxyHeaders: makeHeaders({ proxyBasicAuth: "user:password" })',
    );
  }
  return address;
}

/**
 * The URL of a SOCKS proxy, with the user name and password in it.
 *
 * @throws {@link ProxySchemeUnknown} for another scheme or none; {@link LocationParseError}; {@link InvalidRequestError}
 * when it has parts that would be ignored.
 */
export function parseSocksProxy(proxy: string | URL): ProxyAddress {
  const scheme = schemeOf(proxy);
  if (scheme === undefined || !isSocks(scheme)) {
    throw new ProxySchemeUnknown(
      'invalid_option',
      `Unable to determine SOCKS version from ${scheme ?? 'a URL without a scheme'}, should be ${Object.keys(SOCKS_PORTS).join(', ')}`,
      { scheme },
    );
  }
  const { url, address } = parse(proxy, scheme, SOCKS_PORTS[scheme]);
  const username = decoded(url.username);
  const password = decoded(url.password);
  checkCredentials(scheme, username, password);
  return {
    ...address,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

/** The URL of a proxy of any kind. */
export function parseProxy(proxy: string | URL): ProxyAddress {
  return isSocks(schemeOf(proxy) ?? '') ? parseSocksProxy(proxy) : parseHttpProxy(proxy);
}

/**
 * Refuses credentials of which a proxy would not hear.
 *
 * @throws {@link InvalidRequestError}
 */
export function checkCredentials(scheme: string, username: string, password: string): void {
  if (password === '') return;
  if (username === '') {
    throw invalidOption('password of a SOCKS proxy must come with a username');
  }
  if (!scheme.startsWith('socks4')) return;
  throw invalidOption(`password must be left out with ${scheme}, which has user names only`);
}

/** In urllib3's words. */
function unknownHttpScheme(scheme: string | undefined): ProxySchemeUnknown {
  return new ProxySchemeUnknown(
    'invalid_option',
    scheme === undefined
      ? 'Proxy URL had no scheme, should start with http:// or https://'
      : `Proxy URL had unsupported scheme ${scheme}, should use http:// or https://`,
    { scheme },
  );
}

function schemeOf(proxy: string | URL): string | undefined {
  // What comes before a colon alone is a host, or a user name.
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(String(proxy).trim())?.[1]?.toLowerCase();
}

function parse(
  proxy: string | URL,
  scheme: string,
  defaultPort: number | undefined,
): { url: URL; address: ProxyAddress } {
  const rest = String(proxy).trim().slice(scheme.length);
  // As an http: URL, so that names are treated as everywhere.
  const url = /^:\/\/[^/]/.test(rest) && URL.canParse(`http${rest}`) ? new URL(`http${rest}`) : undefined;
  // That leaves 80 out, which an https: URL tells.
  const port = Number(url?.port || (url && new URL(`https${rest}`).port) || defaultPort);
  if (url === undefined || port === 0) {
    throw new LocationParseError(
      'invalid_option',
      `Failed to parse: proxy must be a URL such as ${scheme}://proxy.example:3128`,
    );
  }
  if (url.pathname + url.search + url.hash !== '/') {
    throw invalidOption('proxy must be a URL of scheme, host and port, without a path, query or fragment');
  }
  return { url, address: { scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new LocationParseError(
      'invalid_option',
      'Failed to parse: user name and password of a proxy must be percent-encoded UTF-8',
    );
  }
}
