import { describe, expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { stillServes, streamId, test } from '../support/hostile-fixtures.ts';
import { exchange, stream, varint } from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';

describe('an exchange that breaks the protocol fails alone', () => {
  test('a context that was never declared', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const request = { context: 99, authority: origin.host, path: '/hello?99' };
    session.send(stream(streamId(1), exchange(request), { fin: true }));
    await stillServes(session, origin.host);
    const failure = Buffer.concat([varint(2), varint(0x103)]); // a failure, with the code of unknown_context
    await eventually(() => expect(session.received.includes(failure)).toBe(true));
    expect(session.isOpen).toBe(true);
    expect(await origin.requests('/hello?99')).toHaveLength(0);
  });

  test.for([
    { method: 'GET\r\nX-Smuggled: 1' },
    { method: '' },
    { path: '/hello HTTP/1.1\r\nX-Smuggled: 1\r\n\r\n' },
    { path: 'no-slash' },
    { authority: 'user@127.0.0.1:1' },
    { authority: '' },
    { fields: { 'x-a': 'b\r\nX-Smuggled: 1' } },
    { fields: { 'x a': 'b' } },
    { fields: { 'x-a': 'b\0c' } },
    { fields: { 'transfer-encoding': 'chunked' } },
    { fields: { connection: 'upgrade', upgrade: 'websocket' } },
    { method: 'POST', fields: { 'content-length': '1000' } },
    { method: 'POST', fields: { 'content-length': '-1' } },
    { method: 'CONNECT' },
  ])('%j', async (part, { gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const request = { authority: origin.host, path: '/hello?smuggled', ...part };
    session.send(stream(streamId(1), exchange(request), { fin: true }));
    await stillServes(session, origin.host);
    for (const { rawHeaders, target, outcome } of await origin.requests()) {
      if (target.startsWith('/echo')) continue;
      expect(JSON.stringify(rawHeaders).toLowerCase()).not.toMatch(/smuggled|upgrade|transfer-encoding/);
      if ('fields' in part && part.fields['content-length']) expect(outcome).not.toBe('complete');
    }
  });

  test('streams of a kind that is reserved or unknown', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    for (const [i, kind] of [2, 3, 17].entries())
      session.send(stream(streamId(i + 1), varint(kind), { fin: true }));
    await stillServes(session, origin.host, 4);
  });

  test('an exchange that ends in the middle of its head', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const whole = exchange({ authority: origin.host, path: '/hello?cut' });
    let n = 1;
    // Without its last three zeros it would be whole: RFC 9292 §3.8 lets empty sections at the end be left out.
    for (let cut = 1; cut < whole.length - 3; cut++) {
      session.send(stream(streamId(n++), whole.subarray(0, cut), { fin: true }));
    }
    await stillServes(session, origin.host, n);
    expect(await origin.requests('/hello?cut')).toHaveLength(0);
  });
});
