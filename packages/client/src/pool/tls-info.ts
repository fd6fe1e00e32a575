import type { ExchangeResponse } from '../exchange/exchange.ts';

/** The TLS connection a response came on: with the origin, or with an `https:` proxy that requests are forwarded by. */
export interface TlsInfo {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;

  /** Cipher suite by its IANA name. */
  readonly cipher: string;

  /** Whether the peer was verified: its certificate's chain, or its fingerprint. */
  readonly verified: boolean;

  /** Whether the handshake resumed an earlier TLS session. */
  readonly resumed: boolean;

  /** The peer's certificates in DER, its own first; with {@link TlsOptions.peerCertificates} only. */
  readonly peerCertificates: readonly Uint8Array[] | undefined;
}

/** What the gateway told about TLS; `undefined` where there was none. */
export function tlsInfo({ metadata, peerCertificates }: ExchangeResponse): TlsInfo | undefined {
  const { tlsVersion, tlsCipher, tlsVerified, tlsResumed } = metadata;
  if (tlsVersion === undefined) return undefined;
  return {
    version: tlsVersion,
    cipher: tlsCipher ?? '',
    verified: tlsVerified ?? false,
    resumed: tlsResumed ?? false,
    peerCertificates,
  };
}
