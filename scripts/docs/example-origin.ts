import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** A request as the origin of the examples has read it. */
interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer<ArrayBuffer>;
}

type Answer = (asked: Asked, response: ServerResponse, argument: string) => void | Promise<void>;

/** What httpbin.org has at the paths that the examples ask for; the part of the path behind the first one is the argument. */
const HTTPBIN: Readonly<Record<string, Answer>> = {
  'robots.txt': (_asked, response) => void response.end('User-agent: *\nDisallow: /deny\n'),
  ip: (_asked, response) => json(response, { origin: '127.0.0.1' }),
  get: tell,
  post: tell,
  put: tell,
  headers: ({ headers }, response) => json(response, { headers: named(headers) }),
  bytes: (_asked, response, count) => void response.end(Buffer.alloc(Number(count), 'hip')),
  stream: (_asked, response, count) => {
    for (let id = 0; id < Number(count); id += 1) response.write(`${JSON.stringify({ id })}\n`);
    response.end();
  },
  delay: (asked, response, seconds) => {
    setTimeout(() => json(response, { url: asked.url.href }), Number(seconds) * 1_000);
  },
  status: (_asked, response, status) => void response.writeHead(Number(status)).end(),
  redirect: (_asked, response, count) => {
    const next = Number(count) > 1 ? `/redirect/${Number(count) - 1}` : '/get';
    response.writeHead(302, { location: next }).end();
  },
  events: (_asked, response) => {
    response.setHeader('content-type', 'text/event-stream');
    for (let id = 1; id <= 10; id += 1) response.write(`id: ${id}\ndata: event ${id}\n\n`);
  },
  gzip: (asked, response) => coded(asked, response, 'gzip'),
  brotli: (asked, response) => coded(asked, response, 'br'),
};

/**
 * Answers as the origins that the examples name: what {@link HTTPBIN} has, JSON at `….json`, something long at `/large`, and a line of text
 * everywhere else.
 */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', headers, url = '/' } = request;
    // Behind a proxy that forwards, the target is a whole URL.
    const asked = {
      method,
      headers,
      url: new URL(url, `http://${headers.host}`),
      body: Buffer.concat(chunks),
    };
    const [, name = '', argument = ''] = asked.url.pathname.split('/');
    const listed = Object.hasOwn(HTTPBIN, name) ? HTTPBIN[name] : undefined;
    void (listed ?? other)(asked, response, argument);
  });
}

function other({ method, url, headers, body }: Asked, response: ServerResponse): void {
  if (url.pathname.endsWith('.json')) {
    const canBrotli = String(headers['accept-encoding']).includes('br');
    const text = JSON.stringify({ method, bytes: body.length, items: [1, 2, 3] });
    response.setHeader('content-type', 'application/json');
    if (method === 'POST') response.setHeader('set-cookie', 'created=1');
    if (canBrotli) response.setHeader('content-encoding', 'br');
    response.end(canBrotli ? brotliCompressSync(text) : text);
  } else if (url.pathname.endsWith('/large')) {
    response.setHeader('trailer', 'digest');
    response.addTrailers({ digest: 'sha-256=4000000' });
    response.end(Buffer.alloc(4_000_000, 'x'));
  } else {
    response.setHeader('content-type', 'text/plain');
    response.end(`${method} ${url.pathname}: ${body.length} bytes\n`);
  }
}

/** What the request was, taken apart as httpbin does it. */
async function tell({ url, headers, body }: Asked, response: ServerResponse): Promise<void> {
  const type = headers['content-type'] ?? '';
  const form: Record<string, string> = {};
  const files: Record<string, string> = {};
  const isForm = /^(?:multipart\/form-data|application\/x-www-form-urlencoded)/.test(type);
  const fields = isForm ? await new Response(body, { headers: { 'content-type': type } }).formData() : [];
  for (const [name, value] of fields) {
    if (typeof value === 'string') form[name] = value;
    else files[name] = await value.text();
  }
  const isJson = type.startsWith('application/json');
  json(response, {
    args: Object.fromEntries(url.searchParams),
    data: isForm ? '' : body.toString(),
    files,
    form,
    headers: named(headers),
    json: isJson ? JSON.parse(body.toString()) : null,
    url: url.href,
  });
}

function coded({ method }: Asked, response: ServerResponse, coding: 'gzip' | 'br'): void {
  const text = JSON.stringify({ [coding === 'br' ? 'brotli' : 'gzipped']: true, method });
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-encoding', coding);
  response.end(coding === 'br' ? brotliCompressSync(text) : gzipSync(text));
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Fields with their names as httpbin writes them: `X-Something`. */
function named(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
      String(value),
    ]),
  );
}
