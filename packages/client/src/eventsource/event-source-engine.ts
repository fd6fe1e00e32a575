import { createParser, type EventSourceParser } from 'eventsource-parser';
import * as DEFAULTS from '../defaults.ts';
import {
  AuthenticationError,
  ClosedPoolError,
  EgressDeniedError,
  HTTPError,
  InvalidRequestError,
  ProtocolError,
} from '../errors.ts';
import { tunnelFetch } from '../fetch/fetch.ts';
import { errorEvent } from '../platform-events.ts';
import { checkCount } from '../pool/check-options.ts';
import { HTTPHeaderDict } from '../pool/http-header-dict.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { wait } from '../pool/wait.ts';
import { TaskQueue } from '../task-queue.ts';
import { urlCredentials } from '../url-credentials.ts';
import { EventReaders } from './event-readers.ts';
import type { EventSourceOptions } from './event-source-init.ts';

/** What the engine sees of its event source. */
interface EventSourceTarget extends EventTarget {
  readonly url: string;
  readonly withCredentials: boolean;
}

/** An event before it is dispatched. */
interface ParsedEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** Errors that another attempt would meet again. */
const FUTILE = [AuthenticationError, ClosedPoolError, EgressDeniedError, InvalidRequestError];

/**
 * Behind a {@link TunnelEventSource}: connects, dispatches, connects again. It reads on when every event of what it has read
 * was dispatched, so that a page that is busy, or does not ask for the next event, stops the origin.
 *
 *     connecting ──200, text/event-stream──▶ open ──end of the content──▶ connecting, after a pause
 *         └──another answer, a futile error─────┴──close()──▶ closed
 */
export class EventSourceEngine {
  readonly #target: EventSourceTarget;
  readonly #state: { readyState: 0 | 1 | 2 };
  readonly #sender: RequestSender;
  /** Without user name and password, which go with the headers. */
  readonly #url: string;
  readonly #headers: HTTPHeaderDict;
  readonly #maxEventLength: number;
  readonly #closing = new AbortController();
  readonly #tasks = new TaskQueue();
  readonly #readers = new EventReaders();
  #reconnectionTimeMs: number = DEFAULTS.reconnectionTimeMs;
  #lastEventId = '';

  /**
   * @param state - what the target shows.
   * @throws {@link InvalidRequestError} naming the option that cannot be honoured.
   */
  constructor(
    target: EventSourceTarget,
    state: { readyState: 0 | 1 | 2 },
    sender: RequestSender,
    { headers, maxEventLength }: EventSourceOptions,
  ) {
    this.#target = target;
    this.#state = state;
    this.#sender = sender;
    const url = new URL(target.url);
    this.#headers = requestHeaders(url, headers);
    url.username = '';
    url.password = '';
    this.#url = url.href;
    this.#maxEventLength = checkCount('maxEventLength', maxEventLength, 1, DEFAULTS.maxEventLength);
    if (state.readyState < 2) void this.#run();
  }

  /** Ends it. */
  close(): void {
    this.#closing.abort();
    this.#readers.end(undefined);
  }

  /** Events as they are asked for. */
  events(): AsyncGenerator<MessageEvent<string>, void, undefined> {
    return this.#readers.read();
  }

  async #run(): Promise<void> {
    while (this.#state.readyState < 2) {
      const error = await this.#connect().catch((reason: unknown) => reason);
      if (this.#state.readyState === 2) return;
      const cause = error instanceof TypeError && error.cause instanceof HTTPError ? error.cause : error;
      const isFutile = FUTILE.some((known) => cause instanceof known) || cause instanceof StreamError;
      await this.#task(() => {
        if (this.#state.readyState === 2) return;
        this.#state.readyState = isFutile ? 2 : 0;
        this.#target.dispatchEvent(errorEvent(cause));
      });
      if (isFutile) {
        this.#closing.abort();
        this.#readers.end(cause);
        return;
      }
      await wait(this.#reconnectionTimeMs, this.#closing.signal).catch(() => {});
    }
  }

  /** One connection, from the request to the end of its content. */
  async #connect(): Promise<void> {
    const response = await tunnelFetch(this.#sender, this.#url, {
      headers: this.#requestHeaders(),
      credentials: this.#target.withCredentials ? 'include' : 'same-origin',
      cache: 'no-store',
      signal: this.#closing.signal,
    });
    const type = response.headers.get('content-type') ?? '';
    if (response.status !== 200 || !/^\s*text\/event-stream\s*(?:;|$)/i.test(type)) {
      response.body?.cancel().catch(() => {});
      throw new StreamError(
        `an event source must answer 200 with text/event-stream, got ${response.status} with ${type === '' ? 'no type' : type}`,
      );
    }
    await this.#task(() => {
      if (this.#state.readyState === 2) return;
      this.#state.readyState = 1;
      this.#target.dispatchEvent(new Event('open'));
    });
    await this.#dispatchAll(response);
  }

  async #dispatchAll({ body, url }: Response): Promise<void> {
    if (body === null) return;
    const { origin } = new URL(url);
    const events: ParsedEvent[] = [];
    const parser = this.#parser(events);
    // The parser takes the byte order mark away, once.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const event of events.splice(0)) {
        await this.#readers.demand();
        await this.#task(() => this.#dispatch(event, origin));
        if (this.#state.readyState === 2) return;
      }
    }
  }

  #parser(events: ParsedEvent[]): EventSourceParser {
    return createParser({
      maxBufferSize: this.#maxEventLength,
      onId: (id) => {
        this.#lastEventId = id;
      },
      onRetry: (milliseconds) => {
        this.#reconnectionTimeMs = milliseconds;
      },
      onEvent: ({ event: type = 'message', data }) => {
        events.push({ type, data, lastEventId: this.#lastEventId });
      },
      onError: ({ type }) => {
        if (type !== 'max-buffer-size-exceeded') return;
        throw new StreamError(
          `an event must have at most ${this.#maxEventLength} characters (maxEventLength), got more`,
        );
      },
    });
  }

  #dispatch({ type, data, lastEventId }: ParsedEvent, origin: string): void {
    if (this.#state.readyState === 2) return;
    const event = new MessageEvent(type, { data, origin, lastEventId });
    this.#target.dispatchEvent(event);
    this.#readers.give(event);
  }

  #requestHeaders(): [name: string, value: string][] {
    const headers = this.#headers.copy();
    if (this.#lastEventId !== '') headers.set('last-event-id', utf8Bytes(this.#lastEventId));
    return [...headers];
  }

  /** Runs something in a task of its own. */
  #task(run: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#tasks.push(() => {
        run();
        resolve();
      });
    });
  }
}

/** What every request has beside the identifier of the last event. */
function requestHeaders(url: URL, given: EventSourceOptions['headers']): HTTPHeaderDict {
  const headers = new HTTPHeaderDict(given);
  headers.setdefault('accept', 'text/event-stream');
  // What "no-store" makes of a request that says nothing else (Fetch standard, "HTTP-network-or-cache fetch").
  headers.setdefault('cache-control', 'no-cache');
  const authorization = urlCredentials(url);
  if (authorization !== undefined) headers.setdefault('authorization', authorization);
  try {
    new Headers([...headers]);
  } catch (cause) {
    throw new InvalidRequestError('invalid_option', 'headers must be names and values of fields', { cause });
  }
  return headers;
}

/** What an origin sends is no event stream. */
class StreamError extends ProtocolError {
  constructor(message: string) {
    super('event_source_failed', message, { sent: 'always' });
  }
}

/** Text as UTF-8 with a character for each byte: what a field value is made of. */
function utf8Bytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
