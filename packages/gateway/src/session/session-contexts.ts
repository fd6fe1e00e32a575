import type {
  ClearMessage,
  CloseMessage,
  ContextMessage,
  Failure,
  SettingsMessage,
  PoolSettings as WireSettings,
} from '@hip/wire';
import { INTERNALS } from '../defaults.ts';
import { placeOf } from '../exchange/request-plan.ts';
import type { GatewayLimits, GatewayTimeouts } from '../options.ts';
import type { EgressPolicy } from '../policy/egress-policy.ts';
import type { OriginPools } from '../pool/origin-pools.ts';
import type { PoolSettings } from '../pool/pool-settings.ts';
import type { Subject } from './authenticate.ts';
import type { ContextStore } from './context-store.ts';

/** Longest name of a context, in characters: 128 random bits in hexadecimal, and room. */
const MAX_NAME_LENGTH = 64;

/** What the contexts of a session need from its gateway. */
export interface SessionContextsOptions {
  readonly contexts: ContextStore;
  /** Makes declared settings ready for use, for the subject that declared them, or says why they cannot be had. */
  readonly compileSettings: (settings: WireSettings, subject: Subject) => PoolSettings | Failure;
  readonly limits: GatewayLimits;
  readonly timeouts: GatewayTimeouts;
}

/** An exchange that asks for the pools of its context. One of the two is called, now or later, unless the session ends. */
export interface ContextRequest {
  readonly contextId: number;
  readonly grant: (pools: OriginPools, settings: PoolSettings, policy: EgressPolicy) => void;
  readonly refuse: (failure: Failure) => void;
}

/** A context, or other settings of one. */
interface Declared {
  /** The context's; settings of a context have none. */
  readonly name: string | undefined;
  readonly pools: OriginPools;
  readonly settings: PoolSettings;
  /** Length of the declaration, in characters. */
  bytes: number;
}

const TOO_MUCH: Failure = {
  name: 'unsupported_option',
  detail:
    'the session has declared as many certificates and keys as it may: close managers that are not used',
};

/**
 * The manager contexts one session has declared, and the exchanges that came before theirs: a long declaration may still
 * be on its way on the control stream, and the wait for it is bounded.
 */
export class SessionContexts {
  readonly #options: SessionContextsOptions;
  readonly #declared = new Map<number, Declared | Failure>();
  readonly #settingsIds = new Set<number>();
  #settingsBytes = 0;
  readonly #held = new Set<ContextRequest>();
  #holdTimer: NodeJS.Timeout | undefined;
  #subject: Subject | undefined;

  constructor(options: SessionContextsOptions) {
    this.#options = options;
  }

  /** Whether it is known whose session this is. */
  get isAccepted(): boolean {
    return this.#subject !== undefined;
  }

  /** The session belongs to `subject`: contexts may be declared. */
  accept(subject: Subject): void {
    this.#subject = subject;
  }

  /** What makes a message one that no client sends; `undefined` when it may be followed. */
  fault(message: ContextMessage | SettingsMessage | ClearMessage | CloseMessage): string | undefined {
    if (message.type === 'clear' || message.type === 'close') {
      const isKnown = this.#declared.has(message.id);
      return isKnown ? undefined : `${message.type}.id must be declared before, got ${message.id}`;
    }
    if (this.#declared.has(message.id)) return `${message.type} ${message.id} was declared twice`;
    if (message.type === 'settings' && !this.#declared.has(message.context))
      return `settings.context must be a context declared before, got ${message.context}`;
    if (message.type === 'context' && message.name.length > MAX_NAME_LENGTH)
      return `context.name must have at most ${MAX_NAME_LENGTH} characters`;
    if (message.type === 'settings') {
      const most = INTERNALS.maxSettingsPerSession;
      return this.#settingsIds.size < most ? undefined : `a session must declare at most ${most} settings`;
    }
    const { maxContextsPerSession } = this.#options.limits;
    if (this.#declared.size - this.#settingsIds.size < maxContextsPerSession) return undefined;
    return `a session must declare at most ${maxContextsPerSession} contexts`;
  }

  /** Declares a context. Gives the failure that every exchange naming it will meet, if its settings cannot be had. */
  declare(message: ContextMessage | SettingsMessage): Failure | undefined {
    const bytes = JSON.stringify(message).length;
    const isTooMuch = this.#settingsBytes + bytes > INTERNALS.maxSettingsBytesPerSession;
    const context: Declared | Failure = isTooMuch ? TOO_MUCH : this.#open(message);
    if (isDeclared(context)) {
      context.bytes = bytes;
      this.#settingsBytes += bytes;
    }
    if (message.type === 'settings') this.#settingsIds.add(message.id);
    this.#declared.set(message.id, context);
    const held = [...this.#held];
    this.#held.clear();
    for (const request of held) this.find(request);
    return isDeclared(context) ? undefined : context;
  }

  /** The session needs a context no longer, and nor will another. */
  release(id: number): void {
    const context = this.#declared.get(id);
    if (context === undefined) return;
    this.#declared.delete(id);
    this.#settingsIds.delete(id);
    if (!isDeclared(context)) return;
    this.#settingsBytes -= context.bytes;
    this.#close(context, false);
  }

  /** Empties the pools of a context, or one of them. */
  clear(message: ClearMessage | CloseMessage): void {
    const context = this.#declared.get(message.id);
    if (context === undefined || !isDeclared(context)) return;
    const { pools, settings } = context;
    if (message.type === 'clear') {
      pools.clear(message.generation);
      return;
    }
    const place = placeOf(message, settings);
    if (place !== undefined) pools.forget(place);
  }

  /** Gives an exchange the pools of its context. */
  find(request: ContextRequest): void {
    const context = this.#declared.get(request.contextId);
    if (context === undefined) this.#hold(request);
    else if (isDeclared(context))
      request.grant(context.pools, context.settings, (this.#subject as Subject).policy);
    else request.refuse(context);
  }

  /** An exchange does not wait any more. */
  forget(request: ContextRequest): void {
    this.#held.delete(request);
  }

  /** Fails every exchange that still waits. */
  refuseHeld(failure: (contextId: number) => Failure): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const request of held) request.refuse(failure(request.contextId));
  }

  /** The session has ended; its pools linger for the next one. */
  close(): void {
    clearTimeout(this.#holdTimer);
    this.#held.clear();
    for (const context of this.#declared.values()) if (isDeclared(context)) this.#close(context, true);
    this.#declared.clear();
  }

  #open(message: ContextMessage | SettingsMessage): Declared | Failure {
    const { limits, compileSettings } = this.#options;
    const { maxsize } = message;
    if (maxsize > limits.maxConnectionsPerPool)
      return unsupported('maxsize', limits.maxConnectionsPerPool, maxsize);
    if (maxsize < 1) return { name: 'unsupported_option', detail: 'maxsize must be at least 1, got 0' };
    const settings = compileSettings(message, this.#subject as Subject);
    if (!('key' in settings)) return settings;
    return message.type === 'context'
      ? this.#openContext(message, settings)
      : this.#openVariant(message, settings);
  }

  #openContext({ name, numPools, generation }: ContextMessage, settings: PoolSettings): Declared | Failure {
    const { limits, contexts } = this.#options;
    if (numPools > limits.maxPoolsPerContext)
      return unsupported('numPools', limits.maxPoolsPerContext, numPools);
    const pools = contexts.open((this.#subject as Subject).name, name, numPools, generation);
    if (pools !== undefined) return { name, pools, settings, bytes: 0 };
    return { name: 'unsupported_option', detail: 'the context was declared with another numPools before' };
  }

  #openVariant({ context }: SettingsMessage, settings: PoolSettings): Declared | Failure {
    const parent = this.#declared.get(context) as Declared | Failure;
    return isDeclared(parent) ? { name: undefined, pools: parent.pools, settings, bytes: 0 } : parent;
  }

  #close({ name }: Declared, keep: boolean): void {
    if (name !== undefined) this.#options.contexts.close((this.#subject as Subject).name, name, keep);
  }

  #hold(request: ContextRequest): void {
    this.#held.add(request);
    this.#holdTimer ??= setTimeout(() => {
      this.#holdTimer = undefined;
      this.refuseHeld((contextId) => ({ name: 'unknown_context', detail: `context ${contextId}` }));
    }, this.#options.timeouts.helloTimeoutMs);
  }
}

function isDeclared(context: Declared | Failure): context is Declared {
  return 'pools' in context;
}

function unsupported(option: string, most: number, got: number): Failure {
  return {
    name: 'unsupported_option',
    detail: `${option} must be at most ${most} at this gateway, got ${got}`,
  };
}
