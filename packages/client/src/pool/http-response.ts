import type { ResponseHead } from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { invalidOption, ResponseStateError } from '../errors.ts';
import { abandonWith, keepBody } from '../exchange/abandoned-bodies.ts';
import { bodyStream } from '../exchange/body-stream.ts';
import { concatenate } from '../exchange/content-queue.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import type { IncomingBody } from '../exchange/incoming-body.ts';
import { HTTPHeaderDict } from './http-header-dict.ts';
import { type RequestHistory, urlOfHistory } from './request-history.ts';
import { Retry } from './retry.ts';
import { type TlsInfo, tlsInfo } from './tls-info.ts';

const NO_BYTES = new Uint8Array(0);

/**
 * A response, as urllib3's `HTTPResponse`: `data` when it was preloaded, otherwise read in pieces with
 * {@link HTTPResponse.read}, {@link HTTPResponse.stream} or {@link HTTPResponse.body}.
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
  readonly informational: readonly { status: number; headers: HTTPHeaderDict }[];

  readonly #body: IncomingBody;
  readonly #response: ExchangeResponse;
  readonly #requestUrl: string;
  #data: Uint8Array | undefined;
  #loading: Promise<void> | undefined;
  #stream: ReadableStream<Uint8Array> | undefined;
  #released = false;

  /** Made by a pool. @param requestUrl - what the first request asked for. */
  constructor(
    url: string,
    response: ExchangeResponse,
    retries: Retry = Retry.DEFAULT,
    requestUrl: string = url,
  ) {
    this.url = url;
    this.retries = retries;
    this.#requestUrl = requestUrl;
    this.status = response.status;
    this.reason = response.metadata.reason ?? '';
    this.headers = HTTPHeaderDict.fromLines(response.fields);
    this.version = { '1.0': 10, '1.1': 11, '2': 20 }[response.metadata.httpVersion ?? ''] ?? 0;
    this.informational = response.informational.map((head: ResponseHead) => ({
      status: head.status,
      headers: HTTPHeaderDict.fromLines(head.fields),
    }));
    this.#body = response.body;
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

  /** Trailer fields, once the content has been read. */
  get trailers(): HTTPHeaderDict {
    return HTTPHeaderDict.fromLines(this.#body.trailers);
  }

  /** Reads everything that is unread into {@link HTTPResponse.data}, once. */
  preload(): Promise<void> {
    this.#loading ??= this.#load();
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
   */
  async read(amount?: number): Promise<Uint8Array> {
    if (this.#released) return NO_BYTES;
    if (amount === undefined || amount < 0) return this.#readAll();
    if (!Number.isSafeInteger(amount)) {
      throw invalidOption(`amount must be an integer, got ${amount}`);
    }
    const pieces: Uint8Array[] = [];
    let missing = amount;
    while (missing > 0) {
      const piece = await this.#next(missing);
      if (piece === undefined) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return concatenate(pieces);
  }

  /**
   * The content in pieces of exactly `amount` bytes, the last one aside (urllib3's `stream(amt)`). Leaving the loop
   * early gives the response up.
   */
  async *stream(amount: number = DEFAULTS.streamAmountBytes): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const piece = await this.read(amount);
        if (piece.length === 0) return;
        yield piece;
      }
    } finally {
      this.releaseConn();
    }
  }

  /** The content as a stream of bytes. Use it or the other readers, not both. */
  get body(): ReadableStream<Uint8Array> {
    if (this.#stream === undefined) {
      keepBody(this.#body);
      // A Blob copies what it is made of: whoever reads the stream may do with it as they like.
      const preloaded = this.#data as Uint8Array<ArrayBuffer> | undefined;
      this.#stream = preloaded === undefined ? bodyStream(this.#body) : new Blob([preloaded]).stream();
    }
    return this.#stream;
  }

  /**
   * Done with the response: its connection goes back to the pool if the content was read, and is closed if it was not
   * (urllib3's `release_conn()`).
   */
  releaseConn(): void {
    if (this.#released) return;
    this.#released = true;
    if (!this.#body.isFinished) this.#body.cancel();
  }

  /**
   * Reads what is unread and throws it away, so that the connection can be used again (urllib3's `drain_conn()`). When it
   * is much or takes long, a new connection is sooner there, and this one is closed. Never throws.
   */
  async drainConn(): Promise<void> {
    const timer = setTimeout(() => this.releaseConn(), DEFAULTS.drainTimeoutMs);
    try {
      await this.read(DEFAULTS.maxDrainBytes);
    } catch {
      // What nobody wanted broke off.
    }
    clearTimeout(timer);
    this.releaseConn();
  }

  async #load(): Promise<void> {
    if (this.#released) {
      throw new ResponseStateError('response_closed', 'response must be read before releaseConn()');
    }
    this.#data = await this.#readAll();
  }

  async #readAll(): Promise<Uint8Array> {
    if (this.#body.isComplete) return this.#body.takeAll();
    const pieces: Uint8Array[] = [];
    for (let piece = await this.#next(); piece !== undefined; piece = await this.#next()) pieces.push(piece);
    return concatenate(pieces);
  }

  #next(limitBytes?: number): Promise<Uint8Array | undefined> {
    return this.#body.next(limitBytes);
  }
}
