import type { HTTPResponse } from '@hip/client';
import { bodyView } from './body-view.ts';
import { byId, element } from './dom.ts';
import { errorView, isCancelled } from './error-view.ts';
import { formatMs } from './format.ts';

/** HTTP versions as urllib3 counts them. */
const VERSIONS: Readonly<Record<number, string>> = { 10: 'HTTP/1.0', 11: 'HTTP/1.1', 20: 'HTTP/2' };

/** How often a wait shows how long it has lasted, in milliseconds. */
const TICK_MS = 100;

/** When things happened, in milliseconds since the request was started. */
export interface Timing {
  headMs: number;
  /** Undefined while the body is still coming. */
  endMs: number | undefined;
}

/** The lower half of the request card: one response, or the error in its place. */
export class ResponseView {
  readonly #root = byId('response', HTMLDivElement);
  readonly #status = byId('response-status', HTMLParagraphElement);
  readonly #timing = byId('response-timing', HTMLDivElement);
  readonly #wait = byId('timing-wait', HTMLSpanElement);
  readonly #transfer = byId('timing-transfer', HTMLSpanElement);
  readonly #legend = byId('timing-legend', HTMLParagraphElement);
  readonly #body = byId('body', HTMLElement);
  readonly #bodyTitle = byId('body-title', HTMLSpanElement);
  readonly #bodyNote = byId('body-note', HTMLElement);
  readonly #headers = byId('headers', HTMLTableSectionElement);
  readonly #headersNote = byId('headers-note', HTMLElement);
  readonly #follow: (url: string) => void;
  #ticker: ReturnType<typeof setInterval> | undefined;

  /** @param follow - called with the target when the user follows a redirect. */
  constructor(follow: (url: string) => void) {
    this.#follow = follow;
  }

  /** A request has left. What was there stays, dimmed, so that nothing jumps. */
  showPending(): void {
    const startedMs = performance.now();
    this.#root.dataset['state'] = 'pending';
    this.#status.textContent = 'Waiting for the response';
    this.#legend.textContent = '';
    this.#bars(0, 0);
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => {
      this.#legend.textContent = formatMs(performance.now() - startedMs);
    }, TICK_MS);
  }

  /** The head is here. */
  showHead(response: HTTPResponse, timing: Timing): void {
    this.#settle('head');
    const { status } = response;
    const badge = element('span', 'badge number', String(status));
    badge.dataset['class'] = String(Math.floor(status / 100));
    const version = VERSIONS[response.version] ?? '';
    this.#status.replaceChildren(badge, ` ${response.reason} `, element('small', '', version));
    const location = response.headers.get('location');
    if (location !== undefined && URL.canParse(location, response.url)) {
      this.#status.append(this.#followButton(new URL(location, response.url).href));
    }
    this.#headers.replaceChildren();
    this.#addFields(response.headers, '');
    this.#bodyTitle.textContent = 'Body';
    this.#bodyNote.textContent = '';
    this.#body.replaceChildren();
    this.#showTiming(timing);
  }

  /** The body is here, or as much of it as this page takes. */
  showBody(response: HTTPResponse, bytes: Uint8Array<ArrayBuffer>, isWhole: boolean, timing: Timing): void {
    this.#settle('done');
    const { view, note } = bodyView(bytes, response.headers.get('content-type') ?? '', isWhole);
    this.#body.replaceChildren(view);
    this.#body.scrollTop = 0;
    this.#bodyNote.textContent = note;
    if (isWhole) this.#addFields(response.trailers, 'trailer');
    this.#showTiming(timing);
  }

  /** It failed before the head. */
  showError(error: unknown, atMs: number): void {
    this.#settle('failed');
    this.#status.textContent = isCancelled(error) ? 'Cancelled' : 'No response';
    this.#headers.replaceChildren();
    this.#headersNote.textContent = '';
    this.#bars(0, 0);
    this.#legend.textContent = `after ${formatMs(atMs)}`;
    this.#showFailure(error);
  }

  /** It failed inside the body: what had arrived is shown with the error. */
  showBroken(error: unknown, response: HTTPResponse, bytes: Uint8Array<ArrayBuffer>, timing: Timing): void {
    this.#settle('failed');
    this.#showTiming(timing);
    this.#showFailure(error);
    if (bytes.length === 0) return;
    const { view, note } = bodyView(bytes, response.headers.get('content-type') ?? '', false);
    this.#body.append(element('p', 'partial', `Until then (${note}):`), view);
  }

  #showFailure(error: unknown): void {
    const cancelled = isCancelled(error);
    this.#bodyTitle.textContent = cancelled ? 'Body' : 'Error';
    this.#bodyNote.textContent = '';
    this.#body.replaceChildren(
      cancelled ? element('p', 'empty', 'You cancelled this request.') : errorView(error),
    );
  }

  #settle(state: string): void {
    clearInterval(this.#ticker);
    this.#root.dataset['state'] = state;
  }

  #addFields(fields: Iterable<[string, string]>, kind: string): void {
    for (const [name, value] of fields) {
      const heading = element('th', '', name);
      heading.scope = 'row';
      if (kind !== '') heading.append(' ', element('small', 'tag', kind));
      this.#headers.append(element('tr', kind, heading, element('td', '', value)));
    }
    this.#headersNote.textContent = String(this.#headers.childElementCount);
  }

  #followButton(target: string): HTMLButtonElement {
    const button = element('button', 'small', 'Follow');
    button.type = 'button';
    button.title = target;
    button.addEventListener('click', () => this.#follow(target));
    return button;
  }

  #showTiming({ headMs, endMs }: Timing): void {
    const transferMs = (endMs ?? headMs) - headMs;
    this.#bars(headMs, transferMs);
    const parts = [
      element('span', 'key-wait', `head ${formatMs(headMs)}`),
      element('span', 'key-transfer', `body ${formatMs(transferMs)}`),
    ];
    this.#legend.replaceChildren(...parts, element('strong', '', `${formatMs(endMs ?? headMs)} in all`));
  }

  #bars(waitMs: number, transferMs: number): void {
    this.#timing.dataset['state'] = waitMs + transferMs > 0 ? 'measured' : 'empty';
    this.#wait.style.flexGrow = String(waitMs);
    this.#transfer.style.flexGrow = String(transferMs);
  }
}
