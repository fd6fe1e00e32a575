import { describe, expect } from 'vitest';
import type { Origin } from '../support/control.ts';
import { eventually, settled } from '../support/eventually.ts';
import { closes, MEMORY_BYTES, streamId, test } from '../support/hostile-fixtures.ts';
import { exchange, exchangeHead, ping, resetStream, stopSending, stream } from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';

describe('a session that takes what it can', () => {
  test('10,000 streams at once: no more than the limit is served, and the session ends', async ({
    gateway,
    origin,
  }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const request = exchange({ authority: origin.host, path: '/never-head' });
    for (let n = 1; n <= 10_000 && session.isOpen; n++)
      session.send(stream(streamId(n), request, { fin: true }));
    await closes(session);
    expect((await origin.requests('/never-head')).length).toBeLessThanOrEqual(256);
    await eventually(async () => {
      const open = (await origin.requests('/never-head')).filter(({ outcome }) => outcome === 'open');
      expect(open).toHaveLength(0);
    });
  });

  test('10,000 requests that are reset at once', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const request = exchange({ authority: origin.host, path: '/never-head' });
    for (let n = 1; n <= 10_000 && session.isOpen; n++) {
      const id = streamId(n);
      session.send(stream(id, request, { fin: true }), stopSending(id), resetStream(id, request.length));
      if (n % 50 === 0) await session.flushed();
    }
    session.terminate();
    await eventually(async () => {
      const open = (await origin.requests('/never-head')).filter(({ outcome }) => outcome === 'open');
      expect(open).toHaveLength(0);
    });
  });

  test('50 responses of 300 MB that are never read: the origin stops, the gateway does not grow', async ({
    gateway,
    origin,
  }) => {
    const session = await RawSession.openAuthenticated(gateway);
    session.stopReading();
    const request = exchange({ authority: origin.host, path: '/bytes/300000000' });
    for (let n = 1; n <= 50; n++) session.send(stream(streamId(n), request, { fin: true }));
    await eventually(async () => expect(await origin.requests('/bytes')).toHaveLength(50));
    const sent = await sentAtRest(origin);
    expect(sent).toBeLessThan(50 * 8_000_000);
    expect((await gateway.status()).rssBytes).toBeLessThan(MEMORY_BYTES);
    session.terminate();
    await eventually(async () => {
      const open = (await origin.requests('/bytes')).filter(({ outcome }) => outcome === 'open');
      expect(open).toHaveLength(0);
    });
  });

  test('100,000 pings whose answers are never read', async ({ gateway }) => {
    const session = await RawSession.openAuthenticated(gateway);
    session.stopReading();
    for (let n = 0; n < 1_000 && session.isOpen; n++) {
      session.send(...Array.from({ length: 100 }, (_, i) => ping(n * 100 + i)));
      await session.flushed();
    }
    expect((await gateway.status()).rssBytes).toBeLessThan(MEMORY_BYTES);
    session.terminate();
  });

  test('200 uploads that never end', async ({ gateway, origin }) => {
    const session = await RawSession.openAuthenticated(gateway);
    const head = exchangeHead({ method: 'POST', authority: origin.host, path: '/upload' });
    const begun = Buffer.concat([head, Buffer.from([1, 0x61])]); // one byte of content
    for (let n = 1; n <= 200; n++) session.send(stream(streamId(n), begun));
    await eventually(async () => expect(await origin.requests('/upload')).toHaveLength(200));
    session.terminate();
    await eventually(async () => {
      const outcomes = (await origin.requests('/upload')).map(({ outcome }) => outcome);
      expect(new Set(outcomes)).toEqual(new Set(['aborted']));
    });
  });

  test('300 sessions that say nothing', async ({ gateway }) => {
    const sessions = await Promise.all(Array.from({ length: 300 }, () => RawSession.open(gateway)));
    for (const session of sessions) session.terminate();
  });
});

function sentAtRest(origin: Origin): Promise<number> {
  return settled(async () =>
    (await origin.requests('/bytes')).reduce((sum, { sentBytes }) => sum + sentBytes, 0),
  );
}
