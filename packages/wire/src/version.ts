/**
 * WebSocket subprotocol both ends agree on: QMux draft 02 as the session layer, `hip-1` on top of it.
 *
 * Any change that an older peer would misread gets another name here.
 */
export const SUBPROTOCOL = 'qmux-02.hip-1';

/** Version of the application protocol, as `hello` and `ready` tell it. */
export const PROTOCOL_VERSION = 1;
