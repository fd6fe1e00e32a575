import type { CodingDecoder } from './engine.ts';
import { type ZstdBlock, ZstdFrames } from './zstd-frames.ts';

/** Undoes one block after the other. */
export interface ZstdEngine {
  /** Adds a block. Only when {@link ZstdEngine.pull} had nothing more to give. */
  push(block: ZstdBlock): void;
  /** See {@link CodingDecoder.pull}. */
  pull(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  close(): void;
}

/**
 * zstd (RFC 8878) of any number of frames. It is an error when the last of them is cut off, as in urllib3: a frame says
 * where it ends.
 */
export class ZstdDecoder implements CodingDecoder {
  readonly #engine: ZstdEngine;
  readonly #frames = new ZstdFrames();

  constructor(engine: ZstdEngine) {
    this.#engine = engine;
  }

  push(bytes: Uint8Array): void {
    this.#frames.push(bytes);
  }

  async pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = await this.#engine.pull();
      if (piece !== undefined) return piece;
      const block = this.#frames.next();
      if (block === undefined) return undefined;
      this.#engine.push(block);
    }
  }

  end(): void {
    if (!this.#frames.isComplete) throw new Error('zstd: the last frame is not complete');
  }

  close(): void {
    this.#engine.close();
  }
}
