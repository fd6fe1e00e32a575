import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { OriginInfo } from '../control-api.ts';
import { Latches } from './latches.ts';
import type { RawConnection, RawProxySetup, RawStep } from './peer-api.ts';
import { type SocksMessage, socksMessageLength } from './socks-message.ts';

/** A TCP server that goes through the same steps with every connection, so that it can answer as no real proxy does. */
export class RawProxy {
  readonly id: string;
  readonly #server: Server;
  readonly #connections: ScriptedConnection[] = [];
  readonly #latches = new Latches();

  constructor(id: string, { steps }: RawProxySetup) {
    this.id = id;
    this.#server = createServer((socket) => {
      const connection = new ScriptedConnection(socket, this.#latches);
      this.#connections.push(connection);
      void connection.run(steps);
    });
  }

  async start(): Promise<OriginInfo> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return { id: this.id, port: (this.#server.address() as AddressInfo).port };
  }

  connections(): RawConnection[] {
    return this.#connections.map(({ received, isOpen }) => ({ received, isOpen }));
  }

  release(latch: string): void {
    this.#latches.release(latch);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}

class ScriptedConnection {
  readonly #socket: Socket;
  readonly #latches: Latches;
  readonly #closed = new AbortController();
  /** The socket, or TLS on it. */
  #stream: Socket;
  /** What has come and no step has taken. */
  #bytes = Buffer.alloc(0);
  #arrived = Promise.withResolvers<void>();
  received = '';

  constructor(socket: Socket, latches: Latches) {
    this.#socket = socket;
    this.#stream = socket;
    this.#latches = latches;
    socket.on('error', () => {}); // a client that resets is what some of these answers are for
    socket.once('close', () => this.#closed.abort());
  }

  get isOpen(): boolean {
    return !this.#closed.signal.aborted;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends early when the client does. */
  async run(steps: readonly RawStep[]): Promise<void> {
    const aborted = once(this.#closed.signal, 'abort');
    if (!(steps[0] && 'tls' in steps[0])) this.#stream.on('data', this.#take);
    for (const step of steps) {
      // A step that fails does so because the client has gone.
      await Promise.race([this.#perform(step).catch(() => this.destroy()), aborted]);
      if (!this.isOpen) return;
    }
  }

  #perform(step: RawStep): Promise<void> {
    if ('read' in step) return this.#read(step.read);
    if ('write' in step) return this.#write(Buffer.from(step.write, 'latin1'), step.times ?? 1);
    if ('wait' in step) return this.#latches.passed(step.wait);
    if ('tls' in step) return this.#startTls(step.tls.chain, step.tls.key);
    if ('relayTo' in step) return this.#relay(step.relayTo);
    if ('relayHeadTo' in step) return this.#relayHead(step.relayHeadTo);
    return this.#end(step.end);
  }

  async #read(what: number | 'head' | SocksMessage): Promise<void> {
    for (;;) {
      const length = lengthOf(what, this.#bytes);
      if (length !== undefined) {
        this.#bytes = this.#bytes.subarray(length);
        return;
      }
      await this.#arrived.promise;
    }
  }

  async #write(bytes: Buffer, times: number): Promise<void> {
    for (let written = 0; written < times; written++) {
      if (!this.#stream.write(bytes)) await once(this.#stream, 'drain', { signal: this.#closed.signal });
    }
  }

  async #startTls(cert: string, key: string): Promise<void> {
    this.#stream.off('data', this.#take).pause();
    if (this.#bytes.length > 0) this.#socket.unshift(this.#bytes);
    this.#bytes = Buffer.alloc(0);
    this.received = '';
    const secureContext = createSecureContext({ cert, key });
    this.#stream = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#stream.on('error', () => {}).on('data', this.#take);
    await once(this.#stream, 'secure', { signal: this.#closed.signal });
  }

  async #relay(port: number): Promise<void> {
    this.#stream.off('data', this.#take);
    const target = this.#connect(port);
    target.write(this.#bytes);
    this.#stream.pipe(target).pipe(this.#stream);
  }

  async #relayHead(port: number): Promise<void> {
    await this.#read('head');
    const target = this.#connect(port);
    target.write(this.received.slice(0, this.received.indexOf('\r\n\r\n') + 4), 'latin1');
    target.pipe(this.#stream);
  }

  /** Whoever of the two goes takes the other along. */
  #connect(port: number): Socket {
    const target = connect(port, '127.0.0.1');
    target.on('error', () => this.destroy()).once('close', () => this.destroy());
    this.#closed.signal.addEventListener('abort', () => target.destroy());
    return target;
  }

  async #end(how: 'close' | 'reset'): Promise<void> {
    if (how === 'close') this.#stream.end();
    else this.#socket.resetAndDestroy();
  }

  readonly #take = (chunk: Buffer): void => {
    this.received += chunk.toString('latin1');
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers<void>();
  };
}

function lengthOf(what: number | 'head' | SocksMessage, bytes: Buffer): number | undefined {
  if (typeof what === 'number') return bytes.length >= what ? what : undefined;
  if (what !== 'head') return socksMessageLength(what, bytes);
  const end = bytes.indexOf('\r\n\r\n');
  return end < 0 ? undefined : end + 4;
}
