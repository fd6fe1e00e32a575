import { type BuiltinZlib, builtinZlib } from './builtin-zlib.ts';
import { makeDecoder } from './coding-decoders.ts';
import { contentCodings } from './content-encoding.ts';
import { DecodeError } from './decode-error.ts';
import type { CodingDecoder } from './engine.ts';
import { LoadError } from './load-error.ts';
import { PendingInput } from './pending-input.ts';

/** Codings that one content may have, at most (urllib3). */
const MAX_CODINGS = 5;

/**
 * Undoes a `content-encoding`. Whoever reads pulls; what is not pulled is not made, but for a piece of 128 KiB for each
 * coding: a few bytes that stand for a gigabyte take no more memory than any other.
 */
export interface ContentDecoder {
  /** Adds raw content. Whoever wants little in memory waits until {@link ContentDecoder.pull} has no more to give. */
  push(raw: Uint8Array): void;

  /** There is no more raw content. */
  end(): void;

  /**
   * The next decoded bytes, at most `limitBytes` of them, in an array of their own; `undefined` when there is nothing
   * more to give before more is pushed or, after {@link ContentDecoder.end}, at all. One call at a time.
   *
   * @throws {@link DecodeError} where the content is not what its `content-encoding` says; with a {@link LoadError} as its
   * cause where its decoder could not be loaded, which is tried again when more is asked for.
   */
  pull(limitBytes: number): Promise<Uint8Array | undefined>;

  /** Frees what decoders hold. It is not used afterwards. */
  close(): void;
}

/**
 * A decoder for content with this `content-encoding`; `undefined` when the content is to be passed on as it is: it has no
 * coding, or none that is known. Decoders are loaded when there is content for them.
 *
 * gzip, deflate, br and zstd are undone as urllib3 does, in any combination of up to five.
 *
 * @param contentEncoding - value of the field (RFC 9110 §8.4).
 * @param zlib - `node:zlib`, or what of it is to be used.
 * @throws {@link DecodeError} for more than five codings.
 */
export function createContentDecoder(
  contentEncoding: string,
  zlib: BuiltinZlib = builtinZlib() ?? {},
): ContentDecoder | undefined {
  const codings = contentCodings(contentEncoding);
  if (codings === undefined) return undefined;
  if (codings.length > MAX_CODINGS) {
    throw new DecodeError(`Too many content encodings in the chain: ${codings.length} > ${MAX_CODINGS}`);
  }
  return new ChainDecoder(contentEncoding.toLowerCase(), codings, zlib);
}

/** Where a link gets its input: from the link before it, or what was pushed. */
interface Input {
  /** Nothing will come any more, once {@link Input.pull} has no more to give. */
  readonly hasEnded: boolean;
  pull(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

class ChainDecoder implements ContentDecoder {
  readonly #contentEncoding: string;
  readonly #codings: readonly string[];
  readonly #zlib: BuiltinZlib;
  readonly #raw = new RawInput();
  #decoders: CodingDecoder[] = [];
  #chain: Input | undefined;
  /** What was made and is more than was asked for. */
  #left: Uint8Array | undefined;
  #error: DecodeError | undefined;
  #isClosed = false;

  constructor(contentEncoding: string, codings: readonly string[], zlib: BuiltinZlib) {
    this.#contentEncoding = contentEncoding;
    this.#codings = codings;
    this.#zlib = zlib;
  }

  push(raw: Uint8Array): void {
    this.#raw.pending.push(raw);
  }

  end(): void {
    this.#raw.hasEnded = true;
  }

  async pull(limitBytes: number): Promise<Uint8Array | undefined> {
    if (this.#error !== undefined) throw this.#error;
    try {
      const piece = this.#left ?? (await this.#make());
      if (piece === undefined || piece.length <= limitBytes) {
        this.#left = undefined;
        return piece && alone(piece);
      }
      this.#left = piece.subarray(limitBytes);
      return new Uint8Array(piece.subarray(0, limitBytes));
    } catch (cause) {
      const error = new DecodeError(
        `Received response with content-encoding: ${this.#contentEncoding}, but failed to decode it.`,
        { cause },
      );
      // A decoder that could not be loaded may be there when the next piece is asked for.
      if (!(cause instanceof LoadError)) {
        this.#error = error;
        this.close();
      }
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const decoder of this.#decoders) decoder.close();
    this.#decoders = [];
    this.#left = undefined;
  }

  async #make(): Promise<Uint8Array | undefined> {
    if (this.#chain === undefined) {
      // Nothing is loaded for content that is empty, and nothing can be wrong with it.
      if (this.#raw.pending.bytes.length === 0) return undefined;
      this.#decoders = await Promise.all(this.#codings.map((coding) => makeDecoder(coding, this.#zlib)));
      this.#chain = this.#decoders.reduceRight<Input>(
        (input, decoder) => new Link(input, decoder),
        this.#raw,
      );
      if (this.#isClosed) this.close();
    }
    return this.#isClosed ? undefined : this.#chain.pull();
  }
}

class RawInput implements Input {
  readonly pending = new PendingInput();
  hasEnded = false;

  pull(): Uint8Array | undefined {
    const bytes = this.pending.take();
    return bytes.length === 0 ? undefined : bytes;
  }
}

/** One coding: gets from the one before it what it needs for what is asked of it. */
class Link implements Input {
  readonly #input: Input;
  readonly #decoder: CodingDecoder;
  hasEnded = false;

  constructor(input: Input, decoder: CodingDecoder) {
    this.#input = input;
    this.#decoder = decoder;
  }

  async pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = await this.#decoder.pull();
      if (piece !== undefined || this.hasEnded) return piece;
      const input = await this.#input.pull();
      if (input !== undefined) this.#decoder.push(input);
      else if (!this.#input.hasEnded) return undefined;
      else {
        this.#decoder.end();
        this.hasEnded = true;
      }
    }
  }
}

/** The piece as a plain array that shares its buffer with nobody: its owner may transfer it. */
function alone(piece: Uint8Array): Uint8Array {
  const { buffer } = piece;
  if (piece.length !== buffer.byteLength) return new Uint8Array(piece);
  return piece.constructor === Uint8Array ? piece : new Uint8Array(buffer);
}
