import { INTERNALS } from '../defaults.ts';
import { GatewaySession, type SessionEnvironment } from './gateway-session.ts';
import type { RecordCarrier } from './record-carrier.ts';

/** The live sessions of a gateway: how many there may be, and how they end when it shuts down. */
export class SessionRegistry {
  readonly #environment: SessionEnvironment;
  readonly #sessions = new Set<GatewaySession>();
  #turnedAway = 0;
  #draining = false;
  #drained: (() => void) | undefined;

  constructor(environment: SessionEnvironment) {
    this.#environment = environment;
  }

  /** Sessions now. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions and exchanges now, for the log. */
  get load(): { sessions: number; exchanges: number } {
    let exchanges = 0;
    for (const session of this.#sessions) exchanges += session.exchangeCount;
    return { sessions: this.#sessions.size, exchanges };
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

  /** Whether a client for whom there is no room may be told so in a session: that, too, costs something. */
  get mayTurnAway(): boolean {
    return !this.#draining && this.#turnedAway < INTERNALS.maxTurnedAway;
  }

  /** Tells a client that there is no room. A browser shows nothing of an upgrade that is refused, so a session says it. */
  turnAway(carrier: RecordCarrier): GatewaySession {
    this.#turnedAway += 1;
    const session = new GatewaySession(this.#environment, carrier, () => {});
    session.turnAway();
    return session;
  }

  /** One that was turned away has gone. */
  left(): void {
    this.#turnedAway -= 1;
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
      this.#environment.log.warn(this.load, 'drain timed out: what is left is cut off');
      for (const session of [...this.#sessions]) session.close();
    }, timeoutMs);
    if (this.#sessions.size > 0) await drained;
    clearTimeout(timer);
  }
}
