import { adler32 } from './checksum.ts';
import type { CodingDecoder, Engine } from './engine.ts';
import { PendingInput } from './pending-input.ts';

/** CMF and FLG (RFC 1950 §2.2). */
const HEADER_BYTES = 2;

/** Adler-32 behind the data (RFC 1950 §2.2). */
const TRAILER_BYTES = 4;

/** So much input without any content is kept for a second try, at most. */
const MAX_RETRY_BYTES = 65_536;

/**
 * `deflate`: the zlib format (RFC 1950), as it should be, or bare DEFLATE (RFC 1951), as some servers have it (RFC 9110
 * §8.4.1.2). What does not work as the first before there is any content is tried as the second, as urllib3 does.
 *
 * header → content → trailer → ignored
 */
export class DeflateDecoder implements CodingDecoder {
  readonly #makeInflate: (input: Uint8Array) => Engine;
  #state: 'header' | 'content' | 'trailer' | 'ignored' = 'header';
  /** Not yet read, of header or trailer. */
  readonly #input = new PendingInput();
  #inflate: Engine | undefined;
  #isWrapped = false;
  /** All input, for a second try. */
  #retry: PendingInput | undefined;
  #checksum = 1;

  /** @param makeInflate - an engine for data that begins with these bytes, which it was given. */
  constructor(makeInflate: (input: Uint8Array) => Engine) {
    this.#makeInflate = makeInflate;
  }

  push(bytes: Uint8Array): void {
    if (this.#state === 'content') {
      this.#inflate?.push(bytes);
      if (this.#retry !== undefined) this.#keepForRetry(bytes);
    } else if (this.#state !== 'ignored') {
      this.#input.push(bytes);
    }
  }

  async pull(): Promise<Uint8Array | undefined> {
    if (this.#state === 'header' && !this.#readHeader()) return undefined;
    if (this.#state === 'content') {
      const piece = await this.#pullContent();
      if (piece !== undefined) return piece;
    }
    if (this.#state === 'trailer') this.#readTrailer();
    return undefined;
  }

  end(): void {}

  close(): void {
    this.#inflate?.close();
    this.#inflate = undefined;
  }

  #readHeader(): boolean {
    if (this.#input.bytes.length < HEADER_BYTES) return false;
    const input = this.#input.take();
    this.#state = 'content';
    this.#isWrapped = isZlibHeader(input[0] as number, input[1] as number);
    if (this.#isWrapped) this.#keepForRetry(input);
    this.#inflate = this.#makeInflate(this.#isWrapped ? input.subarray(HEADER_BYTES) : input);
    return true;
  }

  async #pullContent(): Promise<Uint8Array | undefined> {
    const inflate = this.#inflate;
    if (inflate === undefined) return undefined;
    let piece: Uint8Array | undefined;
    try {
      piece = await inflate.pull();
    } catch (error) {
      if (this.#retry === undefined) throw error;
      this.close();
      this.#inflate = this.#makeInflate(this.#retry.take());
      this.#retry = undefined;
      this.#isWrapped = false;
      return this.#pullContent();
    }
    if (piece !== undefined) {
      this.#retry = undefined;
      if (this.#isWrapped) this.#checksum = adler32(piece, this.#checksum);
    } else if (inflate.hasEnded) {
      if (this.#isWrapped) this.#input.push(inflate.rest);
      this.#state = this.#isWrapped ? 'trailer' : 'ignored';
      this.close();
    }
    return piece;
  }

  #readTrailer(): void {
    const { bytes } = this.#input;
    if (bytes.length < TRAILER_BYTES) return;
    const trailer = new DataView(bytes.buffer, bytes.byteOffset, TRAILER_BYTES);
    if (trailer.getUint32(0) !== this.#checksum) throw new Error('deflate: the content has another Adler-32');
    this.#state = 'ignored';
  }

  #keepForRetry(bytes: Uint8Array): void {
    this.#retry ??= new PendingInput();
    this.#retry.push(bytes);
    if (this.#retry.bytes.length > MAX_RETRY_BYTES) this.#retry = undefined;
  }
}

/** RFC 1950 §2.2. A preset dictionary is what no server and client have agreed on. */
function isZlibHeader(method: number, flags: number): boolean {
  const isDeflate = (method & 15) === 8 && method >> 4 <= 7;
  return isDeflate && (flags & 32) === 0 && (method * 256 + flags) % 31 === 0;
}
