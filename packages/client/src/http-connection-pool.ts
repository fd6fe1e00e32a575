import { configuredSender } from './configured-sender.ts';
import { invalidOption, LocationValueError } from './errors.ts';
import type { PoolOptions, RequestInit } from './options.ts';
import type { HTTPResponse } from './pool/http-response.ts';
import { performRequest } from './pool/perform-request.ts';
import type { RequestSender } from './pool/request-sender.ts';

/**
 * The connections to one `http:` origin, as urllib3's `HTTPConnectionPool`. They live at the gateway.
 *
 * One that a {@link PoolManager} made shares its sessions and connections.
 */
export class HTTPConnectionPool {
  /** Name or address of the origin, in lower case. */
  readonly host: string;

  /** Port of the origin. */
  readonly port: number;

  readonly #sender: RequestSender;

  /**
   * Opens nothing until the first request.
   *
   * @param host - name or address; an IPv6 address with or without brackets.
   * @param port - that of the scheme when left out.
   * @param sender - the manager's, for a pool that belongs to one.
   * @throws {@link InvalidRequestError} when an argument or option cannot be honoured.
   */
  constructor(host: string, port?: number, options: PoolOptions = {}, sender?: RequestSender) {
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
    this.#sender = sender ?? configuredSender('HTTPConnectionPool', options, 1);
  }

  /** `http`, or `https` for a {@link HTTPSConnectionPool}. */
  get scheme(): 'http' | 'https' {
    return 'http';
  }

  /** Connections the pool has made so far, as of the latest response (urllib3's `num_connections`). */
  get numConnections(): number {
    return this.#sender.latest.numConnections ?? 0;
  }

  /** Requests the pool has begun so far, as of the latest response (urllib3's `num_requests`). */
  get numRequests(): number {
    return this.#sender.latest.numRequests ?? 0;
  }

  /**
   * Sends a request for a path of the origin.
   *
   * @param path - starts with `/`; may have a query.
   * @throws a subclass of HTTPError, or the reason of the signal.
   */
  async request(method: string, path: string, init: RequestInit = {}): Promise<HTTPResponse> {
    if (!path.startsWith('/')) {
      throw invalidOption(`path must start with "/", got ${JSON.stringify(path)}`);
    }
    const url = new URL(`${this.scheme}://${this.host}:${this.port}${path}`);
    return performRequest(this.#sender, method, url, init);
  }

  /**
   * Closes the pool and its sessions; requests under way fail, later ones are refused. A pool of a manager only refuses
   * later ones.
   */
  async close(): Promise<void> {
    this.#sender.close();
  }
}
