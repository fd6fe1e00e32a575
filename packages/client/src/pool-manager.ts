import { type BoundClasses, boundClasses } from './bound-classes.ts';
import { configuredSender, REQUEST_DEFAULTS } from './configured-sender.ts';
import { poolClass } from './connection-from-url.ts';
import { CONNECTION_OPTIONS } from './connection-options.ts';
import * as DEFAULTS from './defaults.ts';
import { tunnelFetch } from './fetch/fetch.ts';
import type { Fetch } from './fetch/fetch-types.ts';
import { rememberSender } from './fetch/manager-sender.ts';
import type { HTTPConnectionPool } from './http-connection-pool.ts';
import { absoluteUrl, checkCount, checkNames } from './pool/check-options.ts';
import type { RequestTarget } from './pool/perform-request.ts';
import type { PoolKwargs, PoolManagerOptions } from './pool/pool-options.ts';
import type { RequestSender } from './pool/request-sender.ts';
import { RequestMethods } from './request-methods.ts';

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
export class PoolManager extends RequestMethods {
  readonly #sender: RequestSender;

  /** The platform's `WebSocket`, through the gateway: {@link TunnelWebSocket}. */
  declare readonly WebSocket: BoundClasses['WebSocket'];

  /** A WebSocket as streams, with backpressure both ways: {@link TunnelWebSocketStream}. */
  declare readonly WebSocketStream: BoundClasses['WebSocketStream'];

  /** The platform's `EventSource`, through the gateway: {@link TunnelEventSource}. */
  declare readonly EventSource: BoundClasses['EventSource'];

  /**
   * Opens nothing until the first request.
   *
   * @param name - of its pools at the gateway, which another manager of this name finds: at most 64 characters, that
   * nobody can guess. A random one unless given.
   * @throws {@link InvalidRequestError} when an option cannot be honoured.
   */
  constructor(options: PoolManagerOptions = {}, name?: string) {
    const numPools = checkCount('numPools', options.numPools, 0, DEFAULTS.numPools);
    const sender = configuredSender('PoolManager', options, numPools, name, 'numPools');
    super(sender, options);
    this.#sender = sender;
    Object.assign(this, boundClasses(sender));
    rememberSender(this, sender);
  }

  /**
   * The Fetch standard's `fetch()`, through the gateway. Bound: it may be passed on as it is. {@link FetchInit.hip} takes what
   * the standard has no word for, {@link FetchResponse.hip} tells it.
   *
   * @throws TypeError with the HTTPError as its `cause`, or the reason of the signal.
   */
  readonly fetch: Fetch = (input, init) => tunnelFetch(this.#sender, input, init);

  /**
   * A pool of this manager (urllib3's `connection_from_host()`): it shares the manager's sessions, options and connections,
   * as far as it has no options of its own. Closing it leaves the manager as it is.
   *
   * @param host - name or address; an IPv6 address with or without brackets.
   * @param port - that of the scheme when left out.
   * @param scheme - `http` or `https`.
   * @param poolKwargs - what the pool has in place of the manager's options.
   * @throws {@link LocationValueError} without a host; {@link URLSchemeUnknown}; {@link InvalidRequestError} when an
   * argument or option cannot be honoured.
   */
  connectionFromHost(
    host: string,
    port?: number,
    scheme = 'http',
    poolKwargs: PoolKwargs = {},
  ): HTTPConnectionPool {
    const names = ['maxsize', 'block', ...CONNECTION_OPTIONS];
    const isOwn = checkNames('poolKwargs', poolKwargs, REQUEST_DEFAULTS, names);
    const Pool = poolClass(scheme);
    const { headers, retries = this.retries, timeout = this.timeout } = poolKwargs;
    const sender = this.#sender.bound(isOwn ? { ...poolKwargs } : undefined);
    return new Pool(host, port, { headers, retries, timeout }, sender);
  }

  /**
   * As {@link PoolManager.connectionFromHost}, for the origin of a URL (urllib3's `connection_from_url()`).
   *
   * @throws {@link LocationParseError} when it is none, and what {@link PoolManager.connectionFromHost} throws.
   */
  connectionFromUrl(url: string | URL, poolKwargs: PoolKwargs = {}): HTTPConnectionPool {
    const { protocol, hostname, port } = absoluteUrl(url);
    return this.connectionFromHost(hostname, port ? +port : undefined, protocol, poolKwargs);
  }

  /** Goes wherever the URL leads. */
  protected override targetOf(url: string | URL): RequestTarget {
    return { url: absoluteUrl(url) };
  }

  /**
   * Empties the pools (urllib3's `clear()`): idle connections are closed now, the others when their response has been read
   * or given up. Requests under way finish, later ones open new connections.
   */
  async clear(): Promise<void> {
    this.#sender.clear();
  }

  /**
   * Ends the sessions and closes all connections; requests under way fail, later ones are refused with
   * {@link ClosedPoolError}. The end of an `await using http = …` does it, too, where Python's `with` only clears: nothing
   * is to stay behind.
   */
  override async close(): Promise<void> {
    this.#sender.close();
  }
}
