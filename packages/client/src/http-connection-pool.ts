import { configuredSender } from './configured-sender.ts';
import { LocationValueError } from './errors.ts';
import { absoluteUrl } from './pool/check-options.ts';
import type { RequestTarget } from './pool/perform-request.ts';
import type { PoolOptions } from './pool/pool-options.ts';
import type { RequestSender } from './pool/request-sender.ts';
import { RequestMethods } from './request-methods.ts';

/**
 * The connections to one `http:` origin, as urllib3's `HTTPConnectionPool`. They live at the gateway.
 *
 * One that a {@link PoolManager} made shares its sessions and connections.
 */
export class HTTPConnectionPool extends RequestMethods {
  /** Name or address of the origin, in lower case. */
  readonly host: string;

  /** Port of the origin. */
  readonly port: number;

  readonly #origin: string;
  readonly #sender: RequestSender;

  /**
   * Opens nothing until the first request.
   *
   * @param host - name or address; an IPv6 address with or without brackets.
   * @param port - that of the scheme when left out.
   * @param options - where the gateway is, and how the pool differs from the usual.
   * @throws {@link LocationValueError} when host and port name no origin; {@link InvalidRequestError} when an option
   * cannot be honoured.
   */
  constructor(host: string, port?: number, options?: PoolOptions);
  /**
   * A pool of a manager, whose sender it shares.
   *
   * @internal
   */
  constructor(host: string, port: number | undefined, options: PoolOptions, sender: RequestSender);
  constructor(host: string, port?: number, options: PoolOptions = {}, sender?: RequestSender) {
    const own = sender ?? configuredSender('HTTPConnectionPool', options, 1);
    super(own, options);
    const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
    this.port = port ?? (this.scheme === 'http' ? 80 : 443);
    const origin = `${this.scheme}://${bare}:${this.port}/`;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url === undefined || url.pathname + url.search + url.hash !== '/' || url.username !== '') {
      throw new LocationValueError(
        'invalid_option',
        `host and port must name an origin, got ${host} and ${this.port}`,
      );
    }
    this.host = url.hostname;
    this.#origin = `${this.scheme}://${this.host}:${this.port}`;
    this.#sender = own;
  }

  /** `http`, or `https` for a {@link HTTPSConnectionPool}. */
  get scheme(): 'http' | 'https' {
    return 'http';
  }

  /**
   * Connections the pool has made so far, as of the latest response (urllib3's `num_connections`). One that was emptied, or
   * made way for others at the gateway, begins anew.
   */
  get numConnections(): number {
    return this.#sender.latest.numConnections ?? 0;
  }

  /** Requests the pool has begun so far, counted as {@link HTTPConnectionPool.numConnections} (urllib3's `num_requests`). */
  get numRequests(): number {
    return this.#sender.latest.numRequests ?? 0;
  }

  /**
   * Whether a URL leads to the pool's origin; a path does (urllib3's `is_same_host()`).
   *
   * @throws {@link LocationParseError} when it is neither.
   */
  isSameHost(url: string | URL): boolean {
    return isPath(url) || absoluteUrl(url).origin === new URL(this.#origin).origin;
  }

  /**
   * Closes the pool, as urllib3's: idle connections are closed now, the others when their response has been read or given
   * up. Requests under way finish; later ones are refused with {@link ClosedPoolError}.
   *
   * With a pool of a manager it is only this pool that refuses them: the manager, and other pools it has made for the same
   * origin, open new connections.
   */
  close(): Promise<void> {
    return this.#sender.closePool(this.scheme, `${this.host}:${this.port}`);
  }

  /** A path is sent as it is, dots and all, but for what must be percent-encoded (urllib3). */
  protected override targetOf(url: string | URL): RequestTarget {
    return isPath(url)
      ? { origin: this.#origin, path: url, pool: this }
      : { url: absoluteUrl(url), pool: this };
  }
}

function isPath(url: string | URL): url is string {
  return typeof url === 'string' && url.startsWith('/');
}
