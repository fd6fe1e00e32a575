import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { OriginInfo } from './control-api.ts';

/**
 * A TCP relay in front of a server, which can lose what goes through it: from then on both ends of its connections hear
 * nothing more of each other, not even that they have closed, as behind a NAT that has forgotten them.
 */
export class Relay {
  readonly id: string;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #lost = new Set<Socket>();

  /** @param port - of the server, on loopback. */
  constructor(id: string, port: number) {
    this.id = id;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#relay(socket, port));
  }

  async start(): Promise<OriginInfo> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return { id: this.id, port: (this.#server.address() as AddressInfo).port };
  }

  /** Loses the connections of now; further ones are relayed. */
  lose(): void {
    for (const pair of this.#pairs) for (const socket of pair) this.#lost.add(socket);
    this.#pairs.clear();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of [...this.#lost, ...[...this.#pairs].flat()]) socket.destroy();
    await closed;
  }

  #relay(near: Socket, port: number): void {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#pass(near, far);
    this.#pass(far, near);
    const gone = (): void => {
      if (this.#lost.has(near)) return;
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.once('close', gone);
    far.once('close', gone);
  }

  #pass(from: Socket, to: Socket): void {
    from.on('error', () => {}); // 'close' follows
    // What is lost is still read: the sender's kernel goes on taking bytes.
    from.on('data', (bytes) => void (this.#lost.has(from) || to.write(bytes)));
    from.on('end', () => void (this.#lost.has(from) || to.end()));
  }
}
