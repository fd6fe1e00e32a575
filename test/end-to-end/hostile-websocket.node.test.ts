import { describe, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { newWebSocketOrigin } from '../support/fixtures.ts';
import { stillServes, streamId, test } from '../support/hostile-fixtures.ts';
import {
  type RawWebSocketRequest,
  resetStream,
  stream,
  varint,
  webSocketPart,
  webSocketRequest,
} from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';

/** A failure as the whole answer, with the code of a row. */
function failure(code: number): Buffer {
  return Buffer.concat([varint(2), varint(code)]);
}

const MALFORMED_EXCHANGE = 0x105;
const UNSUPPORTED_OPTION = 0x106;
const REQUEST_ERROR = 0x609;

describe('a WebSocket that breaks the protocol fails alone', () => {
  test.for<[what: string, request: Partial<RawWebSocketRequest>, code: number]>([
    ['another method', { method: 'POST' }, REQUEST_ERROR],
    ['a key of its own', { fields: { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' } }, REQUEST_ERROR],
    ['an extension', { fields: { 'sec-websocket-extensions': 'permessage-deflate' } }, REQUEST_ERROR],
    ['a line in a field', { fields: { 'x-a': 'b\r\nX-Smuggled: 1' } }, REQUEST_ERROR],
    ['a line in a subprotocol', { options: Buffer.from('\x10\x05a\r\nb:', 'latin1') }, REQUEST_ERROR],
    ['content', { fields: { 'content-length': '10' } }, REQUEST_ERROR],
    ['an option nobody knows', { options: Buffer.from([0x3f, 1, 0]) }, UNSUPPORTED_OPTION],
    ['a message before the answer', { behind: webSocketPart(0x81, Buffer.from('x')) }, MALFORMED_EXCHANGE],
  ])('%s', async ([, request, code], { gateway, origin }) => {
    const peer = await newWebSocketOrigin();
    const session = await RawSession.openAuthenticated(gateway);
    const bytes = webSocketRequest({ authority: `127.0.0.1:${peer.port}`, path: '/echo', ...request });
    session.send(stream(streamId(1), bytes));
    await eventually(() => expect(session.received.includes(failure(code))).toBe(true));
    await stillServes(session, origin.host);
    expect((await peer.log()).filter(({ messages }) => messages > 0)).toEqual([]);
  });

  test('requests that are cut anywhere, and noise', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const whole = webSocketRequest({ authority: origin.host, path: '/hello' });
    let n = 1;
    for (let cut = 1; cut < whole.length; cut++) {
      session.send(stream(streamId(n++), whole.subarray(0, cut), { fin: true }));
    }
    for (const noise of ['ff', '00ff', '4000bfff', '010000ffffffffffffffff']) {
      session.send(
        stream(streamId(n++), Buffer.concat([varint(3), Buffer.from(noise, 'hex')]), { fin: true }),
      );
    }
    await stillServes(session, origin.host, n);
    expect(await origin.requests('/hello')).toHaveLength(0);
  });

  test.for<[what: string, part: Buffer]>([
    ['a part that continues nothing', webSocketPart(0x80, Buffer.alloc(0))],
    [
      'a message inside a message',
      Buffer.concat([webSocketPart(0x01, Buffer.from('a')), webSocketPart(0x81, Buffer.from('b'))]),
    ],
    ['a ping', webSocketPart(0x89, Buffer.alloc(0))],
    ['a failure', webSocketPart(0x8f, varint(MALFORMED_EXCHANGE))],
    ['a close with a code that is never sent', webSocketPart(0x88, Buffer.from([3, 0xee]))],
    ['a close that is too long', webSocketPart(0x88, Buffer.alloc(126))],
  ])('%s, on one that is open', async ([, part], { gateway, origin }) => {
    const peer = await newWebSocketOrigin();
    const session = await RawSession.openAuthenticated(gateway);
    const request = webSocketRequest({ authority: `127.0.0.1:${peer.port}`, path: '/echo' });
    session.send(stream(streamId(1), request));
    await eventually(() => peer.visit());
    await eventually(() => expect(session.received.length).toBeGreaterThan(200));
    session.send(stream(streamId(1), part, { offset: request.length }));
    await eventually(async () =>
      expect(await peer.visit()).toMatchObject({ isOpen: false, closeCode: expect.any(Number) }),
    );
    await stillServes(session, origin.host);
  });

  test('a stream that is reset, before it is open and afterwards', async ({ gateway, origin }) => {
    const peer = await newWebSocketOrigin();
    const session = await RawSession.openAuthenticated(gateway);
    for (const [index, path] of ['/hang', '/echo'].entries()) {
      const request = webSocketRequest({ authority: `127.0.0.1:${peer.port}`, path });
      session.send(stream(streamId(index + 1), request));
      await eventually(() => peer.visit(path));
      session.send(resetStream(streamId(index + 1), request.length));
      await eventually(async () => expect(await peer.visit(path)).toMatchObject({ isOpen: false }));
    }
    expect((await peer.visit('/echo')).closeCode).toBe(1001);
    await stillServes(session, origin.host, 3);
  });
});
