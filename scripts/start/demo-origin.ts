import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeServer, listenOnLoopback } from './listen.ts';

/** What the origin says about one download. */
interface Download {
  totalBytes: number;
  /** Handed to the socket: what the kernel still holds is in it. */
  sentBytes: number;
  state: 'sending' | 'complete' | 'stopped';
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** Aborts when the other end goes away. */
  signal: AbortSignal;
}

type Route = (exchange: Exchange) => void | Promise<void>;

const PIECE = Buffer.alloc(65_536, 'hip ');

/** Downloads remembered; the oldest is forgotten first. */
const MAX_DOWNLOADS = 100;

/** Longest `/slow`, and how far apart `/chunked` writes its lines, in milliseconds. */
const MAX_SLOW_MS = 60_000;
const LINE_MS = 60;

/** Largest `/download`, in megabytes of 1,000,000 bytes, and largest echo of a body, in bytes. */
const MAX_MEGABYTES = 10_000;
const MAX_ECHO_BYTES = 65_536;

const downloads = new Map<string, Download>();

/** What the origin does, by the path up to its second slash. */
const ROUTES: Readonly<Record<string, Route>> = {
  '/hello': ({ request, response }) => {
    // The page compares hip with its own fetch: the only route a browser may read across origins.
    response.setHeader('access-control-allow-origin', '*');
    sendJson(response, {
      message: 'Hello from the origin.',
      method: request.method,
      at: new Date().toISOString(),
    });
  },

  '/headers': async ({ request, response }) => {
    const { method, url: target, httpVersion, rawHeaders } = request;
    const headers: string[] = [];
    for (let i = 0; i < rawHeaders.length; i += 2) headers.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
    let body = '';
    for await (const piece of request.setEncoding('utf8')) {
      if (body.length < MAX_ECHO_BYTES) body += piece;
    }
    sendJson(response, { method, target, httpVersion, headers, body: body.slice(0, MAX_ECHO_BYTES) });
  },

  '/slow': async ({ response, url, signal }) => {
    const ms = numberOf(url, 'ms', 2_000, MAX_SLOW_MS);
    await sleep(ms, undefined, { signal });
    sendJson(response, { waitedMs: ms });
  },

  '/download': async ({ request, response, url, signal }) => {
    const totalBytes = numberOf(url, 'mb', 200, MAX_MEGABYTES) * 1_000_000;
    const download: Download = { totalBytes, sentBytes: 0, state: 'sending' };
    if (url.pathname === '/download/status') return sendStatus(response, url);
    remember(url.searchParams.get('id') ?? '', download);
    signal.addEventListener('abort', () => {
      if (download.state === 'sending') download.state = 'stopped';
    });
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': totalBytes });
    if (request.method === 'HEAD') return void response.end();
    while (download.sentBytes < totalBytes) {
      const piece = PIECE.subarray(0, totalBytes - download.sentBytes);
      const hasRoom = response.write(piece);
      download.sentBytes += piece.length;
      if (!hasRoom) await once(response, 'drain', { signal });
    }
    download.state = 'complete';
    response.end();
  },

  '/upload': async ({ request, response }) => {
    const startedMs = performance.now();
    let receivedBytes = 0;
    for await (const piece of request as AsyncIterable<Buffer>) receivedBytes += piece.length;
    sendJson(response, { receivedBytes, tookMs: Math.round(performance.now() - startedMs) });
  },

  '/set-cookies': ({ response }) => {
    response.setHeader('set-cookie', [
      'theme=dark; Path=/; Max-Age=86400',
      'session=3f9a; Path=/; HttpOnly; SameSite=Lax',
      'seen=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT',
    ]);
    sendJson(response, { cookies: 3 });
  },

  '/status': ({ response, url }) => {
    const status = Number(url.pathname.slice('/status/'.length));
    if (!(Number.isInteger(status) && status >= 200 && status <= 599)) return sendUsage(response);
    response.statusCode = status;
    if (status >= 300 && status < 400 && status !== 304) response.setHeader('location', '/hello');
    if (status === 204 || status === 205 || status === 304) response.end();
    else sendJson(response, { status, reason: STATUS_CODES[status] ?? '' });
  },

  '/chunked': async ({ response, signal }) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', trailer: 'x-lines, x-sent-at' });
    const lines = [
      'Every line of this',
      'is a chunk of its own,',
      'sent as it was written;',
      'two trailers follow.',
    ];
    for (const line of lines) {
      response.write(`${line}\n`);
      await sleep(LINE_MS, undefined, { signal });
    }
    response.addTrailers({ 'x-lines': String(lines.length), 'x-sent-at': new Date().toISOString() });
    response.end();
  },

  '/image': ({ response }) => {
    response.setHeader('content-type', 'image/svg+xml');
    response.end(IMAGE);
  },

  '/bytes': ({ response }) => {
    response.setHeader('content-type', 'application/octet-stream');
    response.end(Buffer.from(Array.from({ length: 256 }, (_, at) => at)));
  },

  '/cut': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 1_000 });
    response.write('These are the first of 1000 bytes, and the', () => response.destroy());
  },
};

const IMAGE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200" width="320" height="200">
  <rect width="320" height="200" rx="12" fill="#3451d1"/>
  <path d="M40 60h50c30 0 30 40 60 40h130M40 100h240M40 140h50c30 0 30-40 60-40" fill="none" stroke="#fff"
    stroke-width="10" stroke-linecap="round"/>
</svg>
`;

/** A running origin. */
export interface DemoOrigin {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the HTTP server that the demo page talks to through the gateway: on `port`, or a free one where that is taken. */
export async function startDemoOrigin(port: number): Promise<DemoOrigin> {
  const server = createServer((request, response) => void answer(request, response));
  return { port: await listenOnLoopback(server, port), close: () => closeServer(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://origin');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.setHeader('cache-control', 'no-store');
  const route = ROUTES[/^\/[^/]*/.exec(url.pathname)?.[0] ?? ''] ?? (({ response: to }) => sendUsage(to));
  try {
    await route({ request, response, url, signal: gone.signal });
  } catch {
    response.destroy(); // the other end went away in the middle
  }
}

function sendStatus(response: ServerResponse, url: URL): void {
  const id = url.searchParams.get('id');
  const download = id === null ? [...downloads.values()].at(-1) : downloads.get(id);
  if (download === undefined) response.statusCode = 404;
  sendJson(response, download ?? { error: id === null ? 'no download yet' : `no download ${id}` });
}

function remember(id: string, download: Download): void {
  downloads.delete(id);
  downloads.set(id, download);
  const [oldest] = downloads.keys();
  if (downloads.size > MAX_DOWNLOADS && oldest !== undefined) downloads.delete(oldest);
}

function sendUsage(response: ServerResponse): void {
  response.statusCode = 404;
  sendJson(response, {
    error: 'not found',
    paths: [...Object.keys(ROUTES), '/status/NNN', '/download/status'],
  });
}

function sendJson(response: ServerResponse, value: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
}

/** A number from 0 to `most` in the query, `fallback` where it is none. */
function numberOf(url: URL, name: string, fallback: number, most: number): number {
  const text = url.searchParams.get(name) ?? '';
  return /^\d+$/.test(text) ? Math.min(Number(text), most) : fallback;
}
