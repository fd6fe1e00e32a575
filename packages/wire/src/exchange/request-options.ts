import { WireError } from '../errors.ts';
import { PROTOCOL_VIOLATION } from '../transport-error.ts';
import type { FieldTable, FieldValues } from './field-table.ts';

/**
 * What a client may ask of the gateway for one exchange. Times in milliseconds; the gateway's own limits hold as well,
 * and alone where a time is 0 or absent.
 */
export const REQUEST_OPTIONS = {
  /** Until a connection to the origin is usable: name resolution, TCP and TLS. urllib3's connect timeout. */
  connectTimeoutMs: { id: 1, type: 'integer' },
  /** Longest silence of the origin while a response is awaited or read. urllib3's read timeout. */
  readTimeoutMs: { id: 2, type: 'integer' },
  /** Wait for a slot of a pool with `block`. urllib3's `pool_timeout`. */
  poolTimeoutMs: { id: 3, type: 'integer' },
  /** Whether the response's metadata is to hold the peer's certificates. */
  peerCertificates: { id: 4, type: 'boolean' },
  /**
   * Until a connection is usable, and from then on for silence what is left of it when the request has been sent, where that
   * is less than the two timeouts above. urllib3's `total`: it begins with connecting, and does not limit the content.
   */
  totalTimeoutMs: { id: 5, type: 'integer' },
} as const satisfies FieldTable;

/** Values of {@link REQUEST_OPTIONS}. */
export type RequestOptions = FieldValues<typeof REQUEST_OPTIONS>;

/**
 * Refuses an option this version does not know: one that is ignored could be one that protects (RFC 9292 has no say
 * here; the rule is ours).
 */
export class UnknownOptionError extends WireError {
  override readonly name: string = 'UnknownOptionError';

  /** @param id - the identifier that came. */
  constructor(id: number) {
    super(PROTOCOL_VIOLATION, `request option ${id} is not known to this version`);
  }
}
