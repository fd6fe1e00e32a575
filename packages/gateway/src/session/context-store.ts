import type { ContextMessage } from '@hip/wire';
import type { OriginPools } from '../pool/origin-pools.ts';

/** What a context is made from: everything of its declaration but the number a session gives it. */
export type ContextSettings = Omit<ContextMessage, 'type' | 'id'>;

/** How a {@link ContextStore} makes and keeps pools. */
export interface ContextStoreOptions {
  readonly createPools: (settings: ContextSettings) => OriginPools;
  /** How long pools outlive the last session that declared them, in milliseconds. */
  readonly lingerMs: number;
}

interface Entry {
  readonly settings: ContextSettings;
  readonly pools: OriginPools;
  sessions: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The pools of every manager context, by subject and name. They outlive a dropped session for a while, so that a client
 * that comes back finds its connections open, and are never found by another subject.
 */
export class ContextStore {
  readonly #options: ContextStoreOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ContextStoreOptions) {
    this.#options = options;
  }

  /** The pools for a context a session declares; `undefined` when the name stands for other settings already. */
  open(subject: string, settings: ContextSettings): OriginPools | undefined {
    const key = entryKey(subject, settings.name);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { settings, pools: this.#options.createPools(settings), sessions: 0, timer: undefined };
      this.#entries.set(key, entry);
    } else if (!isSame(entry.settings, settings)) {
      return undefined;
    }
    clearTimeout(entry.timer);
    entry.sessions++;
    return entry.pools;
  }

  /** A session needs a context no longer. `keep`: it may come back, so its pools linger. */
  close(subject: string, name: string, keep: boolean): void {
    const key = entryKey(subject, name);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.sessions--;
    if (entry.sessions > 0) return;
    if (keep) entry.timer = setTimeout(() => this.#forget(key, entry), this.#options.lingerMs).unref();
    else this.#forget(key, entry);
  }

  /** Closes all pools. */
  closeAll(): void {
    for (const [key, entry] of this.#entries) {
      clearTimeout(entry.timer);
      this.#forget(key, entry);
    }
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    entry.pools.close();
  }
}

/** NUL cannot be part of a subject. */
function entryKey(subject: string, name: string): string {
  return `${subject}\0${name}`;
}

function isSame(one: ContextSettings, other: ContextSettings): boolean {
  return one.numPools === other.numPools && one.maxsize === other.maxsize && one.block === other.block;
}
