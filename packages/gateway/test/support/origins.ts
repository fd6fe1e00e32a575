import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server on loopback that ends with the test. */
export interface Origin {
  readonly port: number;

  /** Every connection it accepted, in order. */
  readonly sockets: Socket[];
}

/** An HTTP server of Node's. */
export async function httpOrigin(
  listener: RequestListener,
  prepare?: (server: Server) => void,
): Promise<Origin> {
  const server = createHttpServer(listener);
  prepare?.(server);
  return listen(server);
}

/** A server that says what `onSocket` scripts, byte for byte. */
export async function rawOrigin(
  onSocket: (socket: Socket, index: number) => void,
  { port = 0 }: { port?: number } = {},
): Promise<Origin> {
  const server = createTcpServer();
  let count = 0;
  server.on('connection', (socket) => onSocket(socket, count++));
  return listen(server, port);
}

async function listen(server: ReturnType<typeof createTcpServer>, port = 0): Promise<Origin> {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** Calls `onRequest` with the head of each request without content that arrives. */
export function onRequestHead(socket: Socket, onRequest: (head: string) => void): void {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    text += piece;
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end + 2);
      text = text.slice(end + 4);
      onRequest(head);
    }
  });
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
