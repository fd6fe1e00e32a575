import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { test } from '../support/fixtures.ts';
import { streamId } from '../support/hostile-fixtures.ts';
import { exchange, type RawRequest, stream } from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';

/** Heads per session: below what a session may have open at once. */
const PER_SESSION = 100;
const SESSIONS = 8;

/** mulberry32: the same heads in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What requests are made of, and what they must not be made of. Good methods are those that llhttp knows. */
const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'QUERY', 'CONNECT', 'G T', 'GET\r\n', ''];
const NAMES = [
  'x',
  'X-A',
  'host',
  'Host',
  'content-length',
  'Content-Length',
  'transfer-encoding',
  'Transfer-Encoding',
  'connection',
  'te',
  'upgrade',
  'expect',
  'trailer',
  'proxy-connection',
  'keep-alive',
  ':path',
  'x y',
  'x\r\n',
  'cookie',
];
const VALUES = [
  '',
  '0',
  '3',
  '4',
  '1000',
  'chunked',
  'identity, chunked',
  'close',
  'keep-alive, x',
  'host',
  'a.example',
  'websocket',
  '100-continue',
  'caf\xe9',
  ' a',
  'a\r\nb',
  'a\0',
  '\n\nGET /smuggled HTTP/1.1',
  '+3',
  '3, 3',
];
const PATHS = [
  '',
  '?a=b',
  '/../x',
  '#f',
  ' HTTP/1.1',
  '\r\n\r\nGET /smuggled',
  '%0d%0a',
  '//',
  '"<>',
  '\x7f',
  '\xff',
];
const CONTENTS = [
  '',
  'abc',
  '0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
  'GET /smuggled HTTP/1.1\r\n\r\n',
];

function randomRequest(random: (below: number) => number, authority: string, id: number): RawRequest {
  const pick = (from: readonly string[]): string => from[random(from.length)] as string;
  const lines = (most: number): [string, string][] =>
    Array.from({ length: random(most) }, () => [pick(NAMES), pick(VALUES)]);
  return {
    method: random(3) === 0 ? pick(METHODS) : (METHODS[random(5)] as string),
    authority: random(20) === 0 ? `${authority}\r\n` : authority,
    path: `/${id}${random(2) === 0 ? pick(PATHS) : ''}`,
    fields: lines(4),
    content: pick(CONTENTS),
    trailers: random(4) === 0 ? lines(3) : [],
  };
}

test('of random heads an origin sees whole single requests, each sent by the client as it came', async ({
  gateway,
}) => {
  const seen: { method: string; target: string; rawHeaders: string[]; content: string }[] = [];
  const errors: unknown[] = [];
  const server = createServer({ insecureHTTPParser: false }, (request, response) => {
    const { method = '', url: target = '', rawHeaders } = request;
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      seen.push({ method, target, rawHeaders, content: Buffer.concat(pieces).toString('latin1') });
      response.end(target);
    });
    request.on('error', () => {}); // the gateway gives up a body that is not what was announced
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A connection that ends in the middle of a body is what a length that is not kept looks like.
    if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE') errors.push(error);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const random = randomNumbers(0x68_69_70);
  const sent = new Map<string, RawRequest>();

  for (let round = 0; round < SESSIONS; round += 1) {
    const session = await RawSession.openAuthenticated(gateway);
    for (let n = 1; n <= PER_SESSION; n += 1) {
      const request = randomRequest(random, authority, round * PER_SESSION + n);
      sent.set(request.path, request);
      session.send(stream(streamId(n), exchange(request), { fin: true }));
      await session.flushed();
    }
    const last = stream(streamId(PER_SESSION + 1), exchange({ authority, path: `/last-${round}` }), {
      fin: true,
    });
    session.send(last);
    await eventually(() => expect(session.received.includes(`/last-${round}`)).toBe(true));
    expect(session.isOpen).toBe(true);
    session.terminate();
  }

  expect(errors).toEqual([]);
  const requests = seen.filter(({ target }) => !target.startsWith('/last-'));
  expect(requests.length).toBeGreaterThan(PER_SESSION);
  expect(new Set(requests.map(({ target }) => target)).size).toBe(requests.length);
  for (const { method, target, rawHeaders, content } of requests) {
    const original = sent.get(target);
    expect(original, target).toBeDefined();
    expect(method).toBe(original?.method);
    expect(content).toBe(original?.content);
    const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(names.filter((name) => name === 'host')).toHaveLength(1);
    expect(names.filter((name) => /^(content-length|transfer-encoding)$/.test(name)).length).toBeLessThan(2);
    expect(names.filter((name) => /^(te|upgrade|expect|trailer|keep-alive|proxy-.*)$/.test(name))).toEqual(
      [],
    );
  }
});
