import type { ProxyOptions } from './proxy-options.ts';
import type { TlsOptions } from './tls-options.ts';

/** How connections are made: what separates pools beside the origin. */
export interface ConnectionOptions extends TlsOptions, ProxyOptions {}

/** The same for some requests only: `undefined` leaves an option as it is, `null` takes it away. */
export type ConnectionOverrides = {
  readonly [Name in keyof ConnectionOptions]?: ConnectionOptions[Name] | null | undefined;
};

/** Options of TLS with a peer, whoever it is, by name. */
export const TLS_OPTIONS = [
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
] as const satisfies readonly (keyof ConnectionOptions)[];

/** {@link ConnectionOptions} by name. */
export const CONNECTION_OPTIONS = [
  ...TLS_OPTIONS,
  'peerCertificates',
  'proxy',
  'proxyHeaders',
  'useForwardingForHttps',
  'proxyAssertHostname',
  'proxyAssertFingerprint',
  'proxyTls',
] as const satisfies readonly (keyof ConnectionOptions)[];
