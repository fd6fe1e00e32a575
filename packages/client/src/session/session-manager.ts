import * as DEFAULTS from '../defaults.ts';
import { AuthenticationError, copyOf, failureError, type HTTPError } from '../errors.ts';
import type { TokenSource } from '../options.ts';
import { openWebSocket } from '../transport/websocket.ts';
import { reconnectDelayMs } from './backoff.ts';
import { ClientSession, type ClientSessionHandler, type OpenTransport } from './client-session.ts';
import type { ContextOrder, ContextSettings, ManagerContext } from './manager-context.ts';
import { checkPlatform } from './platform-check.ts';

/** Somebody who needs a session. */
export interface SessionWaiter {
  /** Here is one: open the exchange before returning. `false` when the session has no stream to give. */
  use(session: ClientSession): boolean;
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

  #waiters: Array<{ waiter: SessionWaiter; sinceMs: number }> = [];
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** Whether a session is being opened, and which, once its turn has come: one at a time, until the gateway takes it. */
  #connecting = false;
  #newest: ClientSession | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** Sessions in a row that ended or drained soon. */
  #failures = 0;
  #lastError: HTTPError | undefined;
  #closed = false;
  #isRetiring = false;

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
    if (this.#waiters.length === 0 && this.#offer(waiter)) return;
    // What happened to sessions before anybody waited is no reason why none comes.
    if (this.#waiters.length === 0) this.#lastError = undefined;
    this.#waiters.push({ waiter, sinceMs: performance.now() });
    this.#armDeadline();
    this.#connectIfNeeded();
  }

  /** `waiter` needs no session any more. */
  forget(waiter: SessionWaiter): void {
    this.#waiters = this.#waiters.filter((entry) => entry.waiter !== waiter);
    this.#disarmDeadline();
  }

  /** Tells the gateway something about a context, where it knows it. */
  tell(context: ManagerContext | ContextSettings, order: ContextOrder): void {
    for (const session of [...this.#sessions, ...this.#retired]) {
      // Said twice, it would close what has come in between.
      if (session.tell(context, order) && order.type === 'close') return;
    }
  }

  /** Ends every session as soon as nothing is under way on it. Nobody asks for one any more. */
  retire(): void {
    this.#isRetiring = true;
    for (const session of [...this.#sessions]) session.drain();
  }

  /** Ends every session. Exchanges under way fail. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#pause);
    this.#failAll(failureError({ name: 'session_unavailable', detail: CLOSED }));
    for (const session of [...this.#sessions, ...this.#retired]) session.close();
  }

  #offer(waiter: SessionWaiter): boolean {
    for (const session of this.#sessions) if (waiter.use(session)) return true;
    return false;
  }

  #serve(): void {
    for (let next = this.#waiters.shift(); next !== undefined; next = this.#waiters.shift()) {
      if (this.#offer(next.waiter)) continue;
      this.#waiters.unshift(next);
      break;
    }
    this.#disarmDeadline();
    this.#connectIfNeeded();
  }

  // Opening sessions.

  #connectIfNeeded(): void {
    if (this.#waiters.length === 0 || this.#connecting || this.#closed) return;
    if (this.#sessions.size >= DEFAULTS.maxSessions) return;
    // It will answer, or end.
    if ([...this.#sessions].some((session) => session.isDoubtful)) return;
    this.#connecting = true;
    // A gateway that keeps one of our sessions is well: only streams have run out.
    if ([...this.#sessions].some(hasLived)) this.#failures = 0;
    const delayMs = reconnectDelayMs(this.#failures, Math.random());
    if (delayMs === 0) void this.#connect();
    else this.#pause = setTimeout(() => void this.#connect(), delayMs);
  }

  async #connect(): Promise<void> {
    let failed = 'the token function failed';
    try {
      const token = this.#isNeeded ? await readToken(this.#token) : undefined;
      failed = 'a WebSocket could not be made';
      if (this.#isNeeded) {
        this.#newest = new ClientSession(this.#gateway, token, this.#openTransport, this.#events);
        this.#sessions.add(this.#newest);
        return;
      }
    } catch (cause) {
      const detail = `no session with ${this.#gateway}: ${failed}: ${String(cause)}`;
      this.#failAll(failureError({ name: 'session_unavailable', detail }, { cause }));
    }
    this.#connecting = false;
  }

  /** Whether the gateway has taken a session that is still there. */
  get #isConnected(): boolean {
    for (const session of this.#sessions) if (session.ageMs >= 0) return true;
    return false;
  }

  get #isNeeded(): boolean {
    return !this.#closed && this.#waiters.length > 0;
  }

  readonly #events: ClientSessionHandler = {
    open: (session) => {
      this.#serve();
      if (this.#isRetiring) session.drain();
    },
    accepted: (session, features) => {
      checkPlatform(this.#gateway, features);
      this.#connected(session);
      this.#connectIfNeeded();
    },
    streamsAvailable: () => this.#serve(),
    draining: (session) => {
      this.#ended(session);
      this.#retired.add(session);
      this.#serve();
    },
    closed: (session, error) => {
      if (!this.#retired.delete(session)) this.#ended(session);
      this.#lastError = error;
      // Trying again with the same token would get the same answer.
      if (error instanceof AuthenticationError) this.#failAll(error);
      else this.#connectIfNeeded();
    },
  };

  /** The session is not being connected any more. */
  #connected(session: ClientSession): void {
    if (session !== this.#newest) return;
    this.#newest = undefined;
    this.#connecting = false;
  }

  /** The session takes no exchanges any more. One that lived for a while is followed by another at once. */
  #ended(session: ClientSession): void {
    this.#connected(session);
    this.#sessions.delete(session);
    this.#failures = hasLived(session) ? 0 : this.#failures + 1;
  }

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

  /** No timer without somebody who waits: it would keep a process alive. */
  #disarmDeadline(): void {
    if (this.#waiters.length > 0) return;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #failOverdue(): void {
    const nowMs = performance.now();
    const dueMs = nowMs - DEFAULTS.sessionTimeoutMs;
    // Sessions that are only busy will come to them: how long that may take is up to their callers.
    if (this.#isConnected) {
      for (const entry of this.#waiters) entry.sinceMs = nowMs;
      return;
    }
    const overdue = this.#waiters.filter((entry) => entry.sinceMs <= dueMs);
    this.#waiters = this.#waiters.filter((entry) => entry.sinceMs > dueMs);
    for (const { waiter } of overdue) waiter.fail(this.#unavailable());
  }

  #failAll(error: HTTPError): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#disarmDeadline();
    for (const { waiter } of waiters) waiter.fail(copyOf(error));
  }

  #unavailable(): HTTPError {
    const last = this.#lastError === undefined ? '' : `; last: ${this.#lastError.message}`;
    const detail = `no session with ${this.#gateway} within ${DEFAULTS.sessionTimeoutMs} ms${last}`;
    return failureError({ name: 'session_unavailable', detail }, { cause: this.#lastError });
  }
}

/** Whether a session has lasted so long that its end is no sign of trouble. */
function hasLived(session: ClientSession): boolean {
  return session.ageMs >= DEFAULTS.reconnectMaxMs;
}

async function readToken(source: TokenSource | undefined): Promise<string | undefined> {
  if (typeof source !== 'function') return source;
  const token: unknown = await source();
  if (typeof token !== 'string') throw new TypeError(`token must be a string, got ${typeof token}`);
  return token;
}
