import type { Stream, StreamHandler } from '@hip/wire';

/** A stream before its first byte has told what it is for. */
export class StreamOpening implements StreamHandler {
  readonly #stream: Stream;
  readonly #open: (kind: number) => StreamHandler | undefined;

  /** @param open - gives the handler of a kind, or refuses the stream itself. */
  constructor(stream: Stream, open: (kind: number) => StreamHandler | undefined) {
    this.#stream = stream;
    this.#open = open;
  }

  data(bytes: Uint8Array, fin: boolean): void {
    const kind = bytes[0];
    if (kind === undefined) {
      if (fin) this.#stream.end();
      return;
    }
    this.#stream.consume(1);
    const handler = this.#open(kind);
    if (handler === undefined) return;
    this.#stream.handler = handler;
    if (bytes.length > 1 || fin) handler.data(bytes.subarray(1), fin, false);
  }

  reset(): void {
    this.#stream.end();
  }

  stopSending(): void {}

  writable(): void {}

  closed(): void {}
}
