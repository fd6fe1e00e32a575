// What a stream carries: its first byte, a one-byte varint (`hip-1` defines kinds below 64 and demands the shortest form, so
// one byte decides). 2 (a byte relay to host and port) is reserved.

/** First byte of the control stream: the first stream of a session, once. */
export const CONTROL_STREAM = 0;

/** First byte of an exchange. */
export const EXCHANGE_STREAM = 1;

/** First byte of a WebSocket to an origin. */
export const WEBSOCKET_STREAM = 3;

/** First byte of the answer to an exchange: metadata follow, then a response. */
export const RESULT_RESPONSE = 1;

/** First byte of the answer to an exchange: a failure follows, instead of a response. */
export const RESULT_FAILURE = 2;
