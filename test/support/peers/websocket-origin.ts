import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { OriginInfo } from '../control-api.ts';
import { Latches } from './latches.ts';
import type { Pki, WebSocketOriginSetup, WebSocketRecord } from './peer-api.ts';

/** One WebSocket at the origin, as its route sees it. */
interface Visit {
  socket: WebSocket;
  url: URL;
  request: IncomingMessage;
  latch(name: string): Promise<void>;
}

/** What the origin does, by the first segment of the path. `ws` answers closes and pings by itself. */
const ROUTES: Record<string, (visit: Visit) => void> = {
  /** Says back what comes. */
  echo: ({ socket }) => echo(socket),

  /** First of all tells of the handshake, as JSON. */
  handshake({ socket, request }) {
    socket.send(JSON.stringify({ target: request.url, rawHeaders: request.rawHeaders }));
    echo(socket);
  },

  /** `/close?code=4000&reason=why`: closes at once; without a code, without one. */
  close({ socket, url }) {
    const code = url.searchParams.get('code');
    if (code === null) socket.close();
    else socket.close(Number(code), url.searchParams.get('reason') ?? '');
  },

  /** Sends one message, and drops the connection at the next; with `?at=once` now. */
  drop({ socket, url }) {
    if (url.searchParams.has('at')) socket.terminate();
    else socket.send('about to go');
    socket.on('message', () => socket.terminate());
  },

  /**
   * `/messages?count=10&bytes=100`: so many binary messages, each with its number in its first four bytes, no faster than
   * they leave. `&close=4000`: then closes.
   */
  messages({ socket, url }) {
    const count = Number(url.searchParams.get('count'));
    const message = Buffer.alloc(Number(url.searchParams.get('bytes') ?? 4));
    const sent = sendAll(socket, count, (number) => {
      message.writeUInt32BE(number, 0);
      return Buffer.from(message);
    });
    const code = url.searchParams.get('close');
    if (code !== null) void sent.then(() => socket.close(Number(code)));
  },

  /** Reads nothing before the latch `read` is released. Then says how many bytes of messages came with each. */
  deaf({ socket, latch }) {
    socket.pause();
    socket.on('message', (data: Buffer) => socket.send(String(data.length)));
    void latch('read').then(() => socket.resume());
  },

  /** Pings, and says what came back. */
  ping({ socket }) {
    socket.on('pong', (data: Buffer) => socket.send(`pong ${data}`));
    socket.ping('are you there');
  },
};

/** A WebSocket server, `ws`, over TCP or TLS, which counts what it sees. */
export class WebSocketOrigin {
  readonly id: string;
  readonly #server: Server;
  readonly #upgrader: WebSocketServer;
  readonly #latches = new Latches();
  readonly #sockets = new Set<Socket>();
  readonly #records: (WebSocketRecord & { tcp: Socket })[] = [];

  constructor(
    id: string,
    { clientCertificates, protocols, maxPayload }: WebSocketOriginSetup,
    pki: Pki | undefined,
  ) {
    this.id = id;
    this.#server =
      pki === undefined
        ? createServer()
        : createSecureServer({
            cert: pki.servers.good.chain,
            key: pki.servers.good.key,
            ca: pki.root.certificate,
            requestCert: clientCertificates === true,
            rejectUnauthorized: clientCertificates === true,
          });
    this.#upgrader = new WebSocketServer({
      noServer: true,
      // It would, if anybody asked for it.
      perMessageDeflate: true,
      maxPayload: maxPayload ?? 256 * 1024 * 1024,
      ...(protocols === undefined
        ? {}
        : { handleProtocols: (offered) => protocols.find((name) => offered.has(name)) ?? false }),
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async start(): Promise<OriginInfo> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return { id: this.id, port: (this.#server.address() as AddressInfo).port };
  }

  log(): WebSocketRecord[] {
    return this.#records.map(({ tcp, ...record }) => ({
      ...record,
      sentBytes: tcp.bytesWritten,
      acceptedBytes: tcp.bytesWritten - tcp.writableLength,
      receivedBytes: tcp.bytesRead,
    }));
  }

  release(latch: string): void {
    this.#latches.release(latch);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://origin');
    const [name = '', status = '403'] = url.pathname.slice(1).split('/');
    const route = ROUTES[name];
    if (name === 'hang') {
      this.#record(request);
      socket.resume().on('end', () => socket.end());
      return;
    }
    if (route === undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n`);
      return;
    }
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      const record = this.#record(request);
      webSocket.on('message', () => {
        record.messages++;
      });
      webSocket.on('error', () => {});
      webSocket.on('close', (code, reason) => {
        Object.assign(record, { isOpen: false, closeCode: code, closeReason: String(reason) });
      });
      route({ socket: webSocket, url, request, latch: (latch) => this.#latches.passed(latch) });
    });
  }

  #record(request: IncomingMessage): WebSocketRecord & { tcp: Socket } {
    const tcp = request.socket;
    const record = {
      target: request.url ?? '',
      clientName: clientNameOf(tcp),
      isOpen: true,
      messages: 0,
      closeCode: null,
      closeReason: '',
      sentBytes: 0,
      acceptedBytes: 0,
      receivedBytes: 0,
      tcp,
    };
    this.#records.push(record);
    tcp.once('close', () => {
      record.isOpen = false;
    });
    return record;
  }
}

function clientNameOf(socket: Socket): string | null {
  const certificate = (socket as Partial<TLSSocket>).getPeerX509Certificate?.();
  return certificate === undefined ? null : certificate.subject.replace(/^CN=/, '');
}

function echo(socket: WebSocket): void {
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    socket.send(data, { binary: isBinary });
  });
}

async function sendAll(socket: WebSocket, count: number, message: (number: number) => Buffer): Promise<void> {
  for (let number = 0; number < count && socket.readyState === socket.OPEN; number++) {
    const sent = new Promise<void>((resolve) => socket.send(message(number), () => resolve()));
    if (socket.bufferedAmount > 65_536) await sent;
  }
}
