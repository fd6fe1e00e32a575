import type { FieldLines } from '@hip/wire';
import type { ResponseInfo } from './response-info.ts';

/** What a response is made of beside its body. */
export interface ResponseFacts {
  readonly status: number;
  readonly reason: string;
  readonly fields: FieldLines;
  /** Without its fragment, as the standard has it. */
  readonly url: string;
  readonly redirected: boolean;
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
  /** Whether somebody may have the platform's stream, and read or lock it. */
  #isBodyExposed = false;
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
    return 'basic';
  }

  /** How it came, beyond what the standard tells. */
  get hip(): ResponseInfo {
    return this.#facts.info();
  }

  override get headers(): Headers {
    if (this.#headers !== undefined) return this.#headers;
    // Only Headers that belong to no Response keep set-cookie in a browser.
    this.#headers = this.#facts.fields.includes('set-cookie')
      ? new Headers(pairs(this.#facts.fields))
      : super.headers;
    return this.#headers;
  }

  override get bodyUsed(): boolean {
    return this.#usedFromMemory || super.bodyUsed;
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    // Read from memory, the platform's stream does not know yet that it is used.
    if (this.#usedFromMemory && !super.bodyUsed) void super.arrayBuffer();
    this.#isBodyExposed = true;
    this.#facts.keepBody?.();
    return super.body;
  }

  override clone(): TunnelResponse {
    if (this.bodyUsed) throw new TypeError('Response.clone: body has already been used');
    if (this.#bytes !== undefined && !this.#isBodyExposed)
      return new TunnelResponse(this.#bytes, this.#facts);
    this.#facts.keepBody?.();
    const copy = super.clone();
    if (copy.body !== null) OWNERS.set(copy.body, copy);
    return new TunnelResponse(copy.body, this.#facts);
  }

  override text(): Promise<string> {
    const bytes = this.#takeFromMemory();
    return bytes === undefined ? this.#explained(super.text()) : Promise.resolve(decoder.decode(bytes));
  }

  override async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = this.#takeFromMemory();
    return bytes === undefined ? this.#explained(super.arrayBuffer()) : bytes.slice().buffer;
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  override blob(): Promise<Blob> {
    return this.#usedFromMemory ? this.#alreadyUsed() : this.#explained(super.blob());
  }

  override formData(): Promise<FormData> {
    return this.#usedFromMemory ? this.#alreadyUsed() : this.#explained(super.formData());
  }

  /** The body, if it can be had from memory; `undefined` sends the caller to the platform, which also has the errors. */
  #takeFromMemory(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#bytes === undefined || this.bodyUsed || this.#isBodyExposed) {
      if (this.#usedFromMemory && !super.bodyUsed) void super.arrayBuffer();
      return undefined;
    }
    this.#usedFromMemory = true;
    return this.#bytes;
  }

  /** Chromium answers with a bare "Failed to fetch" whatever the stream broke off with. */
  #explained<Value>(read: Promise<Value>): Promise<Value> {
    return read.catch((error: unknown) => {
      throw this.#facts.bodyError?.() ?? error;
    });
  }

  #alreadyUsed(): Promise<never> {
    return Promise.reject(new TypeError('Body is unusable: body has already been used'));
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
