import { CONNECTION_OPTIONS } from '../connection-options.ts';
import { loaded } from '../errors.ts';
import { defineMembers } from '../event-handlers.ts';
import { pageUrl } from '../page-url.ts';
import { checkNames } from '../pool/check-options.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import type { EventSourceEngine } from './event-source-engine.ts';
import type { EventSourceOptions } from './event-source-init.ts';

/** The events of the platform's, with their types. */
type SourceEvents = Pick<EventSource, 'addEventListener' | 'removeEventListener' | 'dispatchEvent'>;

/**
 * An `EventSource` as the HTML standard has it, through the gateway: made as `new http.EventSource(url)`. What carries it
 * out is loaded with the first one.
 *
 * Events of `error` have the HTTPError, where there is one, as their `error`. An event source is also an async iterable of
 * its events: while somebody iterates, the origin is stopped as long as no event is asked for.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html | HTML standard}
 */
export class TunnelEventSource extends (EventTarget as new () => SourceEvents) implements EventSource {
  /** It is not open yet. */
  declare static readonly CONNECTING: 0;
  /** It is open. */
  declare static readonly OPEN: 1;
  /** It is over. */
  declare static readonly CLOSED: 2;
  /** It is not open yet. */
  declare readonly CONNECTING: 0;
  /** It is open. */
  declare readonly OPEN: 1;
  /** It is over. */
  declare readonly CLOSED: 2;

  /** Handler of `open`. */
  declare onopen: EventSource['onopen'];
  /** Handler of `message`. */
  declare onmessage: EventSource['onmessage'];
  /** Handler of `error`. */
  declare onerror: EventSource['onerror'];

  readonly #url: string;
  readonly #withCredentials: boolean;
  readonly #state: { readyState: 0 | 1 | 2 } = { readyState: 0 };
  readonly #engine: Promise<EventSourceEngine>;

  /** Connects. */
  constructor(sender: RequestSender, url: string | URL, init: EventSourceOptions = {}) {
    super();
    const names = ['withCredentials', 'headers', 'maxEventLength'];
    const hasOverrides = checkNames('EventSource', init, names, CONNECTION_OPTIONS);
    this.#url = pageUrl(url).href;
    this.#withCredentials = Boolean(init.withCredentials);
    this.#engine = loaded(import('./event-source-engine.ts')).then(
      ({ EventSourceEngine }) =>
        new EventSourceEngine(this, this.#state, hasOverrides ? sender.bound({ ...init }) : sender, init),
    );
    this.#engine.catch((error) => {
      this.#state.readyState = 2;
      this.dispatchEvent(Object.assign(new Event('error'), { error }));
    });
  }

  /** Where events come from, made absolute. */
  get url(): string {
    return this.#url;
  }

  /** {@link EventSourceOptions.withCredentials}. */
  get withCredentials(): boolean {
    return this.#withCredentials;
  }

  /** `CONNECTING`, also between two connections, `OPEN` or `CLOSED`. */
  get readyState(): 0 | 1 | 2 {
    return this.#state.readyState;
  }

  /** Ends it for good. */
  close(): void {
    this.#state.readyState = 2;
    this.#engine.then((engine) => engine.close()).catch(() => {});
  }

  /**
   * Events of every type, as they are asked for. Ends when the source is closed.
   *
   * @throws the HTTPError that failed the source.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<MessageEvent<string>, void, undefined> {
    yield* (await this.#engine).events();
  }
}

defineMembers(TunnelEventSource, ['CONNECTING', 'OPEN', 'CLOSED'], ['open', 'message', 'error']);
