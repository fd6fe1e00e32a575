import type { RequestDefaults } from './options.ts';
import type { ProxyOptions } from './proxy-options.ts';
import type { TlsOptions } from './tls-options.ts';

/** How connections are made: what separates pools beside the origin. */
export interface ConnectionOptions extends TlsOptions, ProxyOptions {}

/** The same for some requests only: `undefined` leaves an option as it is, `null` takes it away. */
export type ConnectionOverrides = {
  readonly [Name in keyof ConnectionOptions]?: ConnectionOptions[Name] | null | undefined;
};

/**
 * What a pool of a manager has of its own (urllib3's `pool_kwargs`): `undefined` leaves the manager's option as it is,
 * `null` takes it away.
 */
export interface PoolKwargs extends ConnectionOverrides, RequestDefaults {
  /** As {@link PoolOptions.maxsize}. */
  readonly maxsize?: number | null | undefined;

  /** As {@link PoolOptions.block}. */
  readonly block?: boolean | null | undefined;
}

/** {@link ConnectionOptions} by name. */
export const CONNECTION_OPTIONS = [
  'certReqs',
  'caCerts',
  'certFile',
  'keyFile',
  'keyPassword',
  'pfx',
  'identity',
  'serverHostname',
  'assertHostname',
  'assertFingerprint',
  'sslMinimumVersion',
  'sslMaximumVersion',
  'ciphers',
  'alpnProtocols',
  'peerCertificates',
  'proxy',
  'proxyHeaders',
  'useForwardingForHttps',
  'proxyAssertHostname',
  'proxyAssertFingerprint',
  'proxyTls',
] as const satisfies readonly (keyof ConnectionOptions)[];
