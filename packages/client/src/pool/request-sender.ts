import type { FieldLines, RequestOptions, ResponseMetadata } from '@hip/wire';
import { ClosedPoolError } from '../errors.ts';
import { type ExchangeResponse, exchange } from '../exchange/exchange.ts';
import type { RequestBody } from '../exchange/request-body.ts';
import { type ConnectionFieldRule, requestHead } from '../exchange/request-head.ts';
import type { ManagerContext } from '../session/manager-context.ts';
import type { SessionManager } from '../session/session-manager.ts';

/** One request, ready to go. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly lines: FieldLines;
  readonly body: RequestBody | undefined;
  readonly options: RequestOptions;
  readonly signal: AbortSignal | undefined;
  readonly connectionFields: ConnectionFieldRule;
}

/** Sends requests of one manager context: what `request()` and `fetch()` have in common. */
export class RequestSender {
  readonly #sessions: SessionManager;
  readonly #context: ManagerContext;
  #closed = false;

  /** What the gateway told about the pool of the latest response. */
  latest: ResponseMetadata = {};

  /** @param sessions - closed together with the sender. */
  constructor(sessions: SessionManager, context: ManagerContext) {
    this.#sessions = sessions;
    this.#context = context;
  }

  /**
   * Sends a request and gives its response at the head.
   *
   * @throws a subclass of HTTPError, or the reason of the signal.
   */
  async send(request: OutgoingRequest): Promise<ExchangeResponse> {
    if (this.#closed) throw new ClosedPoolError('pool_closed', 'Pool is closed: it was closed by close().');
    const { method, url, lines, body, options, signal, connectionFields } = request;
    const head = requestHead(method, url, lines, body, connectionFields);
    const response = await exchange(this.#sessions, { context: this.#context, head, body, options, signal });
    this.latest = response.metadata;
    return response;
  }

  /** Ends the sessions; what is under way fails. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sessions.release(this.#context);
    this.#sessions.close();
  }
}

/** A name no other manager has: 128 random bits. */
export function contextName(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
