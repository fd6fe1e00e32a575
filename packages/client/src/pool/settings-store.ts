import { ByteReader, type PoolSettings } from '@hip/wire';
import { copyOf, failureError, HTTPError } from '../errors.ts';
import type { ExchangeRequest } from '../exchange/exchange.ts';
import type { ContextOrder, ContextSettings, ManagerContext } from '../session/manager-context.ts';
import type { SessionManager } from '../session/session-manager.ts';
import { type ConnectionSettings, connectionSettings, mergeOptions } from './connection-settings.ts';
import { CredentialCache } from './credential-cache.ts';
import { LruMap } from './lru-map.ts';
import { orAborted } from './or-aborted.ts';
import type { Answered, Carry } from './request-sender.ts';

/**
 * Settings a manager keeps declared at the gateway beside its context, those of requests under way aside: enough for an
 * application that has a client certificate for each of its tenants.
 */
const MAX_SETTINGS = 64;

/** Characters of all of them: a bundle of every public authority has 220,000. A gateway takes twice as many. */
const MAX_SETTINGS_LENGTH = 4_194_304;

/** Settings, and how many requests are on their way to the gateway with them. */
interface Entry extends ConnectionSettings {
  /** The context itself, where they are not other than its own. */
  readonly context: ManagerContext | ContextSettings;
  uses: number;
  /** Whether the gateway did not take them: asked for again, it may. */
  isRefused: boolean;
}

/**
 * The settings that requests of one manager go with when they are not just its context's: loaded when a TLS or proxy
 * option is first used. Equal settings are one object, which a session declares once; what has not been used for long, or
 * makes room for others, the gateway is told to forget.
 */
class SettingsStore {
  readonly #sessions: SessionManager;
  readonly #context: ManagerContext;
  readonly #entries = new LruMap<string, Entry>();
  /** Characters of all entries. */
  #length = 0;
  /** Of levels that stay the same array: a manager's and its pools'. */
  readonly #fixed = new WeakMap<readonly object[], Promise<Entry>>();
  readonly #credentials = new CredentialCache();

  /** @param context - what other settings are settings of. */
  constructor(sessions: SessionManager, context: ManagerContext) {
    this.#sessions = sessions;
    this.#context = context;
  }

  /** Sends a request under the settings that its options ask for, and raises the warnings they deserve. */
  async exchange<Answer extends Answered>(
    request: ExchangeRequest,
    url: URL,
    levels: readonly object[] | undefined,
    overrides: object | undefined,
    by: Carry<Answer>,
  ): Promise<Answer> {
    const found = await orAborted(
      request.signal,
      overrides === undefined && levels !== undefined
        ? this.#compileLevels(levels)
        : this.#compile([...(levels ?? []), overrides]),
    ).catch((error: unknown) => {
      // Several requests may have waited for the same settings, or for the content of the same file.
      throw error instanceof HTTPError && !request.signal?.aborted ? copyOf(error) : error;
    });
    const entry = this.#use(found);
    const options = found.peerCertificates ? { ...request.options, peerCertificates: true } : request.options;
    try {
      entry.warn?.(url);
      const response = await by(this.#sessions, { ...request, context: entry.context, options });
      entry.isRefused = false;
      return found.peerCertificates ? withCertificates(response) : response;
    } catch (error) {
      entry.isRefused = error instanceof HTTPError && error.code === 'unsupported_option';
      throw error;
    } finally {
      // The gateway has answered, or will not: it need not know them any more.
      entry.uses--;
      this.#forget();
    }
  }

  /** Tells the gateway something about the settings of levels, if requests have gone with them. */
  async tell(levels: readonly object[], order: ContextOrder): Promise<void> {
    const found = await this.#fixed.get(levels);
    const entry = found && this.#entries.get(found.key);
    if (entry !== undefined) this.#sessions.tell(entry.context, order);
  }

  /** Equal settings are the same object, whoever asks for them: sessions tell them apart by that. */
  #use(found: Entry): Entry {
    const known = this.#entries.get(found.key);
    if (known === undefined) {
      this.#entries.set(found.key, found);
      this.#length += found.key.length;
    }
    const entry = known ?? found;
    entry.uses++;
    this.#forget();
    return entry;
  }

  #compileLevels(levels: readonly object[]): Promise<Entry> {
    let entry = this.#fixed.get(levels);
    if (entry === undefined) {
      entry = this.#compile(levels);
      this.#fixed.set(levels, entry);
      // The next request tries again.
      entry.catch(() => this.#fixed.delete(levels));
    }
    return entry;
  }

  async #compile(levels: readonly (object | undefined)[]): Promise<Entry> {
    const options = mergeOptions([plainSettings(this.#context), ...levels]);
    const settings = await connectionSettings(options, (...credential) =>
      this.#credentials.read(...credential),
    );
    const isPlain = settings.key === JSON.stringify(plainSettings(this.#context));
    const context = isPlain ? this.#context : { ...settings.wire, context: this.#context };
    return { ...settings, context, uses: 0, isRefused: false };
  }

  /** Those in use stay: an exchange may be about to name them. */
  #forget(): void {
    for (const [key, { context, uses, isRefused }] of this.#entries) {
      const isTooMuch = this.#entries.size > MAX_SETTINGS || this.#length > MAX_SETTINGS_LENGTH;
      if (uses > 0 || !(isRefused || isTooMuch)) continue;
      this.#entries.delete(key);
      this.#length -= key.length;
      if (context !== this.#context) this.#sessions.tell(context, { type: 'release' });
    }
  }
}

/** By the context they belong to. */
const stores = new WeakMap<ManagerContext, SettingsStore>();

/**
 * Sends a request with TLS or proxy options.
 *
 * @param levels - options of the manager and pool; always the same array for the same ones.
 * @param overrides - options of the request.
 * @param by - carries it out.
 * @throws {@link InvalidRequestError} naming the option that cannot be honoured; {@link SSLError} when content cannot be
 * used; what the exchange throws.
 */
export function exchangeWithSettings<Answer extends Answered>(
  sessions: SessionManager,
  request: ExchangeRequest & { readonly context: ManagerContext },
  url: URL,
  levels: readonly object[] | undefined,
  overrides: object | undefined,
  by: Carry<Answer>,
): Promise<Answer> {
  let store = stores.get(request.context);
  if (store === undefined) {
    store = new SettingsStore(sessions, request.context);
    stores.set(request.context, store);
  }
  return store.exchange(request, url, levels, overrides, by);
}

/** Tells the gateway something about the settings that requests with these levels have. */
export async function tellOfSettings(
  context: ManagerContext,
  levels: readonly object[],
  order: ContextOrder,
): Promise<void> {
  await stores.get(context)?.tell(levels, order);
}

/** What a context has of its own. */
function plainSettings({ maxsize, block }: ManagerContext): PoolSettings {
  return { maxsize, block };
}

/** With the certificates that are in the metadata, each after its length. */
function withCertificates<Answer extends Answered>(response: Answer): Answer {
  const bytes = response.metadata.peerCertificates;
  if (bytes === undefined) return response;
  const peerCertificates: Uint8Array[] = [];
  try {
    // Copies: what the metadata holds is a view of a whole message.
    for (const reader = new ByteReader(bytes); reader.remaining > 0; ) {
      peerCertificates.push(reader.take(reader.varint()).slice());
    }
  } catch (cause) {
    response.body?.cancel();
    throw failureError(
      { name: 'malformed_answer', detail: 'peerCertificates must be certificates' },
      { cause },
    );
  }
  return { ...response, peerCertificates };
}
