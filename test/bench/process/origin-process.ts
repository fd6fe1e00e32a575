/**
 * The origin: a plain `node:http` server in a process of its own. Usage: `origin-process.ts [PAGE_FOLDER]`.
 *
 * - `GET /hello` answers a small body
 * - `GET /bytes/N?id=ID` streams N bytes as fast as the peer takes them
 * - `GET /sent/ID` answers `{ sentBytes, isOpen }` of that stream
 * - `POST /upload` answers how many bytes it counted
 * - `GET /` and `GET /bench.js` serve the bench's page from PAGE_FOLDER, so that the page and the origin are same-origin
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { HELLO, MESSAGE_BYTES } from '../workload/measurement.ts';
import { serveOnLoopback } from './loopback-server.ts';

const pageFolder = process.argv[2];
const chunk = Buffer.alloc(MESSAGE_BYTES);
const streams = new Map<string, { sentBytes: number; isOpen: boolean }>();

function hello(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': HELLO.length,
    'cache-control': 'no-store',
    etag: '"hello-1"',
    'x-request-cost': '1',
  });
  response.end(HELLO);
}

/** Counts what it has handed to the response, buffered or not, so the count never flatters. */
function stream(response: ServerResponse, bytes: number, id: string): void {
  const count = { sentBytes: 0, isOpen: true };
  streams.set(id, count);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': bytes,
    'cache-control': 'no-store',
  });
  function send(): void {
    while (count.isOpen && count.sentBytes < bytes) {
      const length = Math.min(bytes - count.sentBytes, MESSAGE_BYTES);
      count.sentBytes += length;
      if (!response.write(length === MESSAGE_BYTES ? chunk : chunk.subarray(0, length))) {
        // In a turn of its own: 'drain' alone comes back at once for as long as the kernel takes more, and megabytes
        // would pass before another request is looked at.
        response.once('drain', () => setImmediate(send));
        return;
      }
    }
    response.end();
  }
  response.on('close', () => {
    count.isOpen = false;
  });
  send();
}

function upload(request: IncomingMessage, response: ServerResponse): void {
  let received = 0;
  request.on('data', (data: Buffer) => {
    received += data.length;
  });
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(String(received));
  });
}

/** Isolated from other origins, a page's clock has a resolution of 5 µs instead of 100 µs. */
function page(response: ServerResponse, file: string, type: string): void {
  if (pageFolder === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': type,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  response.end(readFileSync(join(pageFolder, file)));
}

function route(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const [, resource, argument] = url.pathname.split('/');
  if (resource === 'bytes') stream(response, Number(argument), url.searchParams.get('id') ?? '');
  else if (resource === 'upload') upload(request, response);
  else if (resource === 'sent') response.end(JSON.stringify(streams.get(argument ?? '') ?? null));
  else if (resource === '') page(response, 'index.html', 'text/html; charset=utf-8');
  else if (resource === 'bench.js') page(response, 'bench.js', 'text/javascript; charset=utf-8');
  else response.writeHead(404).end();
}

const server = createServer((request, response) => {
  const target = request.url ?? '/';
  // First and without taking the target apart: what the origin spends, every contender pays.
  if (target.startsWith('/hello')) hello(response);
  else route(request, response, new URL(target, 'http://origin'));
});
// Longer than a whole run pauses between two requests: a contender must never meet a connection that is just closing.
server.keepAliveTimeout = 600_000;
serveOnLoopback(server);
