import { byId } from './dom.ts';
import { formatMs } from './format.ts';

/** The line that says how the session with the gateway does, as far as the page can tell from its own requests. */
export class SessionLine {
  readonly #line = byId('session', HTMLParagraphElement);
  readonly #state = byId('session-state', HTMLSpanElement);
  readonly #roundTrip = byId('session-round-trip', HTMLSpanElement);

  /** Whether the last request came back. */
  isConnected = false;

  constructor(gateway: string) {
    byId('session-gateway', HTMLElement).textContent = gateway;
  }

  /** A request went to the origin and back. */
  connected(roundTripMs: number): void {
    this.isConnected = true;
    this.#show('connected', 'Connected', formatMs(roundTripMs));
    this.#line.title = 'The time is that of a HEAD request to the demo origin and back, through the gateway.';
  }

  /** A request could not be answered. */
  lost(error: unknown): void {
    this.isConnected = false;
    this.#show('lost', 'Not connected', '');
    this.#line.title = String(error);
  }

  #show(state: string, text: string, roundTrip: string): void {
    this.#line.dataset['state'] = state;
    // Written only when it changes: a screen reader says every change.
    if (this.#state.textContent !== text) this.#state.textContent = text;
    this.#roundTrip.textContent = roundTrip;
  }
}
