import { XXH64 } from './xxh64.ts';
import type { ZstdEngine } from './zstd.ts';
import type { ZstdBlock } from './zstd-blocks.ts';
import { ZstdFrame } from './zstd-frame.ts';

/** Undoes zstd where the platform cannot. Each block makes one piece. */
export class PortableZstd implements ZstdEngine {
  #frame: ZstdFrame | undefined;
  #contentBytes = 0;
  /** As the frame tells it. */
  #expectedBytes: number | undefined;
  #hash: XXH64 | undefined;
  #piece: Uint8Array | undefined;

  push({ header, block, checksum, isLast }: ZstdBlock): void {
    if (header !== undefined) {
      this.#frame = new ZstdFrame(header);
      this.#contentBytes = 0;
      this.#expectedBytes = header.contentBytes;
      this.#hash = header.hasChecksum ? new XXH64() : undefined;
    }
    const piece = this.#frame?.undo(block) ?? block.subarray(0, 0);
    this.#contentBytes += piece.length;
    this.#hash?.update(piece);
    if (piece.length > 0) this.#piece = piece;
    if (!isLast) return;
    if (this.#expectedBytes !== undefined && this.#expectedBytes !== this.#contentBytes) {
      throw new Error(`zstd: the content must have ${this.#expectedBytes} bytes, got ${this.#contentBytes}`);
    }
    if (checksum !== undefined) this.#check(checksum);
  }

  pull(): Uint8Array | undefined {
    const piece = this.#piece;
    this.#piece = undefined;
    return piece;
  }

  close(): void {
    this.#frame = undefined;
    this.#piece = undefined;
  }

  /** The low four bytes of the hash stand behind the frame (RFC 8878 §3.1.1). */
  #check(checksum: Uint8Array): void {
    const told = new DataView(checksum.buffer, checksum.byteOffset).getUint32(0, true);
    if (told !== this.#hash?.low()) throw new Error('zstd: the content has another checksum');
  }
}
