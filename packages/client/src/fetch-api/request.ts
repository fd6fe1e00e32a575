import { encodeFormData } from '../exchange/multipart.ts';
import { extractBody, type RequestBody } from '../exchange/request-body.ts';
import { bodySource } from '../fetch/body-source.ts';
import { REQUEST_SOURCES } from '../fetch/request-source.ts';
import type { BodySource } from '../options.ts';
import { baseUrl } from '../page-url.ts';
import { MirroredHeaders } from './mirrored-headers.ts';
import { nameClass } from './name-class.ts';

const PlatformRequest = globalThis.Request;

/**
 * The Fetch standard's `Request`, for a tunnel: a platform's Request that keeps every header, also those a browser drops
 * (`cookie`, `host`, `origin`), and remembers what its body was made from, so that a text in it has a length and may follow
 * a redirect.
 */
export class Request extends PlatformRequest {
  #headers: Headers;
  /** The platform shows another stream once the body has moved. */
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined;
  /** Whether its body went into another Request. */
  #hasMoved = false;

  /** @throws TypeError as the standard says. */
  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    const from = input instanceof PlatformRequest ? input : undefined;
    const prepared = prepare(init);
    if (from instanceof Request) void from.body; // the one it had before
    super(from ?? resolved(input), prepared.init);
    const kept = prepared.headers ?? (from === undefined ? undefined : new Headers(from.headers));
    const type = super.headers.get('content-type');
    const headers = new MirroredHeaders(super.headers, kept);
    if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
    this.#headers = headers;
    if (prepared.body !== undefined) {
      REQUEST_SOURCES.set(this, prepared.body);
    } else if (from !== undefined && (init.body ?? null) === null && from.body !== null) {
      const known = REQUEST_SOURCES.get(from);
      if (known !== undefined) REQUEST_SOURCES.set(this, known);
      if (from instanceof Request) from.#hasMoved = true;
    }
  }

  override get headers(): Headers {
    return this.#headers;
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#body === undefined) this.#body = super.body;
    return this.#body;
  }

  override get bodyUsed(): boolean {
    return this.#hasMoved || super.bodyUsed;
  }

  /** A copy, whose body is one of its own. */
  override clone(): Request {
    if (this.bodyUsed) throw new TypeError('Request.clone: body has already been used');
    const copy = new Request(super.clone());
    this.#body = undefined;
    copy.#headers = new MirroredHeaders(copy.#headers, this.#headers);
    const known = REQUEST_SOURCES.get(this);
    if (known !== undefined) REQUEST_SOURCES.set(copy, known);
    return copy;
  }
}

nameClass(Request, 'Request');

/** A URL that a platform without a location can read, too. */
function resolved(input: RequestInfo | URL): string {
  const text = String(input);
  const base = baseUrl();
  return URL.canParse(text, base) ? new URL(text, base).href : text;
}

interface PreparedInit {
  readonly init: RequestInit;
  readonly headers: Headers | undefined;
  readonly body: RequestBody | undefined;
}

/** What the platform is given: members that are read once are read here. */
function prepare(given: RequestInit): PreparedInit {
  const own: PropertyDescriptorMap = {};
  const set = (name: keyof RequestInit, value: unknown): void => {
    own[name] = { value, enumerable: true };
  };
  let headers: Headers | undefined;
  if (given.headers !== undefined) {
    headers = new Headers(given.headers);
    set('headers', headers);
  }
  const { referrer } = given;
  const base = baseUrl();
  if (referrer !== undefined && referrer !== '' && URL.canParse(referrer, base)) {
    set('referrer', new URL(referrer, base).href);
  }
  if ((given.window ?? null) !== null) throw new TypeError('init.window must be null');
  const source = given.body ?? null;
  let body: RequestBody | undefined;
  if (source instanceof FormData) {
    const form = encodeFormData(source);
    const { contentType } = form;
    body = { ...extractBody(form.body as Uint8Array<ArrayBuffer> | Blob), type: contentType };
    set('body', form.body);
    headers ??= new Headers();
    if (!headers.has('content-type')) headers.append('content-type', contentType);
    set('headers', headers);
  } else if (source !== null) {
    const value = bodySource(source) as Exclude<BodySource, FormData>;
    const isStream = typeof value === 'object' && Symbol.asyncIterator in value;
    if (!isStream) body = extractBody(value);
    set('body', value);
  }
  return { init: Object.create(given, own) as RequestInit, headers, body };
}
