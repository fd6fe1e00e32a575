/**
 * Frame types QMux takes over from QUIC version 1 (RFC 9000 §19). The types above 2^53 are pairs of their upper 30 and
 * lower 32 bits, since a number cannot hold them.
 *
 * @see draft-ietf-quic-qmux-02 §4
 */
export const FRAME_TYPES = {
  PADDING: 0x00,
  RESET_STREAM: 0x04,
  STOP_SENDING: 0x05,
  /** 0x08 to 0x0f; the low bits are {@link STREAM_OFF}, {@link STREAM_LEN} and {@link STREAM_FIN}. */
  STREAM: 0x08,
  MAX_DATA: 0x10,
  MAX_STREAM_DATA: 0x11,
  MAX_STREAMS_BIDI: 0x12,
  MAX_STREAMS_UNI: 0x13,
  DATA_BLOCKED: 0x14,
  STREAM_DATA_BLOCKED: 0x15,
  STREAMS_BLOCKED_BIDI: 0x16,
  STREAMS_BLOCKED_UNI: 0x17,
  CONNECTION_CLOSE: 0x1c,
  APPLICATION_CLOSE: 0x1d,
} as const;

/** STREAM frame: an Offset field follows. */
export const STREAM_OFF = 0x04;
/** STREAM frame: a Length field follows; without it the content runs to the end of the record. */
export const STREAM_LEN = 0x02;
/** STREAM frame: the content ends here. */
export const STREAM_FIN = 0x01;

/** Upper and lower half of an eight-byte code point. */
export interface WideCode {
  readonly high: number;
  readonly low: number;
}

/** QX_TRANSPORT_PARAMETERS, 0x3f5153300d0a0d0a (draft-ietf-quic-qmux-02 §4.2). */
export const QX_TRANSPORT_PARAMETERS: WideCode = { high: 0x3f515330, low: 0x0d0a0d0a };

/** QX_PING that asks, 0x348c67529ef8c7bd (draft-ietf-quic-qmux-02 §4.3). */
export const QX_PING_REQUEST: WideCode = { high: 0x348c6752, low: 0x9ef8c7bd };

/** QX_PING that answers, 0x348c67529ef8c7be. */
export const QX_PING_RESPONSE: WideCode = { high: 0x348c6752, low: 0x9ef8c7be };
