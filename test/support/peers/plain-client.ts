/** Clients that know nothing of hip, to show what servers and proxies do by themselves. */
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SocksVersion } from './peer-api.ts';

export interface PlainAnswer {
  status: number;
  body: string;
}

/** One request on a connection of its own, or on what `createConnection` of the options gives. */
export async function send(url: string, options: RequestOptions = {}): Promise<PlainAnswer> {
  const request = start(url, options).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** Has the proxy at `proxyUrl` forward a request for `url`. */
export function forward(proxyUrl: string, url: string, options: RequestOptions = {}): Promise<PlainAnswer> {
  const headers = { host: new URL(url).host, ...(options.headers as Record<string, string> | undefined) };
  return send(proxyUrl, { ...options, path: url, headers });
}

/** Has the proxy at `proxyUrl` open a tunnel to `target`, a `host:port`. */
export async function tunnel(
  proxyUrl: string,
  target: string,
  options: RequestOptions = {},
): Promise<{ status: number; socket: Socket; early: string }> {
  const request = start(proxyUrl, { ...options, method: 'CONNECT', path: target }).end();
  const [response, socket, early] = (await once(request, 'connect')) as [IncomingMessage, Socket, Buffer];
  return { status: response.statusCode ?? 0, socket, early: early.toString('latin1') };
}

/** Has the SOCKS server at `port` connect to an IPv4 address or, with `socks4a` and `socks5h`, a name. */
export async function socksConnect(
  version: SocksVersion,
  port: number,
  target: { host: string; port: number },
  credentials?: { username: string; password: string },
): Promise<{ reply: number; socket: Socket }> {
  const socket = connect(port, '127.0.0.1').on('error', () => {}); // to be seen as too few bytes
  const isNamed = version === 'socks4a' || version === 'socks5h';
  const host = Buffer.from(isNamed ? target.host : target.host.split('.').map(Number));
  const portBytes = [target.port >> 8, target.port & 0xff];
  if (version === 'socks4' || version === 'socks4a') {
    const address = isNamed ? [0, 0, 0, 1, 0, ...host, 0] : [...host, 0];
    socket.write(Buffer.from([4, 1, ...portBytes, ...address]));
    return { reply: (await take(socket, 8))[1] ?? -1, socket };
  }
  socket.write(Buffer.from([5, 1, credentials ? 2 : 0]));
  const [, method] = await take(socket, 2);
  if (method === 0xff) return { reply: -1, socket };
  if (credentials) {
    const username = Buffer.from(credentials.username);
    const password = Buffer.from(credentials.password);
    socket.write(Buffer.from([1, username.length, ...username, password.length, ...password]));
    const [, status] = await take(socket, 2);
    if (status !== 0) return { reply: -1, socket };
  }
  const address = isNamed ? [3, host.length, ...host] : [1, ...host];
  socket.write(Buffer.from([5, 1, 0, ...address, ...portBytes]));
  return { reply: (await take(socket, 10))[1] ?? -1, socket };
}

function start(url: string, options: RequestOptions): ClientRequest {
  // Node uses `createConnection` only where no agent is named.
  const once = options.createConnection ? options : { agent: false, ...options };
  return url.startsWith('https:') ? httpsRequest(url, once) : httpRequest(url, once);
}

/** The next `length` bytes; fewer at the end of the connection. */
async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes !== null) return bytes;
    if (!socket.readable) return Buffer.alloc(0);
    await nextEvent(socket, ['readable', 'end', 'close']);
  }
}

function nextEvent(socket: Socket, names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const come = (): void => {
      for (const name of names) socket.off(name, come);
      resolve();
    };
    for (const name of names) socket.on(name, come);
  });
}
