import { PendingInput } from './pending-input.ts';
import { readZstdHeader, type ZstdHeader } from './zstd-header.ts';

/** Header of a block (RFC 8878 §3.1.1.2). */
const BLOCK_HEADER_BYTES = 3;

/** Largest block, unless the window is smaller (RFC 8878 §3.1.1.2.4). */
const MAX_BLOCK_BYTES = 131_072;

/** Types of blocks (RFC 8878 §3.1.1.2.2). */
const REPEATED_BYTE = 1;
const RESERVED = 3;

const CHECKSUM_BYTES = 4;

/** Magic and length of a skippable frame (RFC 8878 §3.1.2); the low four bits of the magic do not matter. */
const SKIPPABLE_MAGIC = [0x50, 0x2a, 0x4d, 0x18];
const SKIPPABLE_HEADER_BYTES = 8;

/** One block, with what stands around it. */
export interface ZstdBlock {
  /** The frame that it begins. */
  readonly header: ZstdHeader | undefined;
  /** Header of the frame, block, checksum. */
  readonly bytes: Uint8Array;
  /** The block alone, with its header. */
  readonly block: Uint8Array;
  /** The checksum behind the last block of a frame that has one. */
  readonly checksum: Uint8Array | undefined;
  /** Whether the frame ends with it. */
  readonly isLast: boolean;
}

/**
 * Takes zstd content (RFC 8878 §3) apart into blocks, each of which makes 128 KiB at most, without undoing them. So it is
 * known where frames end, which windows they need, and that nothing is missing at the end.
 */
export class ZstdBlocks {
  readonly #input = new PendingInput();
  /** Of the frame whose blocks are being read. */
  #header: ZstdHeader | undefined;
  #skipBytes = 0;

  /** Adds input. */
  push(bytes: Uint8Array): void {
    this.#input.push(bytes);
  }

  /** Whether the input so far is whole frames. */
  get isComplete(): boolean {
    return this.#header === undefined && this.#skipBytes === 0 && this.#input.bytes.length === 0;
  }

  /**
   * The next block, once it is here whole.
   *
   * @throws Error where the input is no zstd, or asks for too large a window.
   */
  next(): ZstdBlock | undefined {
    if (this.#header !== undefined) return this.#nextBlock(this.#header, 0);
    if (!this.#skip()) return undefined;
    const header = readZstdHeader(this.#input.bytes);
    return header && this.#nextBlock(header, header.headerBytes);
  }

  /** @param at - where the block begins: behind the header of the frame, if it is the first. */
  #nextBlock(header: ZstdHeader, at: number): ZstdBlock | undefined {
    const input = this.#input.bytes;
    const contentAt = at + BLOCK_HEADER_BYTES;
    if (input.length < contentAt) return undefined;
    const head = (input[at] as number) | ((input[at + 1] as number) << 8) | ((input[at + 2] as number) << 16);
    const isLast = (head & 1) === 1;
    const type = (head >> 1) & 3;
    const length = head >> 3;
    if (type === RESERVED) throw new Error('zstd: a block of no known type');
    if (length > Math.min(MAX_BLOCK_BYTES, header.windowBytes))
      throw new Error('zstd: a block that is too large');
    const blockEnd = contentAt + (type === REPEATED_BYTE ? 1 : length);
    const end = blockEnd + (isLast && header.hasChecksum ? CHECKSUM_BYTES : 0);
    if (input.length < end) return undefined;
    this.#header = isLast ? undefined : header;
    this.#input.skip(end);
    return {
      header: at === 0 ? undefined : header,
      bytes: input.subarray(0, end),
      block: input.subarray(at, blockEnd),
      checksum: end === blockEnd ? undefined : input.subarray(blockEnd, end),
      isLast,
    };
  }

  /** Goes behind skippable frames. `false` when more input is needed to tell whether there is another. */
  #skip(): boolean {
    for (;;) {
      const skipped = Math.min(this.#skipBytes, this.#input.bytes.length);
      this.#skipBytes -= skipped;
      this.#input.skip(skipped);
      const { bytes } = this.#input;
      if (!mayBeSkippable(bytes)) return true;
      if (bytes.length < SKIPPABLE_HEADER_BYTES) return false;
      this.#skipBytes =
        SKIPPABLE_HEADER_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    }
  }
}

function mayBeSkippable(bytes: Uint8Array): boolean {
  return SKIPPABLE_MAGIC.every((byte, at) => {
    const got = bytes[at];
    return got === undefined || (at === 0 ? got & 0xf0 : got) === byte;
  });
}
