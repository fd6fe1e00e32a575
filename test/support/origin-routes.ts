import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CLIENT_ROUTES } from './client-routes.ts';
import { contentPieces } from './content.ts';
import type { RequestRecord } from './control-api.ts';
import { answerWithEvents } from './event-route.ts';
import { ReceivedContent } from './origin-log.ts';

/** One exchange at the origin, as its route sees it. */
export interface OriginExchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** Path segments after the route's name. */
  rest: string[];
  record: RequestRecord;
  /** Resolves once a test has released this latch. */
  latch(name: string): Promise<void>;
}

/** Answers one exchange. */
export type Route = (exchange: OriginExchange) => void | Promise<void>;

/** What the origin does, by the first segment of the path. */
export const ROUTES: Record<string, Route> = {
  ...CLIENT_ROUTES,

  hello: ({ response }) => sendText(response, 'hello, world\n'),

  /** `events-path.ts` says what its query means. */
  events: answerWithEvents,

  empty: ({ response }) => void response.writeHead(200, { 'content-length': '0' }).end(),

  /** Says back what came. */
  async echo({ request, response, record }) {
    const body = await readText(request, record);
    const { method, target, rawHeaders } = record;
    sendText(response, JSON.stringify({ method, target, rawHeaders, body }), 'application/json');
  },

  /** `/status/418?reason=Short+and+stout` */
  status({ response, url, rest: [status] }) {
    const reason = url.searchParams.get('reason');
    if (reason !== null) response.statusMessage = reason;
    response.statusCode = Number(status);
    if (status === '204' || status === '304') response.end();
    else sendText(response, `status ${status}\n`);
  },

  /** `/bytes/N`: N bytes of the deterministic content, with a length or `?framing=chunked`. */
  async bytes({ response, url, rest: [length], record }) {
    const total = Number(length);
    response.setHeader('content-type', 'application/octet-stream');
    if (url.searchParams.get('framing') !== 'chunked') response.setHeader('content-length', total);
    else response.flushHeaders(); // before node:http learns that an empty body needs no chunks
    const pieceBytes = Number(url.searchParams.get('piece') ?? 65_536);
    await pipeline(Readable.from(countedPieces(total, pieceBytes, record)), response);
  },

  /** Reads all, then says how much it was. `?hold=LATCH&after=N`: stops reading after N bytes until released. */
  async upload({ request, response, url, record, latch }) {
    const content = new ReceivedContent(record);
    const hold = url.searchParams.get('hold');
    const holdAfterBytes = Number(url.searchParams.get('after') ?? 0);
    let isHeld = false;
    if (hold !== null && holdAfterBytes === 0) await latch(hold);
    for await (const chunk of request as AsyncIterable<Buffer>) {
      content.push(chunk);
      if (hold === null || isHeld || record.receivedBytes < holdAfterBytes) continue;
      isHeld = true;
      await latch(hold);
    }
    content.end();
    const { receivedBytes, receivedSha256 } = record;
    sendText(response, JSON.stringify({ receivedBytes, receivedSha256 }), 'application/json');
  },

  /** Answers and closes while the upload is still under way. */
  'refuse-upload': ({ response }) => {
    response.writeHead(413, { connection: 'close' }).end('too much\n');
  },

  trailers({ response }) {
    response.writeHead(200, { 'content-type': 'text/plain', trailer: 'x-checksum, x-took' });
    response.write('with trailers');
    response.addTrailers({ 'x-checksum': 'abc123', 'x-took': '7' });
    response.end();
  },

  'early-hints': ({ response }) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style', 'x-hint': 'early' });
    sendText(response, 'after the hints\n');
  },

  'set-cookies': ({ response }) => {
    response.setHeader('set-cookie', [
      'a=1; Path=/',
      'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
      'c=3; HttpOnly',
    ]);
    sendText(response, 'three cookies\n');
  },

  /** `/cookies?set=LINE&set=LINE&to=URL&status=303`: sets cookies, redirects if told where to; says which cookies came. */
  cookies: ({ request, response, url }) => {
    const to = url.searchParams.get('to');
    response.statusCode = Number(url.searchParams.get('status') ?? (to === null ? 200 : 302));
    if (to !== null) response.setHeader('location', to);
    response.setHeader('set-cookie', url.searchParams.getAll('set'));
    sendText(response, request.headers.cookie ?? '');
  },

  /** `/login/start`, then `/login/check`, then `/login/home`: a form that demands the cookie of its page. */
  async login({ request, response, rest: [step], record }) {
    const cookies = request.headers.cookie ?? '';
    const go = (to: string, ...set: string[]): void =>
      void response.writeHead(303, { location: to, 'set-cookie': set, 'content-length': 0 }).end();
    if (step === 'start') {
      response.setHeader('set-cookie', 'csrf=t0k3n; SameSite=Strict; HttpOnly');
      sendText(response, 't0k3n');
    } else if (step === 'check') {
      const form = new URLSearchParams(await readText(request, record));
      const isMeant = cookies === `csrf=${form.get('csrf')}` && form.get('user') !== null;
      if (isMeant) go('/login/home', `sid=${form.get('user')}; Path=/; HttpOnly`, 'csrf=; Max-Age=0');
      else go('/login/start');
    } else {
      sendText(response, cookies);
    }
  },

  /** Fields that come twice, are empty, or hold bytes above US-ASCII. */
  'odd-fields': ({ response }) => {
    response.setHeader('x-twice', ['one', 'two']);
    response.setHeader('x-empty', '');
    response.setHeader('x-latin1', 'caf\u00e9');
    sendText(response, 'odd fields\n');
  },

  /** `/big-head?bytes=N`: N bytes of field value. */
  'big-head': ({ response, url }) => {
    response.setHeader('x-big', 'b'.repeat(Number(url.searchParams.get('bytes'))));
    sendText(response, 'big head\n');
  },

  close: ({ response }) => {
    response.setHeader('connection', 'close');
    sendText(response, 'and closes\n');
  },

  'never-head': () => {},

  /** A head, five bytes, then nothing more. */
  'never-end': ({ response, record }) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('begin');
    record.sentBytes += 5;
  },

  /** 5 bytes of an announced 1000, then RST. */
  async 'head-then-reset'({ response }) {
    await sendShort(response);
    response.socket?.resetAndDestroy();
  },

  /** 5 bytes of an announced 1000, then FIN. */
  async short({ response }) {
    await sendShort(response);
    response.socket?.end();
  },

  /** `/redirect/302?to=URL`: a redirect, to itself without a URL, with `?bytes=N` of content. */
  redirect({ response, url, rest: [status] }) {
    response.writeHead(Number(status), { location: url.searchParams.get('to') ?? url.pathname });
    response.end('r'.repeat(Number(url.searchParams.get('bytes') ?? 7)));
  },

  /** `/drop-before/N`: closes the connection instead of answering, but for the origin's Nth request and later ones. */
  'drop-before': async ({ request, response, rest: [first], record }) => {
    if (record.id < Number(first)) {
      request.resume();
      await once(request, 'end');
      response.socket?.end();
    } else sendText(response, `request ${record.id}\n`);
  },

  /** `/short-before/N`: the same with content that ends before its length. */
  'short-before': async ({ response, rest: [first], record }) => {
    if (record.id >= Number(first)) return sendText(response, `request ${record.id}\n`);
    await sendShort(response);
    response.socket?.end();
  },

  /** `/status-before/N/503?retry-after=1`: the same with a status. */
  'status-before': ({ response, url, rest: [first, status], record }) => {
    if (record.id >= Number(first)) return sendText(response, `request ${record.id}\n`);
    const retryAfter = url.searchParams.get('retry-after');
    if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
    response.statusCode = Number(status);
    sendText(response, `status ${status}\n`);
  },

  /** Bytes without end, one each 20 ms. */
  async trickle({ response }) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    while (!response.destroyed) {
      response.write('.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },

  /** `/slow-start/LATCH`: no head before the release. */
  async 'slow-start'({ response, rest: [name = ''], latch }) {
    await latch(name);
    sendText(response, 'released\n');
  },

  /** `/held-body/LATCH`: head and `first `, and after the release `second`. */
  async 'held-body'({ response, rest: [name = ''], latch }) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('first ');
    await latch(name);
    response.end('second');
  },
};

function* countedPieces(total: number, pieceBytes: number, record: RequestRecord): Generator<Uint8Array> {
  for (const [, piece] of contentPieces(total, pieceBytes)) {
    record.sentBytes += piece.length;
    yield piece;
  }
}

async function sendShort(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000' });
  await new Promise<void>((resolve) => response.write('begin', () => resolve()));
}

async function readText(request: IncomingMessage, record: RequestRecord): Promise<string> {
  const content = new ReceivedContent(record);
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    content.push(Buffer.from(piece));
  });
  await once(request, 'end');
  content.end();
  return text;
}

function sendText(response: ServerResponse, text: string, type = 'text/plain'): void {
  const bytes = Buffer.from(text);
  response.setHeader('content-type', type);
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
}
