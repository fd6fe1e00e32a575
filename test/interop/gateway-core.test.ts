import { gatewayParameters, SUBPROTOCOL, TRANSPORT_ERRORS } from '@hip/wire';
import QmuxSession, { StreamError } from '@moq/qmux';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checksum, content } from './support/content.ts';
import { CoreEndpoint, type CoreStream } from './support/core-endpoint.ts';
import { Loopback } from './support/loopback.ts';
import { codeOf, QMUX_CONFIG, type QmuxStream, receiveAll, send, sendAll } from './support/qmux-peer.ts';

// Our core as a gateway, and a client of @moq/qmux: another implementation of draft-ietf-quic-qmux-02.

/** Small enough that the session's credit, too, has to be given back again and again. */
const SESSION_WINDOW_BYTES = 1_048_576;

let loopback: Loopback;
let client: QmuxSession;
let gateway: CoreEndpoint;
let streams: CoreStream[];
let onStream: ((stream: CoreStream) => void) | undefined;

beforeEach(async () => {
  streams = [];
  onStream = undefined;
  const accepted = Promise.withResolvers<CoreEndpoint>();
  loopback = await Loopback.listen((socket) => {
    accepted.resolve(
      new CoreEndpoint(socket, 'gateway', {
        parameters: { ...gatewayParameters(1_000), initialMaxData: SESSION_WINDOW_BYTES },
        onStream: (stream) => {
          streams.push(stream);
          onStream?.(stream);
        },
      }),
    );
  });
  client = new QmuxSession(loopback.url, {
    protocols: [SUBPROTOCOL],
    requireProtocol: true,
    config: QMUX_CONFIG,
    // It polls what the socket holds, and would wait most of the time with its default of 64 KiB.
    sendBufferSize: 1_048_576,
  });
  gateway = await accepted.promise;
  await Promise.all([client.ready, gateway.ready]);
});

afterEach(async () => {
  await loopback.close();
});

/** A stream of the client that has said something, and our end of it. */
async function opened(): Promise<{ there: QmuxStream; here: CoreStream }> {
  const arrived = Promise.withResolvers<CoreStream>();
  onStream = (stream) => arrived.resolve(stream);
  const there = await client.createBidirectionalStream();
  await send(there, content(10, 1));
  return { there, here: await arrived.promise };
}

it('speaks the subprotocol of hip', () => {
  expect(client.protocol).toBe('hip-1');
});

describe('moves', () => {
  it('1,000 streams at once', { timeout: 60_000 }, async () => {
    const bodies = Array.from({ length: 1_000 }, (_, index) => content(1_000 + index, index));
    const answers = bodies.map((_, index) => content(2_000 + index, 10_000 + index));
    const allArrived = Promise.withResolvers<void>();
    onStream = () => void (streams.length === 1_000 && allArrived.resolve());
    const theirs = await Promise.all(bodies.map(() => client.createBidirectionalStream()));
    await Promise.all(
      theirs.map((stream, index) => send(stream, (bodies[index] as Uint8Array).subarray(0, 500))),
    );
    await allArrived.promise;
    expect(gateway.session.streamCount).toBe(1_000);
    // Every one of them is open now; identifiers count up by four.
    const ours = new Map(streams.map((stream) => [stream.stream.id / 4, stream]));
    const received = theirs.map((stream) => receiveAll(stream));
    for (const [index, stream] of ours) stream.stream.end(answers[index] as Uint8Array<ArrayBuffer>);
    await Promise.all(
      theirs.map((stream, index) => sendAll(stream, (bodies[index] as Uint8Array).subarray(500))),
    );
    expect(await Promise.all(received)).toEqual(answers.map(checksum));
    expect(await Promise.all(bodies.map((_, index) => ours.get(index)?.ended))).toEqual(bodies.map(checksum));
    expect(gateway.session.streamCount).toBe(0);
  });

  it('3,000 streams one after the other, in hundreds', { timeout: 60_000 }, async () => {
    const body = content(300, 1);
    const answer = content(500, 2);
    onStream = (stream) => stream.stream.end(answer);
    for (let batch = 0; batch < 30; batch++) {
      const theirs = await Promise.all(Array.from({ length: 100 }, () => client.createBidirectionalStream()));
      const received = await Promise.all(
        theirs.map(async (stream) => {
          await sendAll(stream, body);
          return receiveAll(stream);
        }),
      );
      expect(new Set(received)).toEqual(new Set([checksum(answer)]));
    }
    expect(new Set(await Promise.all(streams.map((stream) => stream.ended)))).toEqual(
      new Set([checksum(body)]),
    );
    expect(streams.length).toBe(3_000);
  });

  it('50 MB each way on one stream at the same time', { timeout: 60_000 }, async () => {
    const up = content(50_000_000, 1);
    const down = content(50_000_000, 2);
    const arrived = Promise.withResolvers<CoreStream>();
    onStream = (stream) => arrived.resolve(stream);
    const there = await client.createBidirectionalStream();
    const sending = sendAll(there, up);
    const here = await arrived.promise;
    const answering = here.send(down).then(() => here.stream.end());
    const [received] = await Promise.all([receiveAll(there), sending, answering]);
    expect(received).toBe(checksum(down));
    expect(await here.ended).toBe(checksum(up));
  });
});

describe('tells', () => {
  it('a reset, with its code', async () => {
    const { there, here } = await opened();
    here.stream.reset(0x123);
    expect(await codeOf(receiveAll(there))).toBe(0x123);
  });

  it('that it wants no more, with its code', async () => {
    const { there, here } = await opened();
    here.stream.stopSending(0x77);
    expect(await codeOf(there.writable.getWriter().closed)).toBe(0x77);
  });

  it('the end of the session, with code and reason', async () => {
    gateway.session.close(0x108, 'maintenance at noon');
    expect(await client.closed).toEqual({ closeCode: 0x108, reason: 'maintenance at noon' });
  });

  it('a fault, as a transport error', async () => {
    gateway.session.fail(TRANSPORT_ERRORS.INTERNAL_ERROR, 'out of luck');
    await expect(client.closed).rejects.toThrow(`${TRANSPORT_ERRORS.INTERNAL_ERROR} out of luck`);
  });
});

describe('hears', () => {
  it('a reset, with its code', async () => {
    const { there, here } = await opened();
    await there.writable.abort(new StreamError(0x26));
    expect(await here.wasReset).toBe(0x26);
  });

  it('that the peer wants no more, with its code', async () => {
    const { there, here } = await opened();
    await there.readable.cancel(new StreamError(0x31));
    expect(await here.wasStopped).toBe(0x31);
  });

  it('the end of the session, with code and reason', async () => {
    const { here } = await opened();
    client.close({ closeCode: 7, reason: 'enough' });
    const close = { initiator: 'peer', application: true, code: 7, reason: 'enough' };
    expect(await gateway.closed).toEqual(close);
    expect(await here.wasClosed).toEqual(close);
  });

  it('the answer to a ping', async () => {
    gateway.session.ping();
    await expect.poll(() => gateway.session.roundTripMs).toBeGreaterThan(0);
  });
});
