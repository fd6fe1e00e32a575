import type { FieldLines } from '@hip/wire';
import { bodyStream } from '../exchange/body-stream.ts';
import { ImmutableHeaders } from './immutable-headers.ts';
import type { ResponseInfo } from './response-info.ts';

/** What a response is made of beside its body. */
export interface ResponseFacts {
  readonly status: number;
  readonly reason: string;
  readonly fields: FieldLines;
  /** Without its fragment, as the standard has it. */
  readonly url: string;
  readonly redirected: boolean;
  readonly type: ResponseType;
  /** Of the request: once it is aborted, nothing of the body can be read any more. */
  readonly signal: AbortSignal | undefined;
  /** Why the body broke off, once it has: some platforms replace the error of a stream they read themselves. */
  readonly bodyError?: () => unknown;
  /** How it came. */
  readonly info: () => ResponseInfo;
  /** Somebody has the body beside the response. */
  readonly keepBody?: () => void;
}

const decoder = new TextDecoder();

/** Node 22 cancels the body of a Response that nobody holds any more, also when another Response has it. */
const OWNERS = new WeakMap<ReadableStream, Response>();

/**
 * A platform `Response` that knows its URL, keeps `set-cookie` where the platform drops it, and answers `text()`,
 * `json()`, `bytes()` and `arrayBuffer()` of a body that is already here from memory: reading a small body through the
 * platform's stream costs a third of the whole request in Chromium.
 */
export class TunnelResponse extends Response {
  readonly #facts: ResponseFacts;
  /** The whole body, when it is here. The platform has it too, for everything not answered from memory. */
  readonly #bytes: Uint8Array<ArrayBuffer> | undefined;
  #usedFromMemory = false;
  /** Has the body in place of the platform's `this`, once somebody may have its stream, and read, lock or abort it. */
  #exposed: Response | undefined;
  #headers: Headers | undefined;

  /** @param body - all of it, a stream of it, or `null` where the status allows none. */
  constructor(
    body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null,
    facts: ResponseFacts,
  ) {
    super(body, {
      status: facts.status,
      statusText: isReasonPhrase(facts.reason) ? facts.reason : '',
      headers: pairs(facts.fields),
    });
    this.#facts = facts;
    this.#bytes = body instanceof Uint8Array ? body : undefined;
  }

  override get url(): string {
    return this.#facts.url;
  }

  override get redirected(): boolean {
    return this.#facts.redirected;
  }

  override get type(): ResponseType {
    return this.#facts.type;
  }

  /** How it came, beyond what the standard tells. */
  get hip(): ResponseInfo {
    return this.#facts.info();
  }

  override get headers(): Headers {
    // Only Headers that belong to no Response keep set-cookie in a browser.
    this.#headers ??= new ImmutableHeaders(pairs(this.#facts.fields));
    return this.#headers;
  }

  override get bodyUsed(): boolean {
    return this.#usedFromMemory || (this.#exposed?.bodyUsed ?? super.bodyUsed);
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#bytes === undefined) {
      this.#facts.keepBody?.();
      return super.body;
    }
    return this.#expose(this.#bytes).body;
  }

  override clone(): TunnelResponse {
    if (this.bodyUsed) throw new TypeError('Response.clone: body has already been used');
    if (this.#bytes !== undefined && this.#exposed === undefined) {
      return new TunnelResponse(this.#bytes, this.#facts);
    }
    this.#facts.keepBody?.();
    const copy = this.#exposed?.clone() ?? super.clone();
    if (copy.body !== null) OWNERS.set(copy.body, copy);
    return new TunnelResponse(copy.body, this.#facts);
  }

  override text(): Promise<string> {
    return this.#read('text', (bytes) => decoder.decode(bytes));
  }

  override json(): Promise<unknown> {
    return this.#read('json', (bytes) => JSON.parse(decoder.decode(bytes)) as unknown);
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read('arrayBuffer', (bytes) => bytes.slice().buffer);
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes === undefined || this.#exposed !== undefined
      ? this.arrayBuffer().then((buffer) => new Uint8Array(buffer))
      : this.#read('bytes', (bytes) => bytes.slice());
  }

  override blob(): Promise<Blob> {
    return this.#read('blob');
  }

  override formData(): Promise<FormData> {
    return this.#read('formData');
  }

  /** Reads the body where it is: in memory, with the platform, or in the stream that somebody was given. */
  #read<Method extends 'arrayBuffer' | 'blob' | 'bytes' | 'formData' | 'json' | 'text'>(
    method: Method,
    fromMemory?: (bytes: Uint8Array<ArrayBuffer>) => Awaited<ReturnType<Response[Method]>>,
  ): ReturnType<Response[Method]> {
    return this.#readAny(method, fromMemory) as ReturnType<Response[Method]>;
  }

  #readAny(
    method: 'arrayBuffer' | 'blob' | 'bytes' | 'formData' | 'json' | 'text',
    fromMemory: ((bytes: Uint8Array<ArrayBuffer>) => unknown) | undefined,
  ): Promise<unknown> {
    const { signal, bodyError } = this.#facts;
    if (this.#usedFromMemory)
      return Promise.reject(new TypeError('Body is unusable: it has already been used'));
    if (this.#exposed !== undefined) return this.#exposed[method]();
    if (this.#bytes !== undefined) {
      // An empty one has been read to its end as soon as it is here.
      if (signal?.aborted && this.#bytes.length > 0) return Promise.reject(signal.reason);
      this.#usedFromMemory = true;
      if (fromMemory !== undefined) return settled(fromMemory, this.#bytes);
    } else if (bodyError?.() !== undefined && !super.bodyUsed) {
      return Promise.reject(bodyError());
    }
    // Chromium answers with a bare "Failed to fetch" whatever the stream broke off with.
    return super[method]().catch((error: unknown) => {
      throw bodyError?.() ?? error;
    });
  }

  /** The body as a stream that knows whether it was read already, and breaks off when the request is aborted. */
  #expose(bytes: Uint8Array<ArrayBuffer>): Response {
    if (this.#exposed !== undefined) return this.#exposed;
    const { signal } = this.#facts;
    const body = signal === undefined || bytes.length === 0 ? bytes : abortable(bytes, signal);
    const exposed = new Response(body, { headers: this.headers });
    // Read from memory, the stream does not know yet that it is used.
    if (this.#usedFromMemory) void exposed.arrayBuffer().catch(() => {});
    this.#exposed = exposed;
    return exposed;
  }
}

/** A stream of some bytes that breaks off with the reason of a signal, as long as it has not been read to its end. */
function abortable(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): ReadableStream {
  let unread: Uint8Array<ArrayBuffer> | undefined = bytes.slice();
  let abort = (): void => {};
  const forget = (): void => signal.removeEventListener('abort', abort);
  return bodyStream({
    next: async () => {
      const piece = unread;
      unread = undefined;
      if (piece === undefined) forget();
      return piece;
    },
    cancel: forget,
    onFailure: (told) => {
      abort = () => told(signal.reason);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    },
  });
}

/** Settled at once, whatever it is: no reaction to a body comes before that to an abort. */
function settled<Value>(
  read: (bytes: Uint8Array<ArrayBuffer>) => Value,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Value> {
  try {
    return Promise.resolve(read(bytes));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Field lines as `Headers` take them. */
export function pairs(fields: FieldLines): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) result.push([fields[i] as string, fields[i + 1] as string]);
  return result;
}

/** reason-phrase of RFC 9112 §4: what `Response` accepts as `statusText`. */
function isReasonPhrase(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}
