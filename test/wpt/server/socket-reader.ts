import type { Socket } from 'node:net';

/** Reads a socket in the portions a parser asks for. */
export class SocketReader {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
      this.#wake?.();
    });
    const over = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    socket.on('end', over).on('close', over);
  }

  /** Everything up to and with `mark`, or `undefined` when the socket ends before it. */
  async until(mark: string): Promise<Buffer | undefined> {
    for (;;) {
      const at = this.#buffer.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length);
      if (!(await this.#more())) return undefined;
    }
  }

  /** So many bytes, or `undefined` when the socket ends before them. */
  async exactly(length: number): Promise<Buffer | undefined> {
    while (this.#buffer.length < length) if (!(await this.#more())) return undefined;
    return this.#take(length);
  }

  #take(length: number): Buffer {
    const bytes = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return bytes;
  }

  async #more(): Promise<boolean> {
    if (this.#isOver) return false;
    const before = this.#buffer.length;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#socket.resume();
    });
    this.#wake = undefined;
    return this.#buffer.length > before || !this.#isOver;
  }
}
