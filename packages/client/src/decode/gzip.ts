import type { CodingDecoder, Engine } from './engine.ts';
import { gzipHeaderLength } from './gzip-header.ts';
import { PendingInput } from './pending-input.ts';

/** CRC-32 and length behind the data of a member (RFC 1952 §2.3.1). */
const TRAILER_BYTES = 8;

/** A header is collected until it is whole, and none is longer than an extra field of 64 KiB and some names. */
const MAX_HEADER_BYTES = 131_072;

/**
 * gzip (RFC 1952) of any number of members. What follows the first of them and does not begin another is ignored, as
 * gzip itself and urllib3 do; a member that is cut off is not an error here, its missing bytes are.
 *
 * header → content → trailer → header … or, behind a trailer, ignored
 */
export class GzipDecoder implements CodingDecoder {
  readonly #makeInflate: (input: Uint8Array) => Engine;
  readonly #crc32: (bytes: Uint8Array, before: number) => number;
  #state: 'header' | 'content' | 'trailer' | 'ignored' = 'header';
  /** Not yet read, of a header or trailer. */
  readonly #input = new PendingInput();
  #inflate: Engine | undefined;
  #isFirst = true;
  #checksum = 0;
  #contentBytes = 0;

  /** @param makeInflate - the engine for a member whose data begins with these bytes, which it was given. */
  constructor(
    makeInflate: (input: Uint8Array) => Engine,
    crc32: (bytes: Uint8Array, before: number) => number,
  ) {
    this.#makeInflate = makeInflate;
    this.#crc32 = crc32;
  }

  push(bytes: Uint8Array): void {
    if (this.#state === 'content') this.#inflate?.push(bytes);
    else if (this.#state !== 'ignored') this.#input.push(bytes);
  }

  async pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#state === 'content') {
        const piece = await this.#pullContent();
        if (piece !== undefined || this.#state === 'content') return piece;
      }
      if (this.#input.bytes.length === 0 || this.#state === 'ignored') return undefined;
      if (!(this.#state === 'trailer' ? this.#readTrailer() : this.#readHeader())) return undefined;
    }
  }

  end(): void {}

  close(): void {
    this.#inflate?.close();
    this.#inflate = undefined;
  }

  async #pullContent(): Promise<Uint8Array | undefined> {
    const inflate = this.#inflate;
    if (inflate === undefined) return undefined;
    const piece = await inflate.pull();
    if (piece !== undefined) {
      this.#checksum = this.#crc32(piece, this.#checksum);
      this.#contentBytes += piece.length;
    } else if (inflate.hasEnded) {
      this.#input.push(inflate.rest);
      this.#state = 'trailer';
      this.close();
    }
    return piece;
  }

  #readHeader(): boolean {
    const length = gzipHeaderLength(this.#input.bytes, this.#crc32);
    if (length === undefined) {
      if (this.#input.bytes.length > MAX_HEADER_BYTES) throw new Error('gzip: a header without an end');
      return false;
    }
    if (length < 0) {
      if (this.#isFirst) throw new Error('gzip: the content does not begin with a gzip header');
      this.#state = 'ignored';
      this.#input.take();
      return false;
    }
    this.#inflate = this.#makeInflate(this.#input.take().subarray(length));
    this.#isFirst = false;
    this.#checksum = 0;
    this.#contentBytes = 0;
    this.#state = 'content';
    return true;
  }

  #readTrailer(): boolean {
    const { bytes } = this.#input;
    if (bytes.length < TRAILER_BYTES) return false;
    const trailer = new DataView(bytes.buffer, bytes.byteOffset, TRAILER_BYTES);
    if (trailer.getUint32(0, true) !== this.#checksum)
      throw new Error('gzip: the content has another CRC-32');
    // The length is told modulo 2^32.
    if (trailer.getUint32(4, true) !== this.#contentBytes >>> 0)
      throw new Error('gzip: the content has another length');
    this.#input.skip(TRAILER_BYTES);
    this.#state = 'header';
    return true;
  }
}
