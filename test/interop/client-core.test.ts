import { SUBPROTOCOL, TRANSPORT_ERRORS } from '@hip/wire';
import QmuxSession, { StreamError } from '@moq/qmux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { checksum, content } from './support/content.ts';
import { CoreEndpoint } from './support/core-endpoint.ts';
import { Loopback } from './support/loopback.ts';
import {
  acceptStreams,
  codeOf,
  echo,
  QMUX_CONFIG,
  type QmuxStream,
  receiveAll,
  sendAll,
} from './support/qmux-peer.ts';

// Our core as a client, and a server of @moq/qmux: another implementation of draft-ietf-quic-qmux-02.

/** Small enough that the session's credit, too, has to be given back again and again. */
const SESSION_WINDOW_BYTES = 1_048_576;

let loopback: Loopback;
let server: QmuxSession;
let client: CoreEndpoint;

beforeEach(async () => {
  const accepted = Promise.withResolvers<QmuxSession>();
  loopback = await Loopback.listen((socket) => {
    accepted.resolve(QmuxSession.accept(socket as never, { config: QMUX_CONFIG }));
  });
  client = new CoreEndpoint(
    new WebSocket(loopback.url, SUBPROTOCOL, { perMessageDeflate: false }),
    'client',
    {
      parameters: { initialMaxData: SESSION_WINDOW_BYTES },
    },
  );
  server = await accepted.promise;
  await Promise.all([client.ready, server.ready]);
});

afterEach(async () => {
  await loopback.close();
});

/** The next stream that reaches the server. */
async function nextStream(): Promise<QmuxStream> {
  const reader = server.incomingBidirectionalStreams.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  if (value === undefined) throw new Error('the session ended instead');
  return value;
}

it('speaks the subprotocol of hip', () => {
  expect(server.protocol).toBe('hip-1');
});

describe('moves', () => {
  it('1,000 streams at once', { timeout: 60_000 }, async () => {
    void acceptStreams(server, (stream) => void echo(stream).catch(() => {}));
    const streams = await Promise.all(Array.from({ length: 1_000 }, () => client.open()));
    const bodies = streams.map((_, index) => content(1_000 + index, index));
    await Promise.all(
      streams.map(async (stream, index) => {
        await stream.send((bodies[index] as Uint8Array).subarray(0, 500));
        await stream.receives(500);
      }),
    );
    // Every one of them is open now, both ways, and none ends before all have said something.
    expect(client.session.streamCount).toBe(1_000);
    for (const [index, stream] of streams.entries())
      stream.stream.end((bodies[index] as Uint8Array).subarray(500));
    expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual(bodies.map(checksum));
    expect(client.session.streamCount).toBe(0);
  });

  it('3,000 streams one after the other, in hundreds', { timeout: 60_000 }, async () => {
    void acceptStreams(server, (stream) => void echo(stream).catch(() => {}));
    const body = content(300, 1);
    const expected = checksum(body);
    for (let batch = 0; batch < 30; batch++) {
      const streams = await Promise.all(Array.from({ length: 100 }, () => client.open()));
      for (const stream of streams) stream.stream.end(body);
      for (const stream of streams) expect(await stream.ended).toBe(expected);
    }
  });

  it('50 MB each way on one stream at the same time', { timeout: 60_000 }, async () => {
    const up = content(50_000_000, 1);
    const down = content(50_000_000, 2);
    let largestRecord = 0;
    client.onRecordSent = (bytes) => (largestRecord = Math.max(largestRecord, bytes));
    const here = await client.open();
    const sending = here.send(up).then(() => here.stream.end());
    const there = await nextStream();
    const [received] = await Promise.all([receiveAll(there), sendAll(there, down), sending]);
    expect(received).toBe(checksum(up));
    expect(await here.ended).toBe(checksum(down));
    // The peer's max_record_size, which it leaves at the default.
    expect(largestRecord).toBe(16_382);
  });
});

describe('tells', () => {
  it('a reset, with its code', async () => {
    const here = await client.open();
    await here.send(content(1_000, 1));
    const there = await nextStream();
    here.stream.reset(0x123);
    expect(await codeOf(receiveAll(there))).toBe(0x123);
  });

  it('that it wants no more, with its code', async () => {
    const here = await client.open();
    await here.send(content(1_000, 1));
    const there = await nextStream();
    here.stream.stopSending(0x77);
    const writer = there.writable.getWriter();
    expect(await codeOf(writer.closed)).toBe(0x77);
    // RFC 9000 §3.5: the stop is answered by a reset, which our user, who wants no more, does not hear of.
    here.stream.reset(0);
    await expect.poll(() => client.session.streamCount).toBe(0);
  });

  it('the end of the session, with code and reason', async () => {
    client.session.close(0x108, 'maintenance at noon');
    expect(await server.closed).toEqual({ closeCode: 0x108, reason: 'maintenance at noon' });
  });

  it('a fault, as a transport error', async () => {
    client.session.fail(TRANSPORT_ERRORS.INTERNAL_ERROR, 'out of luck');
    await expect(server.closed).rejects.toThrow(`${TRANSPORT_ERRORS.INTERNAL_ERROR} out of luck`);
  });
});

describe('hears', () => {
  it('a reset, with its code', async () => {
    const here = await client.open();
    await here.send(content(10, 1));
    const there = await nextStream();
    await there.writable.abort(new StreamError(0x26));
    expect(await here.wasReset).toBe(0x26);
  });

  it('that the peer wants no more, with its code', async () => {
    const here = await client.open();
    await here.send(content(10, 1));
    const there = await nextStream();
    await there.readable.cancel(new StreamError(0x31));
    expect(await here.wasStopped).toBe(0x31);
    expect(here.stream.isWritable).toBe(false);
  });

  it('the end of the session, with code and reason', async () => {
    const here = await client.open();
    server.close({ closeCode: 7, reason: 'enough' });
    const close = { initiator: 'peer', application: true, code: 7, reason: 'enough' };
    expect(await client.closed).toEqual(close);
    expect(await here.wasClosed).toEqual(close);
  });

  it('the answer to a ping', async () => {
    client.session.ping();
    await expect.poll(() => client.session.roundTripMs).toBeGreaterThan(0);
  });
});
