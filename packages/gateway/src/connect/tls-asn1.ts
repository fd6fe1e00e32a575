/**
 * Reads ASN.1 in BER, of which DER is a subset: definite and indefinite lengths, strings in one piece or in several
 * (X.690 §8). PKCS #12 stores come in all of these.
 */

/** Thrown for bytes that are not the ASN.1 that was expected. Says nothing of the bytes. */
export class Asn1Error extends Error {
  override readonly name: string = 'Asn1Error';
}

/** Tags, with the class and the bit for "constructed" (X.690 §8.1.2). */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0x80,
  context0Constructed: 0xa0,
} as const;

const CONSTRUCTED = 0x20;

/** Levels inside each other that are followed: real structures have a dozen, and a stack has an end. */
const MAX_DEPTH = 32;

/** One value: its tag, and what is inside. */
export class Asn1Value {
  readonly tag: number;

  /** Header and content, as they came. */
  readonly encoded: Buffer;

  /** Content, without the marker that ends an indefinite length. */
  readonly content: Buffer;

  constructor(tag: number, encoded: Buffer, content: Buffer) {
    this.tag = tag;
    this.encoded = encoded;
    this.content = content;
  }

  /** The values inside a constructed one that must have this tag. */
  children(tag: number): readonly Asn1Value[] {
    this.#expect(tag);
    const values: Asn1Value[] = [];
    for (let at = 0; at < this.content.length; ) {
      const value = readValue(this.content, at, 0);
      values.push(value);
      at += value.encoded.length;
    }
    return values;
  }

  /** Content of an OCTET STRING, or of one that is tagged `tag` instead; put together if it came in pieces. */
  octets(tag: number = TAG.octetString): Buffer {
    if (this.tag === tag) return this.content;
    return Buffer.concat(this.children(tag | CONSTRUCTED).map((piece) => piece.#contentOf(TAG.octetString)));
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  objectIdentifier(): string {
    this.#expect(TAG.objectIdentifier);
    const arcs: number[] = [];
    let arc = 0;
    for (const byte of this.content) {
      arc = arc * 128 + (byte & 0x7f);
      if (byte >= 0x80) continue;
      // The first two arcs share a number (X.690 §8.19.4).
      if (arcs.length === 0) arcs.push(Math.min(Math.trunc(arc / 40), 2));
      arcs.push(arcs.length === 1 ? arc - (arcs[0] as number) * 40 : arc);
      arc = 0;
    }
    return arcs.join('.');
  }

  /** An INTEGER that is not negative; too large a one is `Infinity`. */
  integer(): number {
    this.#expect(TAG.integer);
    let value = 0;
    for (const byte of this.content) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
  }

  #contentOf(tag: number): Buffer {
    this.#expect(tag);
    return this.content;
  }

  #expect(tag: number): void {
    if (this.tag !== tag) throw new Asn1Error(`expected tag ${tag}, got ${this.tag}`);
  }
}

/** The value that `bytes` begins with. @throws {@link Asn1Error} */
export function asn1(bytes: Buffer): Asn1Value {
  return readValue(bytes, 0, 0);
}

/** The value at `index` of those inside another. @throws {@link Asn1Error} when it is missing. */
export function asn1Member(values: readonly Asn1Value[], index: number): Asn1Value {
  const value = values[index];
  if (value === undefined) throw new Asn1Error(`expected at least ${index + 1} values, got ${values.length}`);
  return value;
}

function readValue(bytes: Buffer, start: number, depth: number): Asn1Value {
  const tag = byteAt(bytes, start);
  const first = byteAt(bytes, start + 1);
  let contentAt = start + 2;
  // Tag numbers from 31 on take more bytes (X.690 §8.1.2.4); nothing we read has one.
  if ((tag & 0x1f) === 0x1f || depth > MAX_DEPTH) throw new Asn1Error('expected something simpler');
  if (first === 0x80) return readIndefinite(bytes, start, depth);
  let length = first;
  if (first > 0x80) {
    length = 0;
    for (let count = first & 0x7f; count > 0; count -= 1) length = length * 256 + byteAt(bytes, contentAt++);
  }
  const end = contentAt + length;
  if (end > bytes.length) throw new Asn1Error(`expected ${length} bytes, got ${bytes.length - contentAt}`);
  return new Asn1Value(tag, bytes.subarray(start, end), bytes.subarray(contentAt, end));
}

/** A length that is told by a marker after the content (X.690 §8.1.3.6). */
function readIndefinite(bytes: Buffer, start: number, depth: number): Asn1Value {
  const contentAt = start + 2;
  let at = contentAt;
  while (byteAt(bytes, at) !== 0 || byteAt(bytes, at + 1) !== 0)
    at += readValue(bytes, at, depth + 1).encoded.length;
  return new Asn1Value(byteAt(bytes, start), bytes.subarray(start, at + 2), bytes.subarray(contentAt, at));
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Asn1Error('expected more bytes');
  return byte;
}
