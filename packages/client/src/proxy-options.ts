import type { HeadersSource } from './options.ts';
import type { TlsOptions } from './tls-options.ts';

/** TLS toward a proxy. */
export type ProxyTlsOptions = Omit<TlsOptions, 'peerCertificates'>;

/** What a {@link ProxyManager} knows of its proxy beside where it is. */
export interface ProxySettingsOptions {
  /**
   * Sent with each CONNECT and each request forwarded, never to an origin behind a tunnel. `makeHeaders({
   * proxyBasicAuth: 'user:password' })` makes those of basic authentication.
   *
   * @defaultValue none
   * @see urllib3 `proxy_headers`
   */
  proxyHeaders?: HeadersSource;

  /**
   * Whether an `https:` proxy gets requests to `https:` origins as they are, and does TLS with the origin itself. It
   * then sees all of them. An `http:` proxy is always asked for a tunnel.
   *
   * @defaultValue false
   * @see urllib3 `use_forwarding_for_https`
   */
  useForwardingForHttps?: boolean;

  /**
   * As {@link TlsOptions.assertHostname}, for the certificate of an `https:` proxy.
   *
   * @defaultValue the proxy's host
   * @see urllib3 `proxy_assert_hostname`
   */
  proxyAssertHostname?: string | false;

  /**
   * As {@link TlsOptions.assertFingerprint}, for the certificate of an `https:` proxy.
   *
   * @defaultValue none
   * @see urllib3 `proxy_assert_fingerprint`
   */
  proxyAssertFingerprint?: string;

  /**
   * TLS toward an `https:` proxy.
   *
   * @defaultValue what is given for origins as `certReqs`, `caCerts`, `ciphers` and versions; a client's certificate never
   * @see urllib3 `proxy_ssl_context`
   */
  proxyTls?: ProxyTlsOptions;
}

/**
 * A proxy between the gateway and the origins. One that fails never becomes a direct connection.
 */
export interface ProxyOptions extends ProxySettingsOptions {
  /**
   * URL of the proxy: `http:`, `https:`, `socks4:`, `socks4a:`, `socks5:` or `socks5h:`. Only those of SOCKS may have a
   * user name and password. The other options of a proxy stay with the one they were given with: where a pool or a request
   * names a proxy, it does not inherit those of the manager's, which may hold a password.
   *
   * @defaultValue none: the gateway goes to origins itself
   */
  proxy?: string | URL;
}
