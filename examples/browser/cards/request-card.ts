import { type HTTPResponse, InvalidRequestError, type PoolManager } from '@hip/client';
import { byId, element } from '../view/dom.ts';
import { FirstBytes, piecesOf } from '../view/pieces.ts';
import { ResponseView } from '../view/response-view.ts';

/** As much of a body as this page takes, in bytes; the rest is never sent. */
const BODY_BYTES = 1_000_000;

/** One click each. A path belongs to the demo origin. */
const SUGGESTIONS: readonly { label: string; url: string; title: string; method?: string }[] = [
  { label: 'Hello', url: '/hello', title: 'A small JSON answer' },
  { label: 'Echo', url: '/headers', title: 'What the origin received, header by header' },
  { label: 'Two seconds', url: '/slow?ms=2000', title: 'An origin that thinks for two seconds' },
  { label: 'Cookies', url: '/set-cookies', title: 'Set-Cookie, which a browser hides from scripts' },
  {
    label: 'Trailers',
    url: '/chunked',
    title: 'Chunked content with trailer fields, which fetch cannot show',
  },
  { label: 'Image', url: '/image', title: 'An SVG image' },
  { label: 'Binary', url: '/bytes', title: 'Bytes that are no text' },
  { label: 'Teapot', url: '/status/418', title: 'Any status: /status/NNN' },
  { label: 'Redirect', url: '/status/302', title: 'A response with a Location' },
  { label: 'Cut short', url: '/cut', title: 'An origin that hangs up in the middle of the body' },
  {
    label: 'Forbidden',
    url: 'http://10.0.0.1/',
    title: "A private address, which the gateway's policy refuses",
  },
];

/** The card that sends one request and shows its response. */
export function mountRequest(http: PoolManager, origin: string): void {
  const card = new RequestCard(http);
  card.mount(origin);
}

class RequestCard {
  readonly #http: PoolManager;
  readonly #form = byId('request-form', HTMLFormElement);
  readonly #method = byId('method', HTMLSelectElement);
  readonly #url = byId('url', HTMLInputElement);
  readonly #headers = byId('request-headers', HTMLTextAreaElement);
  readonly #body = byId('request-body', HTMLTextAreaElement);
  readonly #go = byId('go', HTMLButtonElement);
  readonly #view: ResponseView;
  #running: AbortController | undefined;

  constructor(http: PoolManager) {
    this.#http = http;
    this.#view = new ResponseView((url) => this.#open('GET', url));
  }

  mount(origin: string): void {
    this.#url.value = `${origin}/hello`;
    const group = byId('suggestions', HTMLFieldSetElement);
    for (const { label, url, title, method = 'GET' } of SUGGESTIONS) {
      const button = element('button', 'chip', label);
      button.type = 'button';
      button.title = title;
      button.addEventListener('click', () => this.#open(method, new URL(url, origin).href));
      group.append(button);
    }
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      // The same button stops what it started.
      if (this.#running === undefined) void this.#send();
      else this.#running.abort();
    });
  }

  #open(method: string, url: string): void {
    this.#method.value = method;
    this.#url.value = url;
    void this.#send();
  }

  async #send(): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.#go.textContent = 'Cancel';
    this.#view.showPending();
    const startedMs = performance.now();
    const sinceStartMs = (): number => performance.now() - startedMs;
    const isCurrent = (): boolean => this.#running === controller;
    const received = new FirstBytes(BODY_BYTES);
    let response: HTTPResponse | undefined;
    let headMs = 0;
    try {
      response = await this.#request(controller.signal);
      headMs = sinceStartMs();
      if (!isCurrent()) return;
      this.#view.showHead(response, { headMs, endMs: undefined });
      for await (const piece of piecesOf(response.body)) {
        received.add(piece);
        if (received.isOver) break;
      }
      if (!isCurrent()) return;
      this.#view.showBody(response, received.bytes(), !received.isOver, { headMs, endMs: sinceStartMs() });
    } catch (error) {
      if (!isCurrent()) return;
      const endMs = sinceStartMs();
      if (response === undefined) this.#view.showError(error, endMs);
      else this.#view.showBroken(error, response, received.bytes(), { headMs, endMs });
    } finally {
      response?.releaseConn();
      if (isCurrent()) {
        this.#running = undefined;
        this.#go.textContent = 'Go';
      }
    }
  }

  async #request(signal: AbortSignal): Promise<HTTPResponse> {
    const body = this.#body.value;
    return this.#http.request(this.#method.value, completed(this.#url.value), {
      headers: parseHeaders(this.#headers.value),
      body: body === '' ? null : body,
      preloadContent: false,
      signal,
    });
  }
}

/** `example.com/path` is what people type. */
function completed(text: string): string {
  const url = text.trim();
  return url === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `https://${url}`;
}

/** @throws InvalidRequestError naming the line that is no header field. */
function parseHeaders(text: string): [string, string][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      throw new InvalidRequestError(
        'invalid_option',
        `header must be "name: value", got ${JSON.stringify(line)}`,
      );
    });
}
