import type { FieldLines } from '@hip/wire';
import { baseUrl } from '../page-url.ts';
import { BAD_PORTS } from './bad-ports.ts';
import type { FetchPage } from './fetch.ts';
import type { FetchRequest } from './fetch-request.ts';
import type { FetchRules } from './fetch-rules.ts';
import type { FetchResponse } from './fetch-types.ts';
import { FilteredResponse } from './filtered-response.ts';
import { matchesIntegrity } from './integrity.ts';
import { fetchLocally } from './local-fetch.ts';
import { acceptedLanguages } from './page-language.ts';
import { policyOf, referrerFor } from './referrer.ts';
import { type ResponseFacts, TunnelResponse } from './tunnel-response.ts';

/** Fields by which a caller asks a cache, itself, whether what it has is current. */
const CONDITIONS: ReadonlySet<string> = new Set([
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
]);

/**
 * A call that asks for more than a message, or is a page's: "main fetch" of the Fetch standard, as far as it has a
 * meaning in a tunnel.
 *
 * @param platformFetch - for what needs no tunnel.
 * @param send - sends what goes through the tunnel, by the rules it is given.
 * @throws TypeError where the standard has a network error.
 */
export async function fetchByRules(
  request: FetchRequest,
  page: FetchPage | undefined,
  platformFetch: typeof globalThis.fetch,
  send: (rules: FetchRules) => Promise<Response>,
): Promise<Response> {
  const settings = settingsOf(request.settings);
  const { protocol } = request.url;
  if (protocol === 'http:' || protocol === 'https:') return send(new StandardRules(settings, page));
  const response = await fetchLocally(request, platformFetch);
  if (settings.integrity === '') return response;
  return new Response(await checkedBytes(response, settings.integrity), response);
}

/** What a Request has beside its message. */
type FetchSettings = Pick<Request, 'cache' | 'integrity' | 'mode' | 'referrer' | 'referrerPolicy'>;

/** As they are where nobody asked for anything, or a platform has no word for it. */
const USUAL_SETTINGS: FetchSettings = {
  cache: 'default',
  integrity: '',
  mode: 'cors',
  referrer: 'about:client',
  referrerPolicy: '',
};

function settingsOf(request: Request | undefined): FetchSettings {
  const names = Object.keys(USUAL_SETTINGS) as (keyof FetchSettings)[];
  const given = names.map((name) => [name, request?.[name] ?? USUAL_SETTINGS[name]]);
  return Object.fromEntries(given) as FetchSettings;
}

/** What the standard does with one call. */
class StandardRules implements FetchRules {
  readonly #settings: FetchSettings;
  readonly #page: FetchPage | undefined;
  /** Whom requests come from, as far as anybody is to know. */
  readonly #origin: string | undefined;
  /** "Response tainting". */
  #tainting: 'basic' | 'cors' | 'opaque' = 'basic';
  /** Whether the request went from one foreign origin to another: "redirect-tainted origin". */
  #hasStrayed = false;
  /** URL, `no-referrer`, or `client` for the page's. */
  #referrer: string;
  #policy: ReferrerPolicy;

  constructor(settings: FetchSettings, page: FetchPage | undefined) {
    this.#settings = settings;
    this.#page = page;
    const base = page?.url.href ?? baseUrl();
    this.#origin = base === undefined ? undefined : new URL(base).origin;
    const { referrer, referrerPolicy } = settings;
    const usual = page?.url.href ?? 'no-referrer';
    // Of another origin than one's own: "set request's referrer to client". Who has none may name any.
    const isForged = referrer !== 'about:client' && this.#origin !== undefined && this.#isForeign(referrer);
    this.#referrer =
      referrer === '' ? 'no-referrer' : referrer === 'about:client' || isForged ? usual : referrer;
    this.#policy = referrerPolicy || 'strict-origin-when-cross-origin';
  }

  outgoing(request: FetchRequest): FetchRequest {
    const { cache, mode } = this.#settings;
    const { url, method } = request;
    if (cache === 'only-if-cached') {
      throw new TypeError('fetch failed: cache is "only-if-cached", and a tunnel has no cache');
    }
    if (this.#page !== undefined && BAD_PORTS.has(Number(url.port))) {
      throw new TypeError(`fetch failed: port ${url.port} is blocked, as in every page`);
    }
    const isForeign = this.#isForeign(url.href);
    if (isForeign && mode === 'same-origin') {
      throw new TypeError('fetch failed: mode is "same-origin", and the URL is of another origin');
    }
    if (isForeign && mode === 'no-cors' && this.#page !== undefined) {
      if (request.redirect !== 'follow') {
        throw new TypeError('fetch failed: mode "no-cors" follows redirects to other origins');
      }
      this.#tainting = 'opaque';
    } else if (isForeign) {
      this.#tainting = 'cors';
    }
    const lines: FieldLines = [...request.lines, ...this.#cacheFields(request)];
    const add = (name: string, value: string | undefined): void => {
      if (value !== undefined && !has(request.lines, name)) lines.push(name, value);
    };
    const referrer = referrerFor(this.#referrer, url, this.#policy);
    this.#referrer = referrer ?? 'no-referrer';
    add('referer', referrer);
    if (this.#page !== undefined) {
      add('origin', this.#originFor(url, method));
      add('accept-language', acceptedLanguages());
    }
    // A page keeps its cookies to its origin, unless it is told otherwise.
    const withholds = this.#page !== undefined && isForeign && request.credentials !== 'include';
    return withholds ? { ...request, lines, credentials: 'omit' } : { ...request, lines };
  }

  redirected(from: FetchRequest, to: FetchRequest, fields: FieldLines): void {
    const { mode } = this.#settings;
    if (this.#page !== undefined && mode !== 'no-cors' && (to.url.username || to.url.password)) {
      if (this.#tainting === 'cors' || this.#isForeign(to.url.href)) {
        throw new TypeError('fetch failed: redirect to another origin with a user name or password');
      }
    }
    if (from.url.origin !== to.url.origin && this.#isForeign(from.url.href)) this.#hasStrayed = true;
    this.#policy = policyOf(fields) ?? this.#policy;
  }

  async respond(
    request: FetchRequest,
    facts: ResponseFacts,
    made: (type: ResponseType) => TunnelResponse,
  ): Promise<FetchResponse> {
    const { integrity } = this.#settings;
    if (this.#page === undefined) return this.#checked(made('basic'), facts, integrity);
    const type = this.#tainting;
    if (request.redirect === 'manual' && isRedirect(facts.status)) {
      void made(type).body?.cancel();
      return new FilteredResponse('opaqueredirect', facts.url, facts.info);
    }
    if (facts.status === 401 && request.body?.isBorrowed && request.credentials !== 'omit') {
      void made(type).body?.cancel();
      throw new TypeError('fetch failed: status 401, and a stream cannot be sent again with credentials');
    }
    if (type !== 'opaque') return this.#checked(made(type), facts, integrity);
    void made(type).body?.cancel();
    if (integrity !== '')
      throw new TypeError('fetch failed: integrity of an opaque response cannot be checked');
    return new FilteredResponse('opaque', '', facts.info);
  }

  async #checked(response: TunnelResponse, facts: ResponseFacts, integrity: string): Promise<TunnelResponse> {
    if (integrity === '') return response;
    return new TunnelResponse(await checkedBytes(response, integrity), { ...facts, type: response.type });
  }

  #isForeign(url: string): boolean {
    return !URL.canParse(url) || new URL(url).origin !== this.#origin;
  }

  /** "HTTP-network-or-cache fetch", for the caches between the gateway and the origin. */
  #cacheFields({ lines }: FetchRequest): FieldLines {
    const { cache } = this.#settings;
    const isConditional =
      this.#page !== undefined && lines.some((name, at) => at % 2 === 0 && CONDITIONS.has(name));
    if (cache === 'no-cache') return has(lines, 'cache-control') ? [] : ['cache-control', 'max-age=0'];
    if (cache !== 'no-store' && cache !== 'reload' && !(cache === 'default' && isConditional)) return [];
    return [
      ...(has(lines, 'pragma') ? [] : ['pragma', 'no-cache']),
      ...(has(lines, 'cache-control') ? [] : ['cache-control', 'no-cache']),
    ];
  }

  /** "Append a request `Origin` header". */
  #originFor(url: URL, method: string): string | undefined {
    const origin = this.#hasStrayed ? 'null' : (this.#origin ?? 'null');
    if (this.#tainting === 'cors') return origin;
    if (method === 'GET' || method === 'HEAD') return undefined;
    if (this.#settings.mode === 'cors') return origin;
    const isDowngrade = origin.startsWith('https:') && url.protocol !== 'https:';
    switch (this.#policy) {
      case 'no-referrer':
        return 'null';
      case 'same-origin':
        return this.#isForeign(url.href) ? 'null' : origin;
      case 'no-referrer-when-downgrade':
      case 'strict-origin':
      case 'strict-origin-when-cross-origin':
        return isDowngrade ? 'null' : origin;
      default:
        return origin;
    }
  }
}

function has(lines: FieldLines, name: string): boolean {
  return lines.some((given, at) => at % 2 === 0 && given === name);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** The body of a response, once all of it is here and is what it is said to be. */
async function checkedBytes(response: Response, integrity: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (await matchesIntegrity(bytes, integrity)) return bytes;
  throw new TypeError('fetch failed: the content does not match integrity');
}
