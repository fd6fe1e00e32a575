import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SUBPROTOCOL } from '@hip/wire';
import { type WebSocket, WebSocketServer } from 'ws';

/** A WebSocket server on a free port of the loopback, for one subprotocol. */
export class Loopback {
  readonly url: string;
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/session`;
  }

  /** Listens; `accept` gets each socket at once, before anything can arrive on it. */
  static async listen(accept: (socket: WebSocket) => void): Promise<Loopback> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    server.on('connection', accept);
    await once(server, 'listening');
    return new Loopback(server);
  }

  /** Breaks every connection and stops. */
  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
