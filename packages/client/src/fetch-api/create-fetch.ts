import { invalidOption } from '../errors.ts';
import { type FetchPage, tunnelFetch } from '../fetch/fetch.ts';
import type { Fetch } from '../fetch/fetch-types.ts';
import { senderOf } from '../fetch/manager-sender.ts';
import { checkNames } from '../pool/check-options.ts';
import type { PoolManager } from '../pool-manager.ts';

/** Options of {@link createFetch}. */
export interface CreateFetchOptions {
  /**
   * URL of the page whose requests these are, or `null` for nobody's. A page's requests say where they come from (`Origin`, and
   * `Referer` as far as `referrerPolicy` lets it) and in which languages; relative URLs are relative to it, `mode` is judged by its origin, and
   * `redirect: 'manual'` shows no more than that there was a redirect: all as its own `fetch` has it.
   *
   * @defaultValue that of the document or worker, as it is at each call; nobody's where there is none
   * @see {@link https://fetch.spec.whatwg.org/#concept-request-client | Fetch standard, "client"}
   */
  page?: string | URL | null;
}

/**
 * A bare `fetch` to put in the place of the platform's: what it sends goes through the gateway of a manager.
 *
 * @throws {@link InvalidRequestError} when an option cannot be honoured.
 * @example
 * ```ts
 * globalThis.fetch = createFetch(new PoolManager({ gateway: 'ws://127.0.0.1:8787/session', token: 'secret' }));
 * ```
 */
export function createFetch(manager: PoolManager, options: CreateFetchOptions = {}): Fetch {
  checkNames('createFetch()', options, ['page']);
  const { page } = options;
  const sender = senderOf(manager);
  const named = page === undefined ? undefined : namedPage(page);
  return (input, init) => tunnelFetch(sender, input, init, page === undefined ? currentPage() : named);
}

function namedPage(page: string | URL | null): FetchPage | undefined {
  if (page === null) return undefined;
  if (URL.canParse(page)) return { url: new URL(page), base: String(page) };
  throw invalidOption('page of createFetch() must be an absolute URL or null');
}

function currentPage(): FetchPage | undefined {
  const { location } = globalThis as { location?: { href: string } };
  return location === undefined ? undefined : { url: new URL(location.href) };
}
