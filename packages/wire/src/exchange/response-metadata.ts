import type { FieldTable, FieldValues } from './field-table.ts';

/** What the gateway tells about the connection a response came on. A client skips fields it does not know. */
export const RESPONSE_METADATA = {
  /** Number of the connection, unique within the gateway process. */
  connectionId: { id: 1, type: 'integer' },
  /** Whether the connection had served a request before. */
  reused: { id: 2, type: 'boolean' },
  /** HTTP version spoken with the origin: `1.1` or `2`. */
  httpVersion: { id: 3, type: 'text' },
  /** Reason phrase of the status line (RFC 9112 §4), which RFC 9292 does not carry. */
  reason: { id: 4, type: 'text' },
  /** Connections the pool has made so far (urllib3's `num_connections`). */
  numConnections: { id: 5, type: 'integer' },
  /** Requests the pool has begun so far (urllib3's `num_requests`). */
  numRequests: { id: 6, type: 'integer' },
  /** Wait for a connection, in microseconds. */
  queueUs: { id: 7, type: 'integer' },
  /** Making the connection, in microseconds; 0 when it was reused. */
  connectUs: { id: 8, type: 'integer' },
  /** From the request's first byte to the response's first head, in microseconds. */
  waitUs: { id: 9, type: 'integer' },
  /** TLS version of the connection, `TLSv1.2` or `TLSv1.3`; this to `peerCertificates` only where there is TLS. */
  tlsVersion: { id: 10, type: 'text' },
  /** Cipher suite by its IANA name. */
  tlsCipher: { id: 11, type: 'text' },
  /** Whether the peer was verified: its certificate's chain, or its fingerprint. */
  tlsVerified: { id: 12, type: 'boolean' },
  /** Whether the handshake resumed an earlier TLS session (RFC 8446 §2.2). */
  tlsResumed: { id: 13, type: 'boolean' },
  /** The peer's certificates in DER, its own first, each after its length; when the request asks for them. */
  peerCertificates: { id: 14, type: 'bytes' },
  /** Name resolution, in microseconds: a part of `connectUs`. This and `tlsUs` only where the connection was made. */
  resolveUs: { id: 15, type: 'integer' },
  /** TLS handshake with the origin, in microseconds: a part of `connectUs`. */
  tlsUs: { id: 16, type: 'integer' },
  /** From the request's first byte to its last, in microseconds; only of content that went on arriving and left before the response. */
  sendUs: { id: 17, type: 'integer' },
} as const satisfies FieldTable;

/** Values of {@link RESPONSE_METADATA}. */
export type ResponseMetadata = FieldValues<typeof RESPONSE_METADATA>;
