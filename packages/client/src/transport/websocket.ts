import { SUBPROTOCOL } from '@hip/wire';
import { unrefSockets } from './node-socket.ts';
import type { Transport, TransportHandler } from './transport.ts';

/** Close code "normal closure" (RFC 6455 §7.4.1): why a session ended is told in its own frame before. */
const NORMAL_CLOSURE = 1000;

/** Longest close reason, in bytes (RFC 6455 §5.5: a control frame carries 125, two of them the code). */
const MAX_REASON_BYTES = 123;

/** Opens a WebSocket that carries a session: one record per binary message. */
export function openWebSocket(url: string, handler: TransportHandler): Transport {
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.binaryType = 'arraybuffer';
  const connected = unrefSockets();
  let gone = false;
  const leave = (reason: string): void => {
    if (gone) return;
    gone = true;
    connected();
    handler.closed(reason);
  };

  socket.onopen = () => {
    connected();
    if (socket.protocol === SUBPROTOCOL) {
      handler.opened();
      return;
    }
    socket.close();
    leave(`the server does not speak ${SUBPROTOCOL}`);
  };
  socket.onmessage = (event: MessageEvent) => {
    if (gone) return;
    if (event.data instanceof ArrayBuffer) handler.record(new Uint8Array(event.data));
    else leave('the server sent text, which no session does');
  };
  socket.onclose = (event: CloseEvent) => {
    const reason = event.reason === '' ? '' : `: ${event.reason}`;
    leave(`the WebSocket closed with code ${event.code}${reason}`);
  };

  return {
    name: 'websocket',
    send: (record) => socket.send(record),
    get bufferedBytes() {
      return socket.bufferedAmount ?? 0;
    },
    close: (reason) => socket.close(NORMAL_CLOSURE, reason.slice(0, MAX_REASON_BYTES / 3)),
  };
}
