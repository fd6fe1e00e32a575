import { createCipheriv, createHash } from 'node:crypto';

/** `length` bytes that are the same in every run and nowhere alike: the key stream of a cipher. */
export function content(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const key = createHash('sha256').update(`interop ${seed}`).digest().subarray(0, 16);
  const bytes = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(new Uint8Array(length));
  return new Uint8Array(bytes);
}

/** Fingerprint of bytes that come in pieces. */
export class Checksum {
  readonly #hash = createHash('sha256');
  bytes = 0;

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.bytes += piece.length;
  }

  /** Length and digest. Ends the sum. */
  end(): string {
    return `${this.bytes} bytes ${this.#hash.digest('hex')}`;
  }
}

/** The checksum of all of `bytes`. */
export function checksum(bytes: Uint8Array): string {
  const sum = new Checksum();
  sum.add(bytes);
  return sum.end();
}
