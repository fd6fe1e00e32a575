import type { FieldLines, RequestOptions, ResponseMetadata } from '@hip/wire';
import type { ConnectionOverrides } from '../connection-options.ts';
import { ClosedPoolError, loaded, tellUrl } from '../errors.ts';
import { type ExchangeRequest, type ExchangeResponse, exchange } from '../exchange/exchange.ts';
import type { RequestBody } from '../exchange/request-body.ts';
import { type ConnectionFieldRule, requestHead } from '../exchange/request-head.ts';
import type { ManagerContext } from '../session/manager-context.ts';
import type { SessionManager } from '../session/session-manager.ts';
import type { CookieKeeper } from './check-options.ts';
import type { exchangeWithCookies } from './cookie-exchange.ts';
import type { exchangeWithSettings } from './settings-store.ts';

/** One request, ready to go. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  /** In place of the path and query of the URL. */
  readonly target?: string | undefined;
  readonly lines: FieldLines;
  readonly body: RequestBody | undefined;
  readonly options: RequestOptions;
  readonly signal: AbortSignal | undefined;
  readonly connectionFields: ConnectionFieldRule;
  /** See {@link ExchangeRequest.onBodySent}. */
  readonly onBodySent?: ExchangeRequest['onBodySent'];
  /** As {@link ExchangeRequest.repeats}. */
  readonly repeats?: number | undefined;
  /** Options of TLS and proxies of this request alone. */
  readonly overrides?: ConnectionOverrides | undefined;
  /** `omit`: cookies are neither sent nor kept. All else is the same, since there is no page's origin to compare with. */
  readonly credentials?: RequestCredentials | undefined;
  /** URLs that redirected here, first to last. */
  readonly via?: readonly (URL | string)[];
  /** What becomes of the options of a pool: it goes to another origin than that. */
  readonly elsewhere?: (<Options extends object>(options: Options) => Options) | undefined;
}

/** What carrying a request out gives: a response, or as much of one as a WebSocket has. */
export type Answered = Pick<ExchangeResponse, 'metadata' | 'fields'> &
  Partial<Pick<ExchangeResponse, 'body'>>;

/** Carries a request out over one of these sessions. */
export type Carry<Answer> = (sessions: SessionManager, request: ExchangeRequest) => Promise<Answer>;

/** Sends requests of one manager context: what `request()` and `fetch()` have in common. */
export class RequestSender {
  readonly #sessions: SessionManager;
  readonly #context: ManagerContext;
  readonly #levels: readonly object[] | undefined;
  readonly #manager: RequestSender | undefined;
  readonly #cookies: CookieKeeper | undefined;
  #exchange: typeof exchangeWithSettings | undefined;
  #exchangeWithCookies: typeof exchangeWithCookies | undefined;
  #closed = false;

  /** What the gateway told about the pool of the latest response. */
  latest: ResponseMetadata = {};

  /**
   * @param sessions - closed together with the sender.
   * @param levels - options of connections, the most particular last, where there are any; never changed.
   * @param cookies - where there are any.
   * @param manager - the one whose sessions and context these are.
   */
  constructor(
    sessions: SessionManager,
    context: ManagerContext,
    levels?: readonly object[],
    cookies?: CookieKeeper,
    manager?: RequestSender,
  ) {
    this.#sessions = sessions;
    this.#context = context;
    this.#levels = levels;
    this.#cookies = cookies;
    this.#manager = manager;
  }

  /** Whether it, or the manager it belongs to, was closed. */
  get isClosed(): boolean {
    return this.#closed || (this.#manager ?? this).#closed;
  }

  /** A sender of the same context, with more options, that is closed alone. */
  bound(options: object | undefined): RequestSender {
    const levels = options === undefined ? this.#levels : [...(this.#levels ?? []), options];
    return new RequestSender(this.#sessions, this.#context, levels, this.#cookies, this);
  }

  /**
   * Sends a request and gives its response at the head.
   *
   * @throws a subclass of HTTPError, or the reason of the signal.
   */
  async send(request: OutgoingRequest): Promise<ExchangeResponse> {
    const response = await this.carry(request, exchange);
    this.latest = response.metadata;
    return response;
  }

  /**
   * Has a request carried out in another way than as an exchange: a WebSocket's, say.
   *
   * @throws what `by` throws, and {@link InvalidRequestError} when the request cannot be sent.
   */
  async carry<Answer extends Answered>(request: OutgoingRequest, by: Carry<Answer>): Promise<Answer> {
    try {
      if (this.isClosed) {
        throw new ClosedPoolError('pool_closed', 'Pool is closed: it was closed by close().');
      }
      if (this.#cookies === undefined || request.credentials === 'omit') {
        return await this.#carry(request, by);
      }
      this.#exchangeWithCookies ??= (await loaded(import('./cookie-exchange.ts'))).exchangeWithCookies;
      return await this.#exchangeWithCookies(this.#cookies, request, (ready) => this.#carry(ready, by));
    } catch (error) {
      // The reason of a signal is its owner's.
      throw request.signal?.aborted ? error : tellUrl(error, request.url);
    }
  }

  async #carry<Answer extends Answered>(request: OutgoingRequest, by: Carry<Answer>): Promise<Answer> {
    const { method, url, target, lines, body, options, signal, connectionFields, onBodySent } = request;
    const { overrides, elsewhere, repeats } = request;
    const levels = elsewhere === undefined ? this.#levels : this.#levelsOf(elsewhere);
    const head = requestHead(method, url, lines, body, connectionFields, target);
    const ready = { context: this.#context, head, body, options, signal, onBodySent, repeats };
    if (levels === undefined && overrides === undefined) return by(this.#sessions, ready);
    return (await this.#load())(this.#sessions, ready, url, levels, overrides, by);
  }

  /** Sends nothing more over connections of before: idle ones are closed, the others when their response ends. */
  clear(): void {
    const generation = (this.#context.generation ?? 0) + 1;
    this.#context.generation = generation;
    this.#sessions.tell(this.#context, { type: 'clear', generation });
  }

  /** Ends the sessions; what is under way fails. */
  close(): void {
    this.#closed = true;
    this.#sessions.close();
  }

  /**
   * Refuses what comes later; what is under way finishes. Then the sessions end, or, with a manager's, the pool of these
   * requests is emptied.
   */
  async closePool(scheme: string, authority: string): Promise<void> {
    if (this.isClosed) return;
    this.#closed = true;
    if (this.#manager === undefined) {
      this.clear();
      this.#sessions.retire();
      return;
    }
    const order = { type: 'close', scheme, authority } as const;
    if (this.#levels === undefined) this.#sessions.tell(this.#context, order);
    else
      await (await loaded(import('./settings-store.ts'))).tellOfSettings(this.#context, this.#levels, order);
  }

  /** With the options of a pool changed, but not those of the manager it belongs to. */
  #levelsOf(change: NonNullable<OutgoingRequest['elsewhere']>): readonly object[] | undefined {
    const shared = this.#manager === undefined ? 0 : (this.#manager.#levels ?? []).length;
    return this.#levels?.map((level, at) => (at < shared ? level : change(level)));
  }

  /** What requests with TLS or proxy options go by: most pages never need it. */
  async #load(): Promise<typeof exchangeWithSettings> {
    this.#exchange ??= (await loaded(import('./settings-store.ts'))).exchangeWithSettings;
    return this.#exchange;
  }
}

/** A name no other manager has: 128 random bits. */
export function contextName(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
