/**
 * Frame types QMux takes over from QUIC version 1 (RFC 9000 §19), `FRAME_TYPES` where they are used. The types above 2^53
 * are pairs of their upper 30 and lower 32 bits, since a number cannot hold them.
 *
 * @see draft-ietf-quic-qmux-02 §4
 * @module
 */

export const PADDING = 0x00;
export const RESET_STREAM = 0x04;
export const STOP_SENDING = 0x05;
/** 0x08 to 0x0f; the low bits are {@link STREAM_OFF}, {@link STREAM_LEN} and {@link STREAM_FIN}. */
export const STREAM = 0x08;
export const MAX_DATA = 0x10;
export const MAX_STREAM_DATA = 0x11;
export const MAX_STREAMS_BIDI = 0x12;
export const MAX_STREAMS_UNI = 0x13;
export const DATA_BLOCKED = 0x14;
export const STREAM_DATA_BLOCKED = 0x15;
export const STREAMS_BLOCKED_BIDI = 0x16;
export const STREAMS_BLOCKED_UNI = 0x17;
export const CONNECTION_CLOSE = 0x1c;
export const APPLICATION_CLOSE = 0x1d;

/** STREAM frame: an Offset field follows. */
export const STREAM_OFF = 0x04;
/** STREAM frame: a Length field follows; without it the content runs to the end of the record. */
export const STREAM_LEN = 0x02;
/** STREAM frame: the content ends here. */
export const STREAM_FIN = 0x01;

/** Upper half of QX_TRANSPORT_PARAMETERS, 0x3f5153300d0a0d0a (draft-ietf-quic-qmux-02 §4.2). */
export const QX_TRANSPORT_PARAMETERS_HIGH = 0x3f515330;
/** Its lower half. */
export const QX_TRANSPORT_PARAMETERS_LOW = 0x0d0a0d0a;

/** Upper half of both types of QX_PING (draft-ietf-quic-qmux-02 §4.3). */
export const QX_PING_HIGH = 0x348c6752;
/** Lower half of the one that asks, 0x348c67529ef8c7bd. */
export const QX_PING_REQUEST_LOW = 0x9ef8c7bd;
/** Lower half of the one that answers, 0x348c67529ef8c7be. */
export const QX_PING_RESPONSE_LOW = 0x9ef8c7be;
