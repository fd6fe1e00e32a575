import type { CodingDecoder } from './engine.ts';
import { type ZstdBlock, ZstdBlocks } from './zstd-blocks.ts';

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
  readonly #blocks = new ZstdBlocks();

  constructor(engine: ZstdEngine) {
    this.#engine = engine;
  }

  push(bytes: Uint8Array): void {
    this.#blocks.push(bytes);
  }

  async pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = await this.#engine.pull();
      if (piece !== undefined) return piece;
      const block = this.#blocks.next();
      if (block === undefined) return undefined;
      this.#engine.push(block);
    }
  }

  end(): void {
    if (!this.#blocks.isComplete) throw new Error('zstd: the last frame is not complete');
  }

  close(): void {
    this.#engine.close();
  }
}
