import { sessionsFor } from './configure.ts';
import * as DEFAULTS from './defaults.ts';
import { invalidOption } from './errors.ts';
import { tunnelFetch } from './fetch/fetch.ts';
import type { PoolManagerOptions, RequestInit } from './options.ts';
import { checkCount, checkFlag, checkNames } from './pool/check-options.ts';
import type { HTTPResponse } from './pool/http-response.ts';
import { performRequest } from './pool/perform-request.ts';
import { contextName, RequestSender } from './pool/request-sender.ts';

const MANAGER_OPTIONS = ['gateway', 'token', 'numPools', 'maxsize', 'block'];

/**
 * Sends requests to any origin, keeping a pool of connections for each, as urllib3's `PoolManager`. The pools live at
 * the gateway; requests travel there together, over a session or a few.
 *
 * @example
 * ```ts
 * const http = new PoolManager({ gateway: 'ws://127.0.0.1:8787/session', token: 'secret' });
 * const response = await http.request('GET', 'http://127.0.0.1:8080/');
 * console.log(response.status, await response.text());
 * await http.close();
 * ```
 */
export class PoolManager {
  readonly #sender: RequestSender;

  /**
   * Opens nothing until the first request.
   *
   * @throws {@link InvalidRequestError} when an option cannot be honoured.
   */
  constructor(options: PoolManagerOptions = {}) {
    checkNames('PoolManager', options, MANAGER_OPTIONS);
    this.#sender = new RequestSender(sessionsFor(options), {
      name: contextName(),
      numPools: checkCount('numPools', options.numPools, 0, DEFAULTS.numPools),
      maxsize: checkCount('maxsize', options.maxsize, 1, DEFAULTS.maxsize),
      block: checkFlag('block', options.block, DEFAULTS.block),
    });
  }

  /**
   * Sends a request, as urllib3 does.
   *
   * @param method - made upper case.
   * @param url - absolute, `http:` or `https:`. Its fragment is not sent, its user name neither.
   * @throws a subclass of HTTPError, or the reason of the signal.
   */
  async request(method: string, url: string | URL, init: RequestInit = {}): Promise<HTTPResponse> {
    if (!URL.canParse(url)) {
      throw invalidOption(`url must be absolute, got ${JSON.stringify(String(url))}`);
    }
    return performRequest(this.#sender, method, new URL(url), init);
  }

  /**
   * The Fetch standard's `fetch()`, through the gateway. Bound: it may be passed on as it is.
   *
   * @throws TypeError with the HTTPError as its `cause`, or the reason of the signal.
   */
  readonly fetch: typeof globalThis.fetch = (input, init) => tunnelFetch(this.#sender, input, init);

  /** Ends the sessions; requests under way fail, later ones are refused. */
  async close(): Promise<void> {
    this.#sender.close();
  }
}
