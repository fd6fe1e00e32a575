import { baseUrl } from '../page-url.ts';
import { cloneSharesChunks, consume, readsThroughPromises } from './consume.ts';
import { MirroredHeaders } from './mirrored-headers.ts';
import { nameClass } from './name-class.ts';

const PlatformResponse = globalThis.Response;

/**
 * The Fetch standard's `Response`, for a tunnel: a platform's Response that keeps `set-cookie`, and does right what some
 * platforms do not. Whatever comes out of a `fetch()` is an instance of it.
 */
export class Response extends PlatformResponse {
  static override error(): Response {
    return adopted(PlatformResponse.error());
  }

  static override json(data: unknown, init?: ResponseInit): Response {
    return adopted(PlatformResponse.json(data, init));
  }

  static override redirect(url: string | URL, status?: number): Response {
    const base = baseUrl();
    const target = URL.canParse(url, base) ? new URL(url, base) : url;
    return adopted(PlatformResponse.redirect(target, status));
  }

  readonly #headers: Headers;
  /** Some platforms replace the error of a stream that they read themselves. */
  readonly #isFromStream: boolean = false;

  /** @throws TypeError or RangeError as the standard says. */
  constructor(body?: BodyInit | null, init: ResponseInit = {}) {
    const { headers } = init;
    const kept = headers === undefined ? undefined : new Headers(headers);
    super(
      body,
      kept === undefined ? init : Object.create(init, { headers: { value: kept, enumerable: true } }),
    );
    this.#isFromStream = body instanceof ReadableStream;
    const type = super.headers.get('content-type');
    this.#headers = new MirroredHeaders(super.headers, kept);
    if (type !== null && !this.#headers.has('content-type')) this.#headers.set('content-type', type);
  }

  override get headers(): Headers {
    return #headers in this ? this.#headers : super.headers;
  }

  override clone(): Response {
    const copy = super.clone();
    const body = cloneSharesChunks() && copy.body !== null ? copy.body.pipeThrough(cloner()) : undefined;
    const { status, statusText } = copy;
    if (body !== undefined) return new Response(body, { status, statusText, headers: this.headers });
    return #headers in this
      ? new Response(copy.body, { status, statusText, headers: this.headers })
      : adopted(copy);
  }

  override text(): Promise<string> {
    return Response.#readsItself(this) ? consume(this, (bytes) => decoder.decode(bytes)) : super.text();
  }

  override json(): Promise<unknown> {
    if (!Response.#readsItself(this)) return super.json();
    return consume(this, (bytes) => JSON.parse(decoder.decode(bytes)) as unknown);
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return Response.#readsItself(this) ? consume(this, (bytes) => bytes.buffer) : super.arrayBuffer();
  }

  override bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }

  override blob(): Promise<Blob> {
    return Response.#readsItself(this)
      ? consume(this, (bytes) => platformWith(bytes, this).blob())
      : super.blob();
  }

  override formData(): Promise<FormData> {
    return Response.#readsItself(this)
      ? consume(this, (bytes) => platformWith(bytes, this).formData())
      : super.formData();
  }

  /** Whether its body is read by us, not by the platform. Those the platform has made are without fields of ours. */
  static #readsItself(response: Response): boolean {
    return readsThroughPromises() || (#headers in response && response.#isFromStream);
  }
}

function platformWith(bytes: Uint8Array<ArrayBuffer>, { headers }: Response): globalThis.Response {
  return new PlatformResponse(bytes, { headers });
}

nameClass(Response, 'Response');
Object.defineProperty(Response, Symbol.hasInstance, { value: isInstance });

const decoder = new TextDecoder();

/** Whatever response the platform or a tunnel has made is one; of a subclass only its own are. */
function isInstance(this: unknown, value: unknown): boolean {
  return this === Response
    ? value instanceof PlatformResponse
    : Function.prototype[Symbol.hasInstance].call(this, value);
}

/** A response of the platform's making, as one of ours. */
function adopted(response: globalThis.Response): Response {
  return Object.setPrototypeOf(response, Response.prototype) as Response;
}

function cloner(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream(
    { transform: (chunk, controller) => controller.enqueue(structuredClone(chunk)) },
    undefined,
    { highWaterMark: 0 },
  );
}
