import { loaded } from './errors.ts';
import { HTTPHeaderDict } from './pool/http-header-dict.ts';
import type { HTTPResponse } from './pool/http-response.ts';
import type { ContentEncoder, RequestTarget } from './pool/perform-request.ts';
import type { RequestDefaults, RequestInit, UrlopenInit } from './pool/request-options.ts';
import type { RequestSender } from './pool/request-sender.ts';
import { Retry } from './pool/retry.ts';
import { Timeout } from './pool/timeout.ts';

type Requesting = typeof import('./pool/perform-request.ts');

/** What it takes to send requests as urllib3 does. Loaded with the first one: a page that only uses `fetch()` goes without. */
let requesting: Requesting | undefined;

async function loadRequesting(): Promise<Requesting> {
  requesting = await loaded(import('./pool/perform-request.ts'));
  return requesting;
}

/** What managers and pools have in common: the ways to a request, as urllib3's class of this name. */
export abstract class RequestMethods {
  /** Header fields of requests that are given none. */
  readonly headers: HTTPHeaderDict;

  /** Retries of requests that are given none. */
  readonly retries: Retry;

  /** Timeouts of requests that are given none. */
  readonly timeout: Timeout;

  readonly #sender: RequestSender;

  /** @throws {@link InvalidRequestError} when an option cannot be honoured. */
  protected constructor(sender: RequestSender, { headers, retries, timeout }: RequestDefaults) {
    this.#sender = sender;
    this.headers = new HTTPHeaderDict(headers);
    this.retries = Retry.fromInt(retries);
    this.timeout = Timeout.from(timeout ?? null);
  }

  /**
   * Sends a request, retries it and follows redirects, as urllib3 does.
   *
   * @param method - made upper case.
   * @param url - `http:` or `https:`; its fragment is not sent, its user name neither. A pool for one origin also takes a
   * path: it begins with `/` and may have a query.
   * @param init - what to send, and what differs from the manager or pool for this request.
   * @throws {@link MaxRetryError} when it failed as often as `retries` allows; another subclass of HTTPError for what is
   * not retried; the reason of the signal.
   */
  request(method: string, url: string | URL, init: RequestInit = {}): Promise<HTTPResponse> {
    return this.#perform(method, url, init, 'encodeRequest');
  }

  /**
   * As {@link RequestMethods.request}, with `fields` in the URL whatever the method, which is sent as it is written
   * (urllib3's `request_encode_url()`).
   */
  requestEncodeUrl(method: string, url: string | URL, init: RequestInit = {}): Promise<HTTPResponse> {
    return this.#perform(method, url, init, 'encodeInUrl');
  }

  /**
   * As {@link RequestMethods.request}, with `fields` in the body whatever the method, which is sent as it is written
   * (urllib3's `request_encode_body()`).
   */
  requestEncodeBody(method: string, url: string | URL, init: RequestInit = {}): Promise<HTTPResponse> {
    return this.#perform(method, url, init, 'encodeInBody');
  }

  /** As {@link RequestMethods.request}, without `fields` and `json`; the method is sent as it is written. */
  urlopen(method: string, url: string | URL, init: UrlopenInit = {}): Promise<HTTPResponse> {
    return this.#perform(method, url, init);
  }

  /** Lets go of what is held at the gateway. */
  abstract close(): Promise<void>;

  /** {@link RequestMethods.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What a URL means here. */
  protected abstract targetOf(url: string | URL): RequestTarget;

  #perform(
    method: string,
    url: string | URL,
    init: RequestInit,
    encoder?: ContentEncoder,
  ): Promise<HTTPResponse> {
    const perform = ({ performRequest }: Requesting): Promise<HTTPResponse> =>
      performRequest(this.#sender, this, (given) => this.targetOf(given), method, url, init, encoder);
    return requesting === undefined ? loadRequesting().then(perform) : perform(requesting);
  }
}
