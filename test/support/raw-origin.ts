import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { OriginInfo, RawAnswer } from './control-api.ts';

/** A TCP server that answers every request head with the same bytes, whether they are HTTP or not. */
export class RawOrigin {
  readonly id: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(id: string, answer: RawAnswer) {
    this.id = id;
    this.#server = createServer((socket) => this.#serve(socket, answer));
  }

  async start(): Promise<OriginInfo> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return { id: this.id, port: (this.#server.address() as AddressInfo).port };
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket, answer: RawAnswer): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // a peer that resets is what some of these answers are for
    let head = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      head += text;
      if (!head.includes('\r\n\r\n')) return;
      head = '';
      socket.write(answer.bytes, 'latin1', () => {
        if (answer.ending === 'close') socket.end();
        else if (answer.ending === 'reset') socket.resetAndDestroy();
      });
    });
  }
}
