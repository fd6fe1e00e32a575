import { DEFAULTS } from '../defaults.ts';
import { AuthenticationError, failureError, type HTTPError } from '../errors.ts';
import { openWebSocket } from '../transport/websocket.ts';
import { reconnectDelayMs } from './backoff.ts';
import { ClientSession, type ClientSessionHandler, type OpenTransport } from './client-session.ts';
import type { ManagerContext } from './manager-context.ts';

/** How a client proves who it is: a token, or a function that gives a fresh one for every new session. */
export type TokenSource = string | (() => string | Promise<string>);

/** Somebody who needs a session. */
export interface SessionWaiter {
  /** Here is one with a stream to give, right now: open the exchange before returning. */
  use(session: ClientSession): void;
  /** There will be none. */
  fail(error: HTTPError): void;
}

/** Where sessions lead, and how they are opened. */
export interface SessionManagerOptions {
  readonly gateway: string;
  readonly token?: TokenSource | undefined;
  readonly openTransport?: OpenTransport | undefined;
}

const CLOSED = 'close() was called: no session with the gateway any more';

/**
 * The sessions with one gateway: opens the first when it is needed, further ones when streams run out, moves on from
 * one that drains, and tries again, with growing pauses, when one cannot be opened. Exchanges already under way are
 * not its business: they fail or finish with their session.
 *
 *     no session ──waiter──▶ connecting ──open──▶ open ──drain──▶ (set aside until its exchanges end)
 *          ▲                    │  ▲                │
 *          └──no waiter left────┘  └──pause, waiter─┴──lost
 */
export class SessionManager {
  readonly #gateway: string;
  readonly #token: TokenSource | undefined;
  readonly #openTransport: OpenTransport;

  /** Sessions that take exchanges, or will. */
  readonly #sessions = new Set<ClientSession>();
  /** Sessions that only finish what they have. */
  readonly #retired = new Set<ClientSession>();
  readonly #idleTimers = new Map<ClientSession, ReturnType<typeof setTimeout>>();

  #waiters: Array<{ waiter: SessionWaiter; sinceMs: number }> = [];
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #connecting = false;
  #attempt = 0;
  #lastError: HTTPError | undefined;
  #closed = false;

  /** Opens nothing yet. */
  constructor(options: SessionManagerOptions) {
    this.#gateway = options.gateway;
    this.#token = options.token;
    this.#openTransport = options.openTransport ?? openWebSocket;
  }

  /** Gives `waiter` a session: at once when one has a stream to spare, which is the usual case. */
  acquire(waiter: SessionWaiter): void {
    if (this.#closed) {
      waiter.fail(failureError({ name: 'session_unavailable', detail: CLOSED }));
      return;
    }
    const session = this.#waiters.length === 0 ? this.#available() : undefined;
    if (session !== undefined) {
      this.#use(session, waiter);
      return;
    }
    this.#waiters.push({ waiter, sinceMs: performance.now() });
    this.#armDeadline();
    this.#connectIfNeeded();
  }

  /** `waiter` needs no session any more. */
  forget(waiter: SessionWaiter): void {
    this.#waiters = this.#waiters.filter((entry) => entry.waiter !== waiter);
  }

  /** The gateway may forget a context. */
  release(context: ManagerContext): void {
    for (const session of [...this.#sessions, ...this.#retired]) session.releaseContext(context);
  }

  /** Ends every session. Exchanges under way fail. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#deadline);
    for (const timer of this.#idleTimers.values()) clearTimeout(timer);
    this.#failAll(failureError({ name: 'session_unavailable', detail: CLOSED }));
    for (const session of [...this.#sessions, ...this.#retired]) session.close();
  }

  #available(): ClientSession | undefined {
    for (const session of this.#sessions) if (session.isAvailable) return session;
    return undefined;
  }

  #use(session: ClientSession, waiter: SessionWaiter): void {
    const timer = this.#idleTimers.get(session);
    if (timer !== undefined) {
      clearTimeout(timer);
      this.#idleTimers.delete(session);
    }
    waiter.use(session);
  }

  #serve(): void {
    while (this.#waiters.length > 0) {
      const session = this.#available();
      if (session === undefined) break;
      const entry = this.#waiters.shift();
      if (entry !== undefined) this.#use(session, entry.waiter);
    }
    this.#connectIfNeeded();
  }

  // Opening sessions.

  #connectIfNeeded(): void {
    if (this.#waiters.length === 0 || this.#connecting || this.#closed) return;
    if (this.#sessions.size >= DEFAULTS.maxSessions) return;
    this.#connecting = true;
    const delayMs = reconnectDelayMs(this.#attempt, Math.random());
    if (delayMs === 0) void this.#connect();
    else setTimeout(() => void this.#connect(), delayMs);
  }

  async #connect(): Promise<void> {
    let token: string | undefined;
    try {
      token = typeof this.#token === 'function' ? await this.#token() : this.#token;
    } catch (cause) {
      this.#connecting = false;
      this.#failAll(
        failureError(
          { name: 'session_unavailable', detail: 'the token function failed: no session with the gateway' },
          { cause },
        ),
      );
      return;
    }
    if (this.#closed || this.#waiters.length === 0) {
      this.#connecting = false;
      return;
    }
    this.#attempt++;
    this.#sessions.add(new ClientSession(this.#gateway, token, this.#openTransport, this.#events));
  }

  readonly #events: ClientSessionHandler = {
    open: () => {
      this.#connecting = false;
      this.#serve();
    },
    accepted: () => {
      this.#attempt = 0;
    },
    streamsAvailable: () => this.#serve(),
    draining: (session) => {
      this.#sessions.delete(session);
      this.#retired.add(session);
      this.#attempt = 0;
    },
    idle: (session) => {
      if (this.#retired.has(session)) {
        session.close();
        return;
      }
      const timer = setTimeout(() => session.close(), DEFAULTS.sessionIdleMs);
      this.#idleTimers.set(session, timer);
    },
    closed: (session, error) => {
      this.#retired.delete(session);
      clearTimeout(this.#idleTimers.get(session));
      this.#idleTimers.delete(session);
      // A session that never opened was the one being connected.
      if (this.#sessions.delete(session)) this.#connecting = false;
      this.#lastError = error;
      // Trying again with the same token would get the same answer.
      if (error instanceof AuthenticationError) this.#failAll(error);
      else this.#connectIfNeeded();
    },
  };

  // Giving up.

  #armDeadline(): void {
    const oldest = this.#waiters[0];
    if (this.#deadline !== undefined || oldest === undefined) return;
    const leftMs = oldest.sinceMs + DEFAULTS.sessionTimeoutMs - performance.now();
    this.#deadline = setTimeout(
      () => {
        this.#deadline = undefined;
        this.#failOverdue();
        this.#armDeadline();
      },
      Math.max(0, leftMs),
    );
  }

  #failOverdue(): void {
    const dueMs = performance.now() - DEFAULTS.sessionTimeoutMs;
    const overdue = this.#waiters.filter((entry) => entry.sinceMs <= dueMs);
    this.#waiters = this.#waiters.filter((entry) => entry.sinceMs > dueMs);
    for (const { waiter } of overdue) waiter.fail(this.#unavailable());
  }

  #failAll(error: HTTPError): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { waiter } of waiters) waiter.fail(error);
  }

  #unavailable(): HTTPError {
    const last = this.#lastError === undefined ? '' : `; last: ${this.#lastError.message}`;
    const detail = `no session with ${this.#gateway} within ${DEFAULTS.sessionTimeoutMs} ms${last}`;
    return failureError({ name: 'session_unavailable', detail }, { cause: this.#lastError });
  }
}
