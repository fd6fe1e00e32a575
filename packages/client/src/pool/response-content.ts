import { contentCodings } from '../decode/content-encoding.ts';
import type { ContentSource } from '../decode/decoded-body.ts';
import { loaded, ResponseStateError, tellUrl } from '../errors.ts';
import type { IncomingBody } from '../exchange/incoming-body.ts';

/**
 * The content of a response on its way to a reader: as it came, or with its `content-encoding` undone. Which of the two is
 * settled by the first read; decoders are loaded by it.
 */
export class ResponseContent {
  /** Whether there is a coding that can be undone. */
  readonly isCoded: boolean;

  readonly #body: IncomingBody;
  readonly #encoding: string;
  readonly #url: URL;
  readonly #counted: ContentSource;
  #loading: Promise<ContentSource> | undefined;
  #decoded: ContentSource | undefined;
  #wasDecoded = false;
  #rawBytes = 0;

  /** @param encoding - value of `content-encoding`; empty when there is none. @param url - of the request, for errors. */
  constructor(body: IncomingBody, encoding: string, url: URL) {
    this.#body = body;
    this.#encoding = encoding;
    this.#url = url;
    this.isCoded = encoding !== '' && contentCodings(encoding) !== undefined;
    this.#counted = {
      next: async (limitBytes) => {
        const piece = await body.next(limitBytes);
        if (piece !== undefined) this.#rawBytes += piece.length;
        return piece;
      },
      cancel: () => body.cancel(),
    };
  }

  /** Bytes taken so far, as they came over the connection (urllib3's `tell()`). */
  get rawBytes(): number {
    return this.#rawBytes;
  }

  /**
   * The next piece of at most `limitBytes`, or `undefined` at the end.
   *
   * @throws {@link ResponseStateError} for content as it came after some of it was decoded.
   */
  async next(limitBytes: number | undefined, decode: boolean): Promise<Uint8Array | undefined> {
    try {
      if (decode && this.isCoded) return await this.#nextDecoded(limitBytes);
      if (!this.#wasDecoded) return await this.#counted.next(limitBytes);
      throw new ResponseStateError(
        'response_consumed',
        'read({ decodeContent: false }) must come before content was decoded',
      );
    } catch (error) {
      throw tellUrl(error, this.#url);
    }
  }

  /** All that is unread and has arrived, where all of it has and needs no decoder: spares a small response its pieces. */
  takeAll(decode: boolean): Uint8Array | undefined {
    if (!this.#body.isComplete || (decode && this.isCoded)) return undefined;
    const bytes = this.#body.takeAll();
    this.#rawBytes += bytes.length;
    return bytes;
  }

  /** Takes up to `limitBytes` as they came, for nobody. @returns how many, or `undefined` at the end. */
  async skip(limitBytes: number): Promise<number | undefined> {
    return (await this.#counted.next(limitBytes))?.length;
  }

  /** Wants no more. */
  cancel(): void {
    (this.#decoded ?? this.#body).cancel();
  }

  async #nextDecoded(limitBytes: number | undefined): Promise<Uint8Array | undefined> {
    // Once, however many read at the same time: each decoder would get a part of the content.
    this.#loading ??= this.#decoder();
    try {
      this.#decoded = await this.#loading;
    } catch (error) {
      // What could not be loaded may be there when the next piece is asked for.
      this.#loading = undefined;
      throw error;
    }
    const piece = await this.#decoded.next(limitBytes);
    this.#wasDecoded = true;
    return piece;
  }

  async #decoder(): Promise<ContentSource> {
    const [{ createContentDecoder }, { DecodedBody }] = await loaded(
      Promise.all([import('../decode/content-decoder.ts'), import('../decode/decoded-body.ts')]),
      'always',
    );
    const decoder = createContentDecoder(this.#encoding);
    return decoder === undefined ? this.#counted : new DecodedBody(this.#counted, decoder);
  }
}
