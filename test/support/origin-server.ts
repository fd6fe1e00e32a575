import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OriginCounts, OriginInfo } from './control-api.ts';
import { OriginLog } from './origin-log.ts';
import { ROUTES } from './origin-routes.ts';

/** An HTTP/1.1 origin on a loopback port of its own, which counts what it sees. Its routes: `origin-routes.ts`. */
export class OriginServer {
  readonly id: string;
  readonly #server: Server;
  readonly #log = new OriginLog();
  readonly #latches = new Map<string, PromiseWithResolvers<void>>();

  constructor(id: string) {
    this.id = id;
    // Takes more than a gateway passes on, so that every limit seen in a test is the gateway's.
    this.#server = createServer(
      { maxHeaderSize: 4 * 1024 * 1024 },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxHeadersCount = 0;
    this.#server.keepAliveTimeout = 0; // connections stay until a test closes them
    this.#server.on('connection', (socket) => this.#log.addConnection(socket));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  async start(): Promise<OriginInfo> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return { id: this.id, port: (this.#server.address() as AddressInfo).port };
  }

  counts(): OriginCounts {
    return this.#log.counts();
  }

  release(latch: string): void {
    this.#latch(latch).resolve();
  }

  closeIdle(): void {
    for (const socket of this.#log.idleConnections()) socket.end();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = this.#log.addRequest(request, response);
    const url = new URL(request.url ?? '/', 'http://origin');
    const [name = '', ...rest] = url.pathname.slice(1).split('/');
    const route = ROUTES[name];
    const latch = (latchName: string): Promise<void> => this.#latch(latchName).promise;
    try {
      if (route) await route({ request, response, url, rest, record, latch });
      else response.writeHead(404, { 'content-length': '10' }).end('not found\n');
    } catch {
      response.destroy(); // the other end went away in the middle: the record says so
    }
  }

  #latch(name: string): PromiseWithResolvers<void> {
    let latch = this.#latches.get(name);
    if (!latch) {
      latch = Promise.withResolvers<void>();
      this.#latches.set(name, latch);
    }
    return latch;
  }
}
