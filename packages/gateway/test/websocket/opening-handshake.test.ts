import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FailureError } from '../../src/errors.ts';
import { type HandshakeRequest, openingHandshake } from '../../src/websocket/opening-handshake.ts';
import { rawOrigin } from '../support/origins.ts';

/** What an origin answers, made of the proof (RFC 6455 §4.2.2) and the head of the request. */
type Answer = (proof: string, head: string) => string | undefined;

function accepting(...fields: string[]): Answer {
  return (proof) =>
    [
      'HTTP/1.1 101 Switching',
      'Upgrade: WebSocket',
      'Connection: keep-alive, Upgrade',
      `Sec-WebSocket-Accept: ${proof}`,
      ...fields,
      '\r\n',
    ].join('\r\n');
}

async function connected(answer: Answer): Promise<{ socket: Socket; heads: string[] }> {
  const heads: string[] = [];
  const { port } = await rawOrigin((peer) => {
    peer.once('data', (bytes: Buffer) => {
      const head = String(bytes);
      heads.push(head);
      const key = /^sec-websocket-key: (.*)\r$/m.exec(head)?.[1];
      const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const text = answer(proof, head);
      if (text !== undefined) peer.write(text, 'latin1');
    });
  });
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return { socket, heads };
}

function asked(more: Partial<HandshakeRequest> = {}): HandshakeRequest {
  return {
    target: { host: 'origin.example', port: 80 },
    path: '/chat?a=b',
    fields: ['host', 'origin.example', 'cookie', 'caf\u00e9'],
    subprotocols: [],
    readTimeoutMs: 0,
    maxHeadBytes: 4_096,
    signal: new AbortController().signal,
    ...more,
  };
}

async function refusal(answer: Answer, more?: Partial<HandshakeRequest>): Promise<FailureError> {
  const { socket } = await connected(answer);
  const error = await openingHandshake(socket, asked(more)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FailureError);
  expect(socket.destroyed).toBe(true);
  return error as FailureError;
}

test('asks as RFC 6455 says, and takes what comes behind the answer', async () => {
  const { socket, heads } = await connected((proof, head) => `${accepting('X-A: b')(proof, head)}\x81\x01a`);
  const { fields, first } = await openingHandshake(socket, asked({ subprotocols: [] }));
  expect(fields).toEqual(['x-a', 'b']);
  expect(first).toEqual(Buffer.from([0x81, 1, 0x61]));
  expect(socket.destroyed).toBe(false);
  expect(socket.listenerCount('data')).toBe(0);
  const [line, ...lines] = (heads[0] as string).split('\r\n');
  expect(line).toBe('GET /chat?a=b HTTP/1.1');
  expect(lines.map((text) => text.replace(/(key: ).*/, '$1…'))).toEqual([
    'host: origin.example',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: …',
    // Latin-1, read as UTF-8 here.
    'cookie: caf\uFFFD',
    '',
    '',
  ]);
});

test('every handshake has a key of its own', async () => {
  const keys = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { socket, heads } = await connected(accepting());
    await openingHandshake(socket, asked());
    keys.add(String(/sec-websocket-key: (\S{24})\r/.exec(heads[0] as string)?.[1]));
  }
  expect(keys.size).toBe(3);
});

test('a subprotocol that was offered is told', async () => {
  const { socket, heads } = await connected(accepting('Sec-WebSocket-Protocol: b'));
  const { fields } = await openingHandshake(socket, asked({ subprotocols: ['a', 'b'] }));
  expect(fields).toEqual(['sec-websocket-protocol', 'b']);
  expect(heads[0]).toContain('sec-websocket-protocol: a, b\r\n');
});

test.each<[what: string, answer: Answer, subprotocols: string[], detail: RegExp]>([
  [
    'another status',
    () => 'HTTP/1.1 403 Go away\r\nContent-Length: 0\r\n\r\n',
    [],
    /it answered 403 Go away/,
  ],
  ['a status without words', () => 'HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n', [], /it answered 404$/],
  ['a wrong proof', (proof, head) => accepting()(proof.replace(/./, '-'), head), [], /accept is wrong/],
  [
    'two proofs',
    (proof, head) => accepting(`sec-websocket-accept: ${proof}`)(proof, head),
    [],
    /accept is wrong/,
  ],
  [
    'an extension',
    accepting('Sec-WebSocket-Extensions: permessage-deflate'),
    [],
    /extension that was not offered/,
  ],
  ['a subprotocol that nobody offered', accepting('Sec-WebSocket-Protocol: a'), [], /was not offered/],
  ['another one than was offered', accepting('Sec-WebSocket-Protocol: A'), ['a'], /was not offered/],
  [
    'two of them',
    accepting('Sec-WebSocket-Protocol: a', 'Sec-WebSocket-Protocol: b'),
    ['a', 'b'],
    /was not offered/,
  ],
  ['none of those offered', accepting(), ['a'], /accepted none/],
  [
    'another protocol',
    (proof, head) => (accepting()(proof, head) as string).replace('WebSocket\r', 'h2c\r'),
    [],
    /another protocol/,
  ],
])('%s is refused', async (_what, answer, subprotocols, detail) => {
  const { failure } = await refusal(answer, { subprotocols });
  expect(failure).toEqual({ name: 'http_upgrade_failed', detail: expect.stringMatching(detail) });
  expect(failure.detail).toMatch(/^origin\.example:80: /);
});

test.each<[what: string, answer: Answer, name: string]>([
  ['something else than HTTP', () => 'SSH-2.0\r\n\r\n', 'http_protocol_error'],
  [
    'a head that is too large',
    () => `HTTP/1.1 101 X\r\nA: ${'a'.repeat(5_000)}\r\n\r\n`,
    'response_head_too_large',
  ],
])('%s', async (_what, answer, name) => {
  expect((await refusal(answer)).failure.name).toBe(name);
});

test('an origin that closes instead of answering', async () => {
  const { port } = await rawOrigin((peer) => void peer.once('data', () => peer.end()));
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  await expect(openingHandshake(socket, asked())).rejects.toMatchObject({
    failure: { name: 'connection_terminated' },
  });
});

test('an origin that says nothing', async () => {
  const { failure } = await refusal(() => undefined, { readTimeoutMs: 20 });
  expect(failure).toEqual({
    name: 'connection_read_timeout',
    detail: 'origin.example:80 (read timeout=20 ms)',
  });
});

test('is given up, before it is sent and afterwards', async () => {
  const before = await connected(() => undefined);
  await expect(
    openingHandshake(before.socket, asked({ signal: AbortSignal.abort(new Error('gone')) })),
  ).rejects.toThrow('gone');
  expect(before.socket.destroyed).toBe(true);
  expect(before.heads).toEqual([]);

  const after = await connected(() => undefined);
  const controller = new AbortController();
  const answer = openingHandshake(after.socket, asked({ signal: controller.signal }));
  await vi.waitUntil(() => after.heads.length === 1);
  controller.abort(new Error('gone'));
  await expect(answer).rejects.toThrow('gone');
  expect(after.socket.destroyed).toBe(true);
});

test('a control character that the wire lets pass, and Node does not', async () => {
  const { socket, heads } = await connected(accepting());
  await expect(
    openingHandshake(socket, asked({ fields: ['host', 'a', 'x', 'a\x01b'] })),
  ).rejects.toMatchObject({
    failure: { name: 'http_request_error' },
  });
  expect(heads).toEqual([]);
});
