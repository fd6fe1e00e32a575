import { HTTPHeaderDict } from './pool/http-header-dict.ts';
import type { PoolManagerOptions } from './pool/pool-options.ts';
import { proxyHeaderLines } from './pool/proxy-settings.ts';
import { parseHttpProxy } from './pool/proxy-url.ts';
import { PoolManager } from './pool-manager.ts';

/** Options of a {@link ProxyManager}. */
export type ProxyManagerOptions = Omit<PoolManagerOptions, 'proxy'>;

/**
 * A {@link PoolManager} whose requests go through an HTTP proxy, as urllib3's `ProxyManager`: those to `http:` origins are
 * forwarded by it, those to `https:` origins go through a tunnel that it opens (CONNECT). A proxy that fails never becomes
 * a direct connection. It is the gateway that goes to the proxy: its policy must allow that.
 *
 * @example
 * ```ts
 * const http = new ProxyManager('http://proxy.example:3128', {
 *   proxyHeaders: makeHeaders({ proxyBasicAuth: 'user:password' }),
 * });
 * const response = await http.request('GET', 'https://origin.example/');
 * console.log(response.status);
 * await http.close();
 * ```
 */
export class ProxyManager extends PoolManager {
  /** The proxy's URL. */
  readonly proxy: URL;

  /** What is sent to the proxy with each CONNECT and each request forwarded. */
  readonly proxyHeaders: HTTPHeaderDict;

  /**
   * Opens nothing until the first request.
   *
   * @param proxyUrl - `http:` or `https:`, without a user name: `makeHeaders({ proxyBasicAuth })` is for that. Its port is
   * 80 or 443 when left out.
   * @throws {@link ProxySchemeUnknown}; {@link LocationParseError}; {@link InvalidRequestError} when an option cannot be
   * honoured.
   */
  constructor(proxyUrl: string | URL, options: ProxyManagerOptions = {}) {
    const { scheme, host, port } = parseHttpProxy(proxyUrl);
    const proxy = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`);
    super({ ...options, proxy });
    this.proxy = proxy;
    this.proxyHeaders = HTTPHeaderDict.fromLines(proxyHeaderLines(options.proxyHeaders));
  }
}

/**
 * A {@link ProxyManager} for a URL (urllib3's `proxy_from_url()`).
 *
 * @throws as {@link ProxyManager}.
 */
export function proxyFromUrl(url: string | URL, options: ProxyManagerOptions = {}): ProxyManager {
  return new ProxyManager(url, options);
}
