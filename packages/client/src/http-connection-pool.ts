import { sessionsFor } from './configure.ts';
import * as DEFAULTS from './defaults.ts';
import { invalidOption } from './errors.ts';
import type { PoolOptions, RequestInit } from './options.ts';
import { checkCount, checkFlag, checkNames } from './pool/check-options.ts';
import type { HTTPResponse } from './pool/http-response.ts';
import { performRequest } from './pool/perform-request.ts';
import { contextName, RequestSender } from './pool/request-sender.ts';

const POOL_OPTIONS = ['gateway', 'token', 'maxsize', 'block'];

/** The connections to one `http:` origin, as urllib3's `HTTPConnectionPool`. They live at the gateway. */
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
   * @param port - 80 when left out.
   * @throws {@link InvalidRequestError} when an argument or option cannot be honoured.
   */
  constructor(host: string, port = 80, options: PoolOptions = {}) {
    checkNames('HTTPConnectionPool', options, POOL_OPTIONS);
    const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
    const origin = `http://${bare}:${port}/`;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url === undefined || url.pathname + url.search + url.hash !== '/' || url.username !== '') {
      throw invalidOption(`host and port must name an origin, got ${host} and ${port}`);
    }
    this.host = url.hostname;
    this.port = port;
    this.#sender = new RequestSender(sessionsFor(options), {
      name: contextName(),
      numPools: 1,
      maxsize: checkCount('maxsize', options.maxsize, 1, DEFAULTS.maxsize),
      block: checkFlag('block', options.block, DEFAULTS.block),
    });
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
    const url = new URL(`http://${this.host}:${this.port}${path}`);
    return performRequest(this.#sender, method, url, init);
  }

  /** Closes the pool and its sessions; requests under way fail, later ones are refused. */
  async close(): Promise<void> {
    this.#sender.close();
  }
}
