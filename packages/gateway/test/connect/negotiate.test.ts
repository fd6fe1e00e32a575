import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Negotiation, negotiate } from '../../src/connect/negotiate.ts';
import { rawOrigin } from '../support/origins.ts';

async function connected(onSocket: (socket: Socket) => void): Promise<Socket> {
  const { port } = await rawOrigin(onSocket);
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Asks with one byte for each of `lengths`, and collects the answers. */
function* asking(lengths: readonly number[], answers: string[]): Negotiation {
  for (const length of lengths) {
    const measure = (received: Buffer): number | undefined => (received.length < length ? undefined : length);
    answers.push(String(yield { send: Uint8Array.of(length), measure }));
  }
}

const broken = (error: Error | undefined): Error => new Error(`broken: ${error?.message ?? 'closed'}`);
const never = new AbortController().signal;

test('asks, takes what was asked for, and puts the rest back for the next reader', async () => {
  const socket = await connected((peer) => {
    peer.once('data', () => peer.write('abcde'));
  });
  const answers: string[] = [];
  await negotiate(socket, asking([2, 1], answers), { signal: never, broken });
  expect(answers).toEqual(['ab', 'c']);
  await once(socket, 'readable');
  expect(String(socket.read())).toBe('de');
});

test('a negotiation that asks for nothing is over at once', async () => {
  const socket = await connected(() => {});
  await negotiate(socket, asking([], []), { signal: never, broken });
  expect(socket.listenerCount('readable')).toBe(0);
});

test('a negotiation that throws', async () => {
  const socket = await connected((peer) => void peer.write('x'));
  function* throwing(): Negotiation {
    yield { measure: () => 1 };
    throw new Error('not that');
  }
  await expect(negotiate(socket, throwing(), { signal: never, broken })).rejects.toThrow('not that');
  expect(socket.listenerCount('error') + socket.listenerCount('readable')).toBe(0);
});

test.each([
  ['that the peer closes', (peer: Socket) => void peer.end('x'), 'broken: closed'],
  [
    'that the peer resets',
    (peer: Socket) => void peer.once('data', () => peer.resetAndDestroy()),
    'broken: read ECONNRESET',
  ],
])('a socket %s', async (_name, onSocket, message) => {
  const socket = await connected(onSocket);
  await expect(negotiate(socket, asking([2], []), { signal: never, broken })).rejects.toThrow(message);
});

test('a socket that was closed before', async () => {
  const socket = await connected(() => {});
  socket.destroy();
  await once(socket, 'close');
  await expect(negotiate(socket, asking([2], []), { signal: never, broken })).rejects.toThrow(
    'broken: closed',
  );
});

test('a signal, before and meanwhile', async () => {
  const controller = new AbortController();
  const socket = await connected((peer) => {
    peer.once('data', () => controller.abort(new Error('gone')));
  });
  const options = { signal: controller.signal, broken };
  await expect(negotiate(socket, asking([2], []), options)).rejects.toThrow('gone');
  await expect(negotiate(socket, asking([2], []), options)).rejects.toThrow('gone');
});
