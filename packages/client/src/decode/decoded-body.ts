import * as DEFAULTS from '../defaults.ts';
import type { ContentDecoder } from './content-decoder.ts';
import { DecodeError } from './decode-error.ts';
import { LoadError } from './load-error.ts';

/** Raw content asked for at a time, at most. */
const RAW_PIECE_BYTES = 65_536;

/** Content that is read in pieces. */
export interface ContentSource {
  /** The next piece of at most `limitBytes`, or `undefined` at the end. */
  next(limitBytes?: number): Promise<Uint8Array | undefined>;

  /** Wants no more. */
  cancel(): void;
}

/**
 * A body with its `content-encoding` undone, read like the body itself. Of the raw body no more is taken than what is read
 * here needs.
 */
export class DecodedBody implements ContentSource {
  readonly #source: ContentSource;
  readonly #decoder: ContentDecoder;
  #rawBytes = 0;
  #isRawComplete = false;
  #isFinished = false;
  /** Done when all who have asked before have their piece. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param source - the raw body. Nobody else reads it. */
  constructor(source: ContentSource, decoder: ContentDecoder) {
    this.#source = source;
    this.#decoder = decoder;
  }

  /** Raw bytes taken from the body so far (urllib3's `tell()`). */
  get rawBytes(): number {
    return this.#rawBytes;
  }

  /** Whether all content has been read. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /**
   * The next decoded piece, or `undefined` at the end.
   *
   * @param limitBytes - how long it may be; {@link DEFAULTS.streamAmountBytes} when left out.
   * @throws {@link DecodeError} where the content is not what its `content-encoding` says: the body is cancelled then, unless
   * only its decoder could not be loaded.
   * @throws the error that broke the raw body off.
   */
  next(limitBytes: number = DEFAULTS.streamAmountBytes): Promise<Uint8Array | undefined> {
    const piece = this.#turn.then(() => this.#read(limitBytes));
    this.#turn = piece.catch(() => {});
    return piece;
  }

  cancel(): void {
    this.#finish();
    this.#source.cancel();
  }

  async #read(limitBytes: number): Promise<Uint8Array | undefined> {
    while (!this.#isFinished) {
      const piece = await this.#pull(limitBytes);
      if (piece !== undefined) return piece;
      if (this.#isRawComplete) this.#finish();
      else await this.#takeRaw();
    }
    return undefined;
  }

  async #pull(limitBytes: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#decoder.pull(limitBytes);
    } catch (error) {
      const isLost = !(error instanceof DecodeError && error.cause instanceof LoadError);
      if (isLost && !this.#isRawComplete) this.#source.cancel();
      throw error;
    }
  }

  async #takeRaw(): Promise<void> {
    const raw = await this.#source.next(RAW_PIECE_BYTES);
    if (raw === undefined) {
      this.#isRawComplete = true;
      this.#decoder.end();
    } else {
      this.#rawBytes += raw.length;
      this.#decoder.push(raw);
    }
  }

  #finish(): void {
    this.#isFinished = true;
    this.#decoder.close();
  }
}
