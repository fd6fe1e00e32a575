/**
 * What a stream carries: its first byte, a one-byte varint (`hip-1` defines kinds below 64 and demands the shortest
 * form, so one byte decides).
 */
export const STREAM_KINDS = {
  /** The control stream: the first stream of a session, once. */
  control: 0,
  /** One exchange. */
  exchange: 1,
  /** Reserved: a byte relay to host and port. */
  connect: 2,
  /** Reserved: a WebSocket to the origin. */
  websocket: 3,
} as const;

/** What the gateway answers an exchange with: its first byte. */
export const RESULT_KINDS = {
  /** Metadata, then a response. */
  response: 1,
  /** A failure instead of a response. */
  failure: 2,
} as const;
