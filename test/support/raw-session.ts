import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Gateway } from './control.ts';
import { context, controlStream, generousParameters, hello, stream } from './raw-frames.ts';

const SUBPROTOCOL = 'qmux-02.hip-1';

/** A WebSocket to the gateway that sends whatever it is told to, also what no client would. */
export class RawSession {
  readonly #socket: WebSocket;
  readonly #records: Buffer[] = [];
  readonly #closed: Promise<{ code: number }>;
  #lastSent: Promise<void> = Promise.resolve();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (record: Buffer) => this.#records.push(record));
    socket.on('error', () => {}); // the gateway may reset us: 'close' follows
    this.#closed = once(socket, 'close').then(([code]) => ({ code: code as number }));
  }

  /** An open WebSocket on which nothing has been said. */
  static async open(gateway: Gateway): Promise<RawSession> {
    const socket = new WebSocket(gateway.url, SUBPROTOCOL, { perMessageDeflate: false });
    const session = new RawSession(socket);
    await once(socket, 'open');
    return session;
  }

  /** A session that the gateway has every reason to accept: parameters, hello, and context 1 with these settings. */
  static async openAuthenticated(
    gateway: Gateway,
    settings: Record<string, unknown> = {},
  ): Promise<RawSession> {
    const session = await RawSession.open(gateway);
    session.send(generousParameters(), stream(0, controlStream(hello(gateway.token), context(1, settings))));
    return session;
  }

  /** Sends frames as one record. */
  send(...frames: Buffer[]): void {
    this.#lastSent = new Promise((resolve) => this.#socket.send(Buffer.concat(frames), () => resolve()));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /**
   * Resolves once what was sent has left the process, or never will, and the event loop has turned: a write that the
   * kernel takes at once would otherwise let a sending loop keep everything else from running.
   */
  async flushed(): Promise<void> {
    await this.#lastSent;
    await turn();
  }

  /** Takes nothing more from the socket: what the gateway sends stays in the kernel, then with the gateway. */
  stopReading(): void {
    this.#socket.pause();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when the gateway has closed the session. */
  get closed(): Promise<{ code: number }> {
    return this.#closed;
  }

  /** Everything received so far, records joined. */
  get received(): Buffer {
    return Buffer.concat(this.#records);
  }

  /** Did a CONNECTION_CLOSE (RFC 9000 §19.19) begin a record, and with which code and reason? */
  get connectionClose(): { code: number; reason: string } | undefined {
    const record = this.#records.find((each) => each[0] === 0x1c || each[0] === 0x1d);
    if (!record) return undefined;
    const [code, afterCode] = readVarint(record, 1);
    const [, afterFrameType] = record[0] === 0x1c ? readVarint(record, afterCode) : [0, afterCode];
    const [length, start] = readVarint(record, afterFrameType);
    return { code, reason: record.toString('utf8', start, start + length) };
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

function readVarint(bytes: Buffer, at: number): [value: number, next: number] {
  const length = 1 << ((bytes[at] as number) >> 6);
  let value = BigInt((bytes[at] as number) & 0x3f);
  for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(bytes[at + i] as number);
  return [Number(value), at + length];
}
