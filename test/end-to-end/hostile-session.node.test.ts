import { describe, expect } from 'vitest';
import { within } from '../support/eventually.ts';
import { closes, HELLO_TIMEOUT_MS, streamId, test } from '../support/hostile-fixtures.ts';
import {
  context,
  controlMessage,
  controlStream,
  exchange,
  exchangeHead,
  generousParameters,
  hello,
  stream,
  varint,
} from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';

describe('a session that breaks the protocol is closed', () => {
  test('random bytes instead of frames', async ({ gateway }) => {
    const next = randomBytes(7);
    for (let i = 0; i < 50; i++) {
      const session = await RawSession.open(gateway);
      session.send(next(1 + i * 20));
      await closes(session);
    }
  });

  test('random bytes after a hello that was accepted', async ({ gateway }) => {
    const next = randomBytes(11);
    for (let i = 0; i < 50; i++) {
      const session = await RawSession.openAuthenticated(gateway);
      while (session.isOpen) {
        session.send(next(200));
        await session.flushed();
      }
      await closes(session);
    }
  });

  test('garbage in the same record as a request: the session is closed and says why', async ({
    gateway,
    origin,
  }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const request = stream(streamId(1), exchange({ authority: origin.host, path: '/hello' }), { fin: true });
    session.send(request, Buffer.from([0x21, 0xff, 0xff]));
    await closes(session);
    expect(session.connectionClose?.reason).toMatch(/frame/i);
  });

  test('text messages', async ({ gateway }) => {
    const session = await RawSession.open(gateway);
    session.sendText('{"type":"hello"}');
    await closes(session);
  });

  test('a record above the limit', async ({ gateway }) => {
    const session = await RawSession.openAuthenticated(gateway);
    session.send(Buffer.alloc(1_000_000)); // PADDING, which alone would be allowed
    await closes(session);
  });

  test('a WebSocket message of 64 MB', async ({ gateway }) => {
    const session = await RawSession.openAuthenticated(gateway);
    session.send(Buffer.alloc(64 * 1024 * 1024));
    await closes(session);
  });

  test('frames before the transport parameters', async ({ gateway }) => {
    const session = await RawSession.open(gateway);
    session.send(stream(0, controlStream(hello(gateway.token))));
    await closes(session);
  });

  test('transport parameters twice', async ({ gateway }) => {
    const session = await RawSession.openAuthenticated(gateway);
    session.send(generousParameters());
    await closes(session);
  });

  test('a second hello', async ({ gateway }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const offset = controlStream(hello(gateway.token), context(1)).length;
    session.send(stream(0, hello(gateway.token), { offset }));
    await closes(session);
    expect(session.connectionClose?.reason).toMatch(/hello/i);
  });

  test('pools to be emptied of a context that was never declared', async ({ gateway }) => {
    for (const message of [
      { type: 'clear', id: 7, generation: 1 },
      { type: 'close', id: 7, scheme: 'http', authority: 'origin.test' },
    ]) {
      const session = await RawSession.openAuthenticated(gateway);
      const offset = controlStream(hello(gateway.token), context(1)).length;
      session.send(stream(0, controlMessage(message), { offset }));
      await closes(session);
      expect(session.connectionClose?.reason).toContain(`${message.type}.id must be declared before, got 7`);
    }
  });

  test('a control message that is no JSON, or claims a gigabyte', async ({ gateway }) => {
    for (const message of [
      Buffer.from([3, 0x7b, 0x7b, 0x7b]),
      varint(1_000_000_000),
      controlMessage({ type: 'x' }),
    ]) {
      const session = await RawSession.open(gateway);
      session.send(generousParameters(), stream(0, controlStream(message)));
      await closes(session);
    }
  });

  test('a stream that only the gateway may open, and one beyond the limit', async ({ gateway }) => {
    for (const id of [1, 2, 3, streamId(100_000)]) {
      const session = await RawSession.openAuthenticated(gateway);
      session.send(stream(id, varint(1)));
      await closes(session);
    }
  });

  test('more content than there is credit for', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const head = exchangeHead({ method: 'POST', authority: origin.host, path: '/upload?hold=never' });
    session.send(stream(streamId(1), head));
    const piece = Buffer.alloc(60_000, 1);
    for (let offset = head.length; offset < 100_000_000 && session.isOpen; offset += piece.length) {
      session.send(stream(streamId(1), piece, { offset }));
      await session.flushed();
    }
    await closes(session);
  });

  test('a wrong token', async ({ gateway, origin }) => {
    const session = await RawSession.open(gateway);
    session.send(
      generousParameters(),
      stream(0, controlStream(hello('wrong'), context(1))),
      stream(streamId(1), exchange({ authority: origin.host, path: '/hello' }), { fin: true }),
    );
    await closes(session);
    expect(session.connectionClose?.reason).toMatch(/token/i);
    expect(await origin.requests('/hello')).toHaveLength(0);
  });

  test('no hello: closed in time, and what was asked before is not done', async ({ gateway, origin }) => {
    const session = await RawSession.open(gateway);
    const request = stream(streamId(1), exchange({ authority: origin.host, path: '/hello' }), { fin: true });
    session.send(generousParameters(), stream(0, controlStream()), request);
    await within(HELLO_TIMEOUT_MS * 2, 'the end of a session without hello', session.closed);
    expect(await origin.requests('/hello')).toHaveLength(0);
  });
});

/** Reproducible noise: mulberry32 with a seed. */
function randomBytes(seed: number): (length: number) => Buffer {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) & 0xff;
  };
  return (length) => Buffer.from(Array.from({ length }, next));
}
