import type { ResponseHead } from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { plainUrl, type RequestHistory, ResponseNotChunked, ResponseStateError } from '../errors.ts';
import { abandonWith, keepBody } from '../exchange/abandoned-bodies.ts';
import { bodyStream } from '../exchange/body-stream.ts';
import { concatenate } from '../exchange/content-queue.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import type { IncomingBody } from '../exchange/incoming-body.ts';
import { contentLength } from './content-length.ts';
import { type ConnectionInfo, exchangeInfo, type GatewayInfo, type Timings } from './exchange-info.ts';
import { HTTPHeaderDict } from './http-header-dict.ts';
import type { InformationalResponse } from './informational-response.ts';
import { checkAmount, type ReadOptions, type ResponseOptions } from './read-options.ts';
import { type RequestEnd, tellEnd, urlOfHistory } from './request-history.ts';
import { ResponseContent } from './response-content.ts';
import { Retry } from './retry.ts';
import { type TlsInfo, tlsInfo } from './tls-info.ts';

const NO_BYTES = new Uint8Array(0);

/** Ends a line. */
const LF = 10;

/**
 * A response, as urllib3's `HTTPResponse`: `data` when it was preloaded, otherwise read in pieces with
 * {@link HTTPResponse.read}, {@link HTTPResponse.stream} or {@link HTTPResponse.body}. Its `content-encoding` is undone on
 * the way; fields stay as they came.
 */
export class HTTPResponse {
  /** Status code. */
  readonly status: number;

  /** Reason phrase; empty when the origin sent none, as HTTP/2 always does. */
  readonly reason: string;

  /** Header fields, names in lower case. */
  readonly headers: HTTPHeaderDict;

  /** URL the response came from: where the last redirect led, absolute. */
  readonly url: string;

  /** What was left of the retries when the response came. */
  readonly retries: Retry;

  /** HTTP version spoken with the origin, as urllib3 counts it: 10, 11 or 20. */
  readonly version: number;

  /** Informational responses (103 and the like) that came before this one. */
  readonly informational: readonly InformationalResponse[];

  /**
   * Whether reads undo the `content-encoding`: gzip, deflate, br and zstd, up to five in a row. Set it before the first
   * read.
   */
  decodeContent: boolean;

  /**
   * Whether the end of the content closes the response (urllib3's `auto_close`). With `false` {@link HTTPResponse.closed}
   * stays false until {@link HTTPResponse.close} is called.
   */
  autoClose = true;

  readonly #body: IncomingBody;
  readonly #content: ResponseContent;
  readonly #lengthBytes: number | undefined;
  readonly #response: ExchangeResponse;
  readonly #requestUrl: string;
  /** For errors. */
  readonly #about: { readonly url: string };
  readonly #end: RequestEnd | undefined;
  #data: Uint8Array | undefined;
  #loading: Promise<void> | undefined;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #released = false;
  #closed = false;
  #isAtEnd = false;

  /** Made by a pool. */
  constructor(url: URL, response: ExchangeResponse, options: ResponseOptions = {}) {
    this.url = url.href;
    this.retries = options.retries ?? Retry.DEFAULT;
    this.#requestUrl = options.requestUrl ?? url.href;
    this.#about = { url: plainUrl(url) };
    this.#end = options.end;
    this.status = response.status;
    this.reason = response.metadata.reason ?? '';
    this.headers = HTTPHeaderDict.fromLines(response.fields);
    this.version = { '1.0': 10, '1.1': 11, '2': 20 }[response.metadata.httpVersion ?? ''] ?? 0;
    this.informational = response.informational.map((head: ResponseHead) => ({
      status: head.status,
      headers: HTTPHeaderDict.fromLines(head.fields),
    }));
    this.decodeContent = options.decodeContent ?? true;
    this.#body = response.body;
    this.#content = new ResponseContent(response.body, this.headers.get('content-encoding') ?? '', url);
    this.#lengthBytes = contentLength(
      response.status,
      options.method ?? '',
      this.headers.get('content-length'),
    );
    this.#response = response;
    abandonWith(this, response.body);
  }

  /**
   * The whole content, once it was preloaded or read by {@link HTTPResponse.text} or {@link HTTPResponse.json}.
   *
   * @throws {@link ResponseStateError} when it is not here yet: with `preloadContent: false` it must be awaited.
   */
  get data(): Uint8Array {
    if (this.#data !== undefined) return this.#data;
    throw new ResponseStateError(
      'response_consumed',
      'response.data is there with preloadContent: true; otherwise await response.read()',
      this.#about,
    );
  }

  /** The attempts that came before, in order: errors, statuses that were retried, redirects. */
  get history(): readonly RequestHistory[] {
    return this.retries.history;
  }

  /**
   * The `location` of the last redirect as it came, which may be relative, else what was asked for (urllib3's `geturl()`).
   * {@link HTTPResponse.url} is always absolute.
   */
  getUrl(): string {
    return urlOfHistory(this.history, this.#requestUrl);
  }

  /** TLS of the connection the response came on; `undefined` where there was none. */
  get tls(): TlsInfo | undefined {
    return tlsInfo(this.#response);
  }

  /** How long each step of the last attempt took, up to the head. */
  get timings(): Timings {
    return exchangeInfo(this.#response).timings;
  }

  /** The connection it came on. */
  get connection(): ConnectionInfo {
    return exchangeInfo(this.#response).connection;
  }

  /** The gateway it came through. */
  get gateway(): GatewayInfo {
    return exchangeInfo(this.#response).gateway;
  }

  /** Trailer fields, once the content has been read. */
  get trailers(): HTTPHeaderDict {
    return HTTPHeaderDict.fromLines(this.#body.trailers);
  }

  /**
   * Content that is unread, in bytes as they come over the connection; `undefined` where the origin did not say how much
   * there is (urllib3's `length_remaining`).
   */
  get lengthRemaining(): number | undefined {
    return this.#lengthBytes === undefined ? undefined : Math.max(0, this.#lengthBytes - this.tell());
  }

  /** Whether nothing can be read any more. */
  get closed(): boolean {
    return this.#closed || (this.autoClose && (this.#released || this.#isAtEnd));
  }

  /** Bytes taken from the connection so far: of content that is coded, before it is decoded (urllib3's `tell()`). */
  tell(): number {
    return this.#content.rawBytes;
  }

  /** Reads what is unread into {@link HTTPResponse.data}, once. @throws {@link ResponseStateError} after releaseConn(). */
  preload(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** The whole content as UTF-8 text. */
  async text(): Promise<string> {
    await this.preload();
    return new TextDecoder().decode(this.#data);
  }

  /**
   * The whole content, parsed as JSON.
   *
   * @throws SyntaxError when it is none.
   */
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /**
   * The next `amount` bytes, exactly, but for the last ones of the content; all that are left without an amount; none
   * at the end (urllib3's `read(amt)`).
   *
   * @param options - what differs for this read.
   * @throws {@link DecodeError} where the content is not what its `content-encoding` says; {@link ProtocolError},
   * {@link ReadTimeoutError} and the like where it breaks off. So do all ways to read.
   */
  async read(amount?: number, { decodeContent = this.decodeContent }: ReadOptions = {}): Promise<Uint8Array> {
    if (this.#isDone) return NO_BYTES;
    const limit = checkAmount(amount);
    if (limit === undefined) return this.#readAll(decodeContent);
    const pieces: Uint8Array[] = [];
    let missing = limit;
    while (missing > 0) {
      const piece = await this.#next(missing, decodeContent);
      if (piece === undefined) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return concatenate(pieces);
  }

  /**
   * What is there next, at most `amount` bytes; waits only when there is nothing; none at the end (urllib3's
   * `read1(amt)`).
   *
   * @param options - what differs for this read.
   */
  async read1(
    amount?: number,
    { decodeContent = this.decodeContent }: ReadOptions = {},
  ): Promise<Uint8Array> {
    const limit = checkAmount(amount);
    if (this.#isDone || limit === 0) return NO_BYTES;
    return (await this.#next(limit, decodeContent)) ?? NO_BYTES;
  }

  /** Fills `buffer` with the next bytes. @returns how many: fewer than fit only at the end, 0 behind it. */
  async readInto(buffer: Uint8Array): Promise<number> {
    const bytes = await this.read(buffer.length);
    buffer.set(bytes);
    return bytes.length;
  }

  /**
   * The content in pieces of exactly `amount` bytes, the last one aside (urllib3's `stream(amt)`). Leaving the loop
   * early gives the response up.
   */
  async *stream(
    amount: number = DEFAULTS.streamAmountBytes,
    options?: ReadOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#untilEmpty(() => this.read(amount, options));
  }

  /**
   * The content of a response without `content-length` in the pieces it comes in, at most `amount` bytes each (urllib3's
   * `read_chunked()`). The origin's chunks are not kept on the way through a gateway (RFC 9112 §7.1 lets nobody rely on
   * them). Leaving the loop early gives the response up.
   *
   * @throws {@link ResponseNotChunked} when the response has a `content-length`.
   */
  async *readChunked(amount?: number, options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.headers.has('content-length')) {
      throw new ResponseNotChunked(
        'response_not_chunked',
        'the response has a content-length: use stream()',
        this.#about,
      );
    }
    yield* this.#untilEmpty(() => this.read1(amount, options));
  }

  /** The lines of the content, each with the LF it ends with. Leaving the loop early gives the response up. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    let begun: Uint8Array[] = [];
    for await (const piece of this.stream()) {
      let from = 0;
      for (let at = piece.indexOf(LF); at >= 0; at = piece.indexOf(LF, from)) {
        // A copy: a line that is kept must not keep the piece it came in.
        yield concatenate([...begun, piece.slice(from, at + 1)]);
        begun = [];
        from = at + 1;
      }
      if (from < piece.length) begun.push(piece.slice(from));
    }
    if (begun.length > 0) yield concatenate(begun);
  }

  /** The content as a stream of bytes. Use it or the other readers, not both. */
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#stream === undefined) {
      keepBody(this.#body);
      // A Blob copies what it is made of: whoever reads the stream may do with it as they like.
      const preloaded = this.#data as Uint8Array<ArrayBuffer> | undefined;
      this.#stream =
        preloaded === undefined
          ? bodyStream({
              next: () => this.#next(undefined, this.decodeContent),
              cancel: () => this.#content.cancel(),
            })
          : new Blob([preloaded]).stream();
    }
    return this.#stream;
  }

  /**
   * The content as a stream of text: what `codecs.getreader(encoding)(response)` is in Python.
   *
   * @param encoding - a label of the Encoding standard.
   * @throws RangeError for a label that is none.
   */
  textStream(encoding = 'utf-8'): ReadableStream<string> {
    return this.body.pipeThrough(new TextDecoderStream(encoding));
  }

  /**
   * Done with the response: its connection goes back to the pool if the content was read, and is closed if it was not
   * (urllib3's `release_conn()`).
   */
  releaseConn(): void {
    if (this.#released) return;
    this.#released = true;
    if (!this.#body.isFinished) this.#content.cancel();
  }

  /** Gives the response up. */
  close(): void {
    this.#closed = true;
    this.releaseConn();
  }

  /** {@link HTTPResponse.close}, at the end of a `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Reads what is unread and throws it away, so that the connection can be used again (urllib3's `drain_conn()`). When it
   * is much or takes long, a new connection is sooner there, and this one is closed. Never throws.
   */
  async drainConn(): Promise<void> {
    const timer = setTimeout(() => this.releaseConn(), DEFAULTS.drainTimeoutMs);
    try {
      for (let left = DEFAULTS.maxDrainBytes; left > 0 && !this.#isDone; ) {
        const bytes = await this.#content.skip(left);
        if (bytes === undefined) break;
        left -= bytes;
      }
    } catch {
      // What nobody wanted broke off.
    }
    clearTimeout(timer);
    this.releaseConn();
  }

  async *#untilEmpty(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (let piece = await read(); piece.length > 0; piece = await read()) yield piece;
    } finally {
      this.releaseConn();
    }
  }

  async #load(): Promise<void> {
    if (this.#isDone) {
      throw new ResponseStateError(
        'response_closed',
        'response must be read before releaseConn()',
        this.#about,
      );
    }
    this.#data = await this.#readAll(this.decodeContent);
  }

  get #isDone(): boolean {
    return this.#released || this.#closed;
  }

  async #readAll(decode: boolean): Promise<Uint8Array> {
    const whole = this.#content.takeAll(decode);
    if (whole !== undefined) {
      this.#isAtEnd = true;
      return whole;
    }
    const pieces: Uint8Array[] = [];
    for (;;) {
      const piece = await this.#next(undefined, decode);
      if (piece === undefined) return concatenate(pieces);
      pieces.push(piece);
    }
  }

  async #next(limitBytes: number | undefined, decode: boolean): Promise<Uint8Array | undefined> {
    const piece = await this.#content.next(limitBytes, decode).catch((error: unknown) => {
      throw this.#end === undefined ? error : tellEnd(error, this.#end);
    });
    if (piece === undefined) this.#isAtEnd = true;
    return piece;
  }
}
