import { GatewaySession, type SessionEnvironment } from './gateway-session.ts';
import type { RecordCarrier } from './record-carrier.ts';

/** The live sessions of a gateway: how many there may be, and how they end when it shuts down. */
export class SessionRegistry {
  readonly #environment: SessionEnvironment;
  readonly #sessions = new Set<GatewaySession>();
  #draining = false;
  #drained: (() => void) | undefined;

  constructor(environment: SessionEnvironment) {
    this.#environment = environment;
  }

  /** Sessions now. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Whether the gateway is shutting down. */
  get isDraining(): boolean {
    return this.#draining;
  }

  /** Whether one more session may come. */
  get hasRoom(): boolean {
    return !this.#draining && this.#sessions.size < this.#environment.limits.maxSessions;
  }

  /** Starts a session on a carrier. Ask {@link SessionRegistry.hasRoom} first. */
  open(carrier: RecordCarrier): GatewaySession {
    const session: GatewaySession = new GatewaySession(this.#environment, carrier, () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#drained?.();
    });
    this.#sessions.add(session);
    return session;
  }

  /** Takes no new sessions, lets exchanges under way finish, and ends what is left after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    if (this.#sessions.size === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    for (const session of [...this.#sessions]) session.drain(timeoutMs);
    const timer = setTimeout(() => {
      for (const session of [...this.#sessions]) session.close();
    }, timeoutMs);
    if (this.#sessions.size > 0) await drained;
    clearTimeout(timer);
  }
}
