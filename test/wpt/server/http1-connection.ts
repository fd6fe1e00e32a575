import type { Socket } from 'node:net';
import { type Handler, type HeaderList, Query, type WptRequest, type WptResponse } from './message.ts';
import { SocketReader } from './socket-reader.ts';

/**
 * Serves HTTP/1.1 on a socket. Node's own server would not do: tests send and want answers that it refuses, and see
 * every byte of a head.
 */
export async function serveHttp1(socket: Socket, scheme: 'http' | 'https', handler: Handler): Promise<void> {
  socket.on('error', () => {}); // tests abort requests, and some answers are meant to break
  const reader = new SocketReader(socket);
  for (;;) {
    const head = await reader.until('\r\n\r\n');
    if (head === undefined) break;
    const request = parseHead(head.toString('latin1'), scheme, socket, reader);
    if (request === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      break;
    }
    const response = new Http1Response(socket, request.method === 'HEAD');
    await handler(request, response);
    // What the handler left of the body is no next request.
    await request.body();
    if (response.endsConnection || request.header('connection')?.toLowerCase() === 'close') break;
  }
  socket.end();
}

function parseHead(
  text: string,
  scheme: 'http' | 'https',
  socket: Socket,
  reader: SocketReader,
): WptRequest | undefined {
  const [requestLine = '', ...lines] = text.slice(0, -4).split('\r\n');
  const [, method, target] = /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const rawHeaders = lines.flatMap((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at), line.slice(at + 1).replace(/^[\t ]+|[\t ]+$/g, '')];
  });
  const header = (name: string): string | undefined => {
    const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  let body: Promise<Buffer> | undefined;
  return {
    method,
    scheme,
    target,
    path,
    query: new Query(query),
    rawHeaders,
    socket,
    header,
    body: () => {
      body ??= readBody(reader, header);
      return body;
    },
  };
}

async function readBody(reader: SocketReader, header: (name: string) => string | undefined): Promise<Buffer> {
  if (header('transfer-encoding') === undefined) {
    return (await reader.exactly(Number(header('content-length') ?? 0))) ?? Buffer.alloc(0);
  }
  const pieces: Buffer[] = [];
  for (;;) {
    const line = await reader.until('\r\n');
    if (line === undefined) break;
    const length = Number.parseInt(line.toString('latin1'), 16);
    const piece = await reader.exactly(length);
    await reader.until('\r\n');
    if (piece === undefined || length === 0) break;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

class Http1Response implements WptResponse {
  readonly #socket: Socket;
  readonly #isHead: boolean;
  endsConnection = false;

  constructor(socket: Socket, isHead: boolean) {
    this.#socket = socket;
    this.#isHead = isHead;
  }

  send(
    status: number | readonly [number, string],
    headers: HeaderList,
    body: string | Uint8Array = '',
  ): void {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
    const hasLength = headers.some(([name]) => name.toLowerCase() === 'content-length');
    const code = typeof status === 'number' ? status : status[0];
    const noBody = this.#isHead || code === 204 || code === 304;
    const length = hasLength ? [] : [['Content-Length', String(bytes.length)] as const];
    this.#head(status, [...headers, ...length]);
    if (!noBody) this.write(bytes);
  }

  start(status: number | readonly [number, string], headers: HeaderList): void {
    this.endsConnection = true;
    this.#head(status, [...headers, ['Connection', 'close']]);
  }

  write(bytes: string | Uint8Array): boolean {
    if (this.#socket.destroyed || !this.#socket.writable) return false;
    return this.#socket.write(bytes as string, 'latin1') || !this.#socket.destroyed;
  }

  end(): void {
    this.endsConnection = true;
  }

  #head(status: number | readonly [number, string], headers: HeaderList): void {
    const [code, reason] = typeof status === 'number' ? [status, REASONS[status] ?? 'OK'] : status;
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.write(`HTTP/1.1 ${code} ${reason}\r\n${lines}\r\n`);
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  412: 'Precondition Failed',
  416: 'Range Not Satisfiable',
};
