import { SUBPROTOCOL } from '@hip/wire';

/** A channel of Node's `diagnostics_channel`, as far as it is needed here. */
interface Channel {
  subscribe(listener: (message: RequestMessage) => void): void;
  unsubscribe(listener: (message: RequestMessage) => void): void;
}

/** What undici, which has Node's WebSocket, tells of a request that it is about to write. */
interface RequestMessage {
  /** The head as text. */
  readonly headers: string;
  readonly socket: { unref(): void };
}

interface NodeGlobals {
  readonly process?: { getBuiltinModule?(name: string): { channel(name: string): Channel } | undefined };
}

/**
 * Takes from the sockets of sessions that are opened from now on what makes them hold a Node process: a session holds it
 * by a timer, and only while there is something under way. Node's WebSocket has no `unref()`, but undici shows the
 * socket of each request to whoever asks. Does nothing elsewhere.
 *
 * @returns what ends it: other requests of the process need not be shown.
 */
export function unrefSockets(): () => void {
  const { process } = globalThis as NodeGlobals;
  const channel = process
    ?.getBuiltinModule?.('node:diagnostics_channel')
    ?.channel('undici:client:sendHeaders');
  const listener = ({ headers, socket }: RequestMessage): void => {
    if (headers.includes(`sec-websocket-protocol: ${SUBPROTOCOL}`)) socket.unref();
  };
  channel?.subscribe(listener);
  return () => channel?.unsubscribe(listener);
}
