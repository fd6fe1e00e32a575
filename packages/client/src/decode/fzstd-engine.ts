import type { Decompress } from 'fzstd';
import { XXH64 } from './xxh64.ts';
import type { ZstdEngine } from './zstd.ts';
import type { ZstdBlock } from './zstd-frames.ts';
import { type ZstdHeader, zstdWindowBytes } from './zstd-header.ts';

/** From so many bytes on, `fzstd` does not wait for more: the longest header there is. */
const PLAIN_HEADER_BYTES = 18;

/** An engine for zstd where the platform has none. Loads `fzstd`. */
export async function loadZstd(): Promise<ZstdEngine> {
  const { Decompress } = await import('fzstd');
  return new FzstdEngine((ondata) => new Decompress(ondata));
}

/**
 * `fzstd`, one block at a time, since it undoes at once whatever it is given. It believes what a frame says of its length
 * and of its checksum: both are compared here.
 */
class FzstdEngine implements ZstdEngine {
  readonly #makeDecompress: (ondata: (piece: Uint8Array) => void) => Decompress;
  #decompress: Decompress | undefined;
  #header: ZstdHeader | undefined;
  #contentBytes = 0;
  #hash: XXH64 | undefined;
  #piece: Uint8Array | undefined;

  constructor(makeDecompress: (ondata: (piece: Uint8Array) => void) => Decompress) {
    this.#makeDecompress = makeDecompress;
  }

  push({ header, block, checksum, isLast }: ZstdBlock): void {
    let input = block;
    if (header !== undefined) {
      this.#header = header;
      this.#contentBytes = 0;
      this.#hash = header.hasChecksum ? new XXH64() : undefined;
      this.#decompress = this.#makeDecompress((piece) => this.#take(piece));
      input = new Uint8Array(PLAIN_HEADER_BYTES + block.length);
      input.set(plainHeader(header));
      input.set(block, PLAIN_HEADER_BYTES);
    }
    this.#decompress?.push(input);
    if (isLast) this.#checkEnd(checksum);
  }

  pull(): Uint8Array | undefined {
    const piece = this.#piece;
    this.#piece = undefined;
    return piece;
  }

  close(): void {
    this.#decompress = undefined;
  }

  #take(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#piece = piece;
    this.#contentBytes += piece.length;
    this.#hash?.update(piece);
  }

  #checkEnd(checksum: Uint8Array | undefined): void {
    const { contentBytes } = this.#header ?? {};
    if (contentBytes !== undefined && contentBytes !== this.#contentBytes) {
      throw new Error(`zstd: the content must have ${contentBytes} bytes, got ${this.#contentBytes}`);
    }
    // The low four bytes of the hash (RFC 8878 §3.1.1).
    if (checksum !== undefined && this.#hash !== undefined) {
      const told = new DataView(checksum.buffer, checksum.byteOffset).getUint32(0, true);
      if (told !== this.#hash.low()) throw new Error('zstd: the content has another checksum');
    }
  }
}

/** The header of a frame, with nothing in it but the window, and every field as long as can be. */
function plainHeader({ windowBytes }: ZstdHeader): number[] {
  let descriptor = 0;
  while (zstdWindowBytes(descriptor) < windowBytes) descriptor += 1;
  return [0x28, 0xb5, 0x2f, 0xfd, (3 << 6) | 3, descriptor];
}
