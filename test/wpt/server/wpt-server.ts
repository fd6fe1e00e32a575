import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { handlers } from './handlers/handlers.ts';
import { serveHttp1 } from './http1-connection.ts';
import { h2Listener } from './http2-exchange.ts';
import type { Handler } from './message.ts';
import { Stash } from './stash.ts';
import { StaticFiles } from './static-files.ts';
import type { WptAddresses } from './substitute.ts';
import { INSTALL_PATH } from './wrappers.ts';

/** A certificate and its key, as PEM. */
export interface ServerIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Serves a folder of web-platform-tests on loopback: two HTTP ports, two HTTPS ports, and one that speaks HTTP/2. */
export class WptServer {
  readonly #files: StaticFiles;
  readonly #handlers = handlers(new Stash());
  readonly #servers: (Server | TlsServer | Http2SecureServer)[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #installScript: string | undefined;
  #addresses: WptAddresses | undefined;

  /** @param installScript - what makes `fetch` ours, when pages are to run it. */
  constructor(folder: string, installScript: string | undefined) {
    this.#files = new StaticFiles(folder, installScript !== undefined);
    this.#installScript = installScript;
  }

  get addresses(): WptAddresses {
    if (this.#addresses === undefined) throw new Error('WptServer must be started first');
    return this.#addresses;
  }

  async start(identity: ServerIdentity): Promise<WptAddresses> {
    const plain = (): Promise<number> =>
      this.#listen(createServer((socket) => void serveHttp1(socket, 'http', this.#answer)));
    const secure = (): Promise<number> =>
      this.#listen(
        createTlsServer({ ...identity, ALPNProtocols: ['http/1.1'] }, (socket) => {
          void serveHttp1(socket, 'https', this.#answer);
        }),
      );
    const h2 = createSecureServer({ ...identity, allowHTTP1: true }, h2Listener(this.#answer));
    this.#addresses = {
      host: 'localhost',
      otherHost: '127.0.0.1',
      http: [await plain(), await plain()],
      https: [await secure(), await secure()],
      h2: await this.#listen(h2),
    };
    return this.#addresses;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  readonly #answer: Handler = async (request, response) => {
    if (request.path === INSTALL_PATH && this.#installScript !== undefined) {
      response.send(200, [['Content-Type', 'text/javascript']], Buffer.from(this.#installScript));
      return;
    }
    const handler = this.#handlers.get(request.path);
    if (handler !== undefined) await handler(request, response);
    else this.#files.answer(request, response, this.addresses);
  };

  async #listen(server: Server | TlsServer | Http2SecureServer): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
}
