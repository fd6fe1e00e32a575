/** Thrown for bytes that are not the ASN.1 that was expected. Says nothing of the bytes. */
export class Asn1Error extends Error {
  override readonly name: string = 'Asn1Error';
}

/** Tags, with the class and the bit for "constructed" (X.690 §8.1.2). */
export const TAG = {
  integer: 2,
  bitString: 3,
  octetString: 4,
  objectIdentifier: 6,
  utf8String: 12,
  t61String: 20,
  utcTime: 23,
  universalString: 28,
  bmpString: 30,
  sequence: 48,
  set: 49,
  context0: 128,
  context0Constructed: 160,
} as const;

/** The bit of a tag that says that there are values inside. */
const CONSTRUCTED = 32;

/** Tag numbers from here on take more bytes (X.690 §8.1.2.4); nothing that is read has one. */
const LONG_TAG = 31;

/** Levels inside each other that are followed: real structures have a dozen, and a stack has an end. */
const MAX_DEPTH = 32;

/**
 * One value in BER, of which DER is a subset: definite and indefinite lengths, strings in one piece or in several (X.690
 * §8). PKCS #12 stores come in all of these.
 */
export class Asn1Value {
  readonly tag: number;

  /** Header and content, as they came. */
  readonly encoded: Uint8Array<ArrayBuffer>;

  /** Content, without the marker that ends an indefinite length. */
  readonly content: Uint8Array<ArrayBuffer>;

  constructor(tag: number, encoded: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>) {
    this.tag = tag;
    this.encoded = encoded;
    this.content = content;
  }

  /** The values inside a constructed one that must have this tag. @throws {@link Asn1Error} */
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

  /**
   * Content of an OCTET STRING, or of one that is tagged `tag` instead; put together if it came in pieces.
   *
   * @throws {@link Asn1Error}
   */
  octets(tag: number = TAG.octetString): Uint8Array<ArrayBuffer> {
    if (this.tag === tag) return this.content;
    const pieces = this.children(tag | CONSTRUCTED).map((piece) => piece.#contentOf(TAG.octetString));
    return concatenated(pieces);
  }

  /** An OBJECT IDENTIFIER in dotted form. @throws {@link Asn1Error} */
  objectIdentifier(): string {
    const arcs: number[] = [];
    let arc = 0;
    for (const byte of this.#contentOf(TAG.objectIdentifier)) {
      arc = arc * 128 + (byte & 127);
      if (byte >= 128) continue;
      // The first two arcs share a number (X.690 §8.19.4).
      if (arcs.length === 0) arcs.push(Math.min(Math.trunc(arc / 40), 2));
      arcs.push(arcs.length === 1 ? arc - (arcs[0] as number) * 40 : arc);
      arc = 0;
    }
    return arcs.join('.');
  }

  /** An INTEGER that is not negative; too large a one is `Infinity`. @throws {@link Asn1Error} */
  integer(): number {
    let value = 0;
    for (const byte of this.#contentOf(TAG.integer)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
  }

  #contentOf(tag: number): Uint8Array<ArrayBuffer> {
    this.#expect(tag);
    return this.content;
  }

  #expect(tag: number): void {
    if (this.tag !== tag) throw new Asn1Error(`expected tag ${tag}, got ${this.tag}`);
  }
}

/** The value that `bytes` begins with. @throws {@link Asn1Error} */
export function asn1(bytes: Uint8Array<ArrayBuffer>): Asn1Value {
  return readValue(bytes, 0, 0);
}

/** The value at `index` of those inside another. @throws {@link Asn1Error} when it is missing. */
export function asn1Member(values: readonly Asn1Value[], index: number): Asn1Value {
  const value = values[index];
  if (value === undefined) throw new Asn1Error(`expected at least ${index + 1} values, got ${values.length}`);
  return value;
}

/** Bytes of a value in DER (X.690 §10.1), made of what is to be inside. */
export function encodeAsn1(tag: number, ...inside: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concatenated(inside);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest = Math.trunc(rest / 256)) length.unshift(rest % 256);
  const head = content.length < 128 ? [content.length] : [128 + length.length, ...length];
  return concatenated([Uint8Array.of(tag, ...head), content]);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function readValue(bytes: Uint8Array<ArrayBuffer>, start: number, depth: number): Asn1Value {
  const tag = byteAt(bytes, start);
  const first = byteAt(bytes, start + 1);
  if ((tag & LONG_TAG) === LONG_TAG || depth > MAX_DEPTH) throw new Asn1Error('expected something simpler');
  if (first === 128) return readIndefinite(bytes, start, depth);
  let contentAt = start + 2;
  let length = first;
  if (first > 128) {
    length = 0;
    for (let count = first & 127; count > 0; count -= 1) length = length * 256 + byteAt(bytes, contentAt++);
  }
  const end = contentAt + length;
  if (end > bytes.length) throw new Asn1Error(`expected ${length} bytes, got ${bytes.length - contentAt}`);
  return new Asn1Value(tag, bytes.subarray(start, end), bytes.subarray(contentAt, end));
}

/** A length that is told by a marker after the content (X.690 §8.1.3.6). */
function readIndefinite(bytes: Uint8Array<ArrayBuffer>, start: number, depth: number): Asn1Value {
  const contentAt = start + 2;
  let at = contentAt;
  while (byteAt(bytes, at) !== 0 || byteAt(bytes, at + 1) !== 0)
    at += readValue(bytes, at, depth + 1).encoded.length;
  return new Asn1Value(byteAt(bytes, start), bytes.subarray(start, at + 2), bytes.subarray(contentAt, at));
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Asn1Error('expected more bytes');
  return byte;
}
