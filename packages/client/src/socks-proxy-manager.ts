import { invalidOption } from './errors.ts';
import type { PoolManagerOptions } from './pool/pool-options.ts';
import { checkCredentials, parseSocksProxy } from './pool/proxy-url.ts';
import { PoolManager } from './pool-manager.ts';
import type { ProxyOptions } from './proxy-options.ts';

/** Options of a {@link SOCKSProxyManager}. */
export interface SOCKSProxyManagerOptions extends Omit<PoolManagerOptions, keyof ProxyOptions> {
  /**
   * User name, in place of the one in the URL.
   *
   * @defaultValue that of the URL
   */
  username?: string;

  /**
   * Password, in place of the one in the URL. SOCKS4 has none.
   *
   * @defaultValue that of the URL
   */
  password?: string;
}

/**
 * A {@link PoolManager} whose requests go through a SOCKS proxy, as urllib3's. With `socks5h:` and `socks4a:` the proxy
 * resolves the names of origins, with `socks5:` and `socks4:` the gateway does. A proxy that fails never becomes a direct
 * connection. It is the gateway that goes to the proxy: its policy must allow that.
 *
 * @example
 * ```ts
 * const http = new SOCKSProxyManager('socks5h://user:password@proxy.example:1080');
 * const response = await http.request('GET', 'https://origin.example/');
 * console.log(response.status);
 * await http.close();
 * ```
 */
export class SOCKSProxyManager extends PoolManager {
  /**
   * Opens nothing until the first request.
   *
   * @param proxyUrl - `socks4:`, `socks4a:`, `socks5:` or `socks5h:`. A user name and password in it are percent-encoded.
   * Its port is 1080 when left out.
   * @throws {@link ProxySchemeUnknown}; {@link LocationParseError}; {@link InvalidRequestError} when an option cannot be
   * honoured.
   */
  constructor(proxyUrl: string | URL, options: SOCKSProxyManagerOptions = {}) {
    const { username, password, ...others } = options;
    const address = parseSocksProxy(proxyUrl);
    const user = checkText('username', username);
    const pass = checkText('password', password);
    // urllib3 takes no part of the URL's when one is given here, and sends none of a password that only stands there.
    if (user !== undefined && pass === undefined && address.password !== undefined) {
      throw invalidOption(
        'password must be given with username, since that takes the place of both in the URL',
      );
    }
    const isGiven = user !== undefined || pass !== undefined;
    const as = isGiven
      ? { username: user ?? '', password: pass ?? '' }
      : { username: '', password: '', ...address };
    checkCredentials(address.scheme, as.username, as.password);
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    const credentials = `${encodeURIComponent(as.username)}:${encodeURIComponent(as.password)}`;
    super({
      ...others,
      proxy: `${address.scheme}://${credentials === ':' ? '' : `${credentials}@`}${host}:${address.port}`,
    });
  }
}

function checkText(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw invalidOption(`${name} must be a text, got ${typeof value}`);
}
