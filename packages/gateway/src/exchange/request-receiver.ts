import {
  ExchangeRequestDecoder,
  type ExchangeRequestHandler,
  type FieldLines,
  type RequestHead,
  type RequestOptions,
} from '@hip/wire';
import { RequestBody } from '../pool/request-body.ts';

/** Methods whose requests rarely have content: without a `content-length`, wait and see whether any comes. */
const USUALLY_EMPTY: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** What the receiver asks of the client's side of the stream. */
export interface RequestSource {
  /** The client may send as many more bytes. */
  credit(bytes: number): void;
  /** The origin takes no more of the body: the client need not send the rest. */
  stop(): void;
}

/**
 * Reads the request of an exchange from its stream and decides what kind of body it has: none, bytes that are all
 * here, or one that goes on arriving.
 */
export class RequestReceiver implements ExchangeRequestHandler {
  /** Manager context the client named. */
  contextId = -1;

  /** What the client asks for beside the request. */
  options: RequestOptions = {};

  /** Control data and header section, once they are here. */
  head: RequestHead | undefined;

  readonly #decoder: ExchangeRequestDecoder;
  readonly #client: RequestSource;
  #pieces: Uint8Array[] = [];
  #ended = false;
  #body: RequestBody | undefined;
  #contentBytes = 0;
  #owedBytes = 0;

  /** @param client - whom the request comes from. */
  constructor(maxHeadBytes: number, client: RequestSource) {
    this.#client = client;
    this.#decoder = new ExchangeRequestDecoder(this, {
      maxHeadBytes,
      maxTrailerBytes: maxHeadBytes,
      maxInformationalResponses: 0,
    });
  }

  /**
   * Takes what arrived.
   *
   * @throws WireError when it is no request.
   */
  push(bytes: Uint8Array, fin: boolean): void {
    const contentBefore = this.#contentBytes;
    this.#decoder.push(bytes);
    if (fin) this.#decoder.finish();
    // Content gives its credit back when the origin takes it; everything around it, now.
    this.#client.credit(bytes.length - (this.#contentBytes - contentBefore));
  }

  /** Whether enough is known to send the request on. */
  get isReady(): boolean {
    if (this.head === undefined) return false;
    if (this.#ended || this.#pieces.length > 0) return true;
    return !USUALLY_EMPTY.has(this.head.method) || this.head.fields.includes('content-length');
  }

  /** Whether the client has sent everything. */
  get isComplete(): boolean {
    return this.#ended;
  }

  /** Whether the body is one that went on arriving while it was sent on. */
  get isStreamed(): boolean {
    return this.#body !== undefined;
  }

  /** The body to send on. Call it once, when it is sent on; what comes later is written into it. */
  takeBody(): Uint8Array | RequestBody | undefined {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#ended) {
      this.#client.credit(this.#contentBytes);
      return pieces.length === 0 ? undefined : pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    }
    const body = new RequestBody();
    body.onDrain = () => this.#payCredit();
    body.onDiscard = () => {
      this.#payCredit();
      this.#client.stop();
    };
    this.#body = body;
    for (const piece of pieces) this.#write(body, piece);
    return body;
  }

  /** The client broke its request off. */
  abort(): void {
    this.#body?.abort();
  }

  /** Nobody wants the rest of the body. */
  discard(): void {
    this.#body?.discard();
    this.#pieces = [];
  }

  // Called by the decoder.

  begin(contextId: number, options: RequestOptions): void {
    this.contextId = contextId;
    this.options = options;
  }

  requestHead(head: RequestHead): void {
    this.head = head;
  }

  content(bytes: Uint8Array): void {
    this.#contentBytes += bytes.length;
    if (this.#body === undefined) this.#pieces.push(bytes);
    else this.#write(this.#body, bytes);
  }

  /** Trailer fields of requests end here: the engine toward the origin cannot send any (RFC 9110 §6.5.1 lets a proxy drop them). */
  end(_trailers: FieldLines): void {
    this.#ended = true;
    this.#body?.end();
  }

  #write(body: RequestBody, bytes: Uint8Array): void {
    this.#owedBytes += bytes.length;
    if (body.write(bytes)) this.#payCredit();
  }

  #payCredit(): void {
    const owed = this.#owedBytes;
    this.#owedBytes = 0;
    this.#client.credit(owed);
  }
}
