import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { OriginInfo } from '../control-api.ts';
import { OriginLog } from '../origin-log.ts';
import { ROUTES } from '../origin-routes.ts';
import { Latches } from './latches.ts';
import type { Pki, TlsFacts, TlsOriginCounts, TlsOriginSetup, TlsRequestRecord } from './peer-api.ts';

/**
 * An HTTPS origin with the routes of `origin-routes.ts`, which counts handshakes as well as requests and tells for each
 * request what its connection knows of the client. A server in this process: what TLS it speaks is OpenSSL's, as nginx's is.
 */
export class TlsOrigin {
  readonly id: string;
  readonly #server: Server;
  readonly #host: string;
  readonly #log = new OriginLog();
  readonly #latches = new Latches();
  readonly #tcpSockets = new Set<Socket>();
  readonly #handshakeErrors: string[] = [];
  #tcpConnections = 0;
  #handshakes = 0;
  #resumedHandshakes = 0;

  constructor(id: string, setup: TlsOriginSetup, pki: Pki) {
    this.id = id;
    this.#host = setup.host ?? '127.0.0.1';
    const { clientCertificates = 'off', identities = {}, alpnProtocols = ['http/1.1'] } = setup;
    const context = contextOptions(setup, pki);
    this.#server = createServer(
      {
        ...context,
        requestCert: clientCertificates !== 'off',
        rejectUnauthorized: clientCertificates === 'required',
        ALPNProtocols: alpnProtocols,
        maxHeaderSize: 4 * 1024 * 1024, // as the plain origin: every limit seen in a test is the gateway's
      },
      (request, response) => void this.#answer(request, response),
    );
    for (const [name, { chain, key }] of Object.entries(identities))
      this.#server.addContext(name, createSecureContext({ ...context, cert: chain, key }));
    this.#server.maxHeadersCount = 0;
    this.#server.keepAliveTimeout = 0; // connections stay until a test closes them
    this.#server.on('connection', (socket: Socket) => this.#addTcpConnection(socket));
    this.#server.on('secureConnection', (socket) => this.#addTlsConnection(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
      this.#handshakeErrors.push(error.code ?? error.message);
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  async start(): Promise<OriginInfo> {
    this.#server.listen(0, this.#host);
    await once(this.#server, 'listening');
    return { id: this.id, port: (this.#server.address() as AddressInfo).port };
  }

  counts(): TlsOriginCounts {
    const counts = this.#log.counts();
    return {
      ...counts,
      requests: counts.requests as TlsRequestRecord[], // each got its facts when it came
      tcpConnections: this.#tcpConnections,
      handshakes: this.#handshakes,
      resumedHandshakes: this.#resumedHandshakes,
      handshakeErrors: this.#handshakeErrors,
    };
  }

  release(latch: string): void {
    this.#latches.release(latch);
  }

  closeIdle(): void {
    for (const socket of this.#log.idleConnections()) socket.end();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#tcpSockets) socket.destroy(); // also those in the middle of a handshake
    await closed;
  }

  #addTcpConnection(socket: Socket): void {
    this.#tcpConnections++;
    this.#tcpSockets.add(socket);
    socket.once('close', () => this.#tcpSockets.delete(socket));
  }

  #addTlsConnection(socket: TLSSocket): void {
    this.#handshakes++;
    if (socket.isSessionReused()) this.#resumedHandshakes++;
    this.#log.addConnection(socket);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = this.#log.addRequest(request, response);
    Object.assign(record, { tls: factsOf(request.socket as TLSSocket) } satisfies Partial<TlsRequestRecord>);
    const url = new URL(request.url ?? '/', 'https://origin');
    const [name = '', ...rest] = url.pathname.slice(1).split('/');
    const route = ROUTES[name];
    const latch = (latchName: string): Promise<void> => this.#latches.passed(latchName);
    try {
      if (route) await route({ request, response, url, rest, record, latch });
      else response.writeHead(404, { 'content-length': '10' }).end('not found\n');
    } catch {
      response.destroy(); // the other end went away in the middle: the record says so
    }
  }
}

function contextOptions(setup: TlsOriginSetup, pki: Pki): SecureContextOptions {
  const { identity = pki.servers.good, clientCa = pki.root.certificate, sessionResumption = true } = setup;
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = setup;
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const ciphers = setup.ciphers ?? (isOld ? 'DEFAULT:@SECLEVEL=0' : undefined);
  return {
    cert: identity.chain,
    key: identity.key,
    ca: clientCa,
    minVersion,
    maxVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
    // Node keeps no sessions by id unless it is told where; so without tickets there is nothing to resume.
    secureOptions: sessionResumption ? 0 : constants.SSL_OP_NO_TICKET,
  };
}

function factsOf(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerX509Certificate();
  return {
    clientName: certificate === undefined ? null : certificate.subject.replace(/^CN=/, ''),
    clientFingerprint: certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
    isClientAuthorized: socket.authorized,
    isSessionReused: socket.isSessionReused(),
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    // Node's own types leave it out.
    serverName: (socket as TLSSocket & { servername?: string | false }).servername || null,
    alpnProtocol: socket.alpnProtocol || null,
  };
}
