import { describe, expect, it } from 'vitest';
import { writeMaxStreamData } from '../../src/frame/max-stream-data-frame.ts';
import { writePing } from '../../src/frame/qx-ping-frame.ts';
import { writeResetStream } from '../../src/frame/reset-stream-frame.ts';
import { writeStopSending } from '../../src/frame/stop-sending-frame.ts';
import { writeStreamDataBlocked } from '../../src/frame/stream-data-blocked-frame.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { pair } from '../support/endpoint.ts';
import { stream, type WriteFrame } from '../support/frames.ts';
import { utf8 } from '../support/hex.ts';
import type { Lane } from '../support/lane.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const NO_BYTES = new Uint8Array(0);

describe('a stream between two sessions', () => {
  it('carries bytes both ways and ends each way by itself', () => {
    const { client, gateway, run } = bound(pair());
    const here = client.open();
    here.stream.write(utf8('question'));
    run();
    const [there] = gateway.accepted as [Lane];
    expect(there.text).toBe('question');
    expect(there.fins).toBe(0);
    there.stream.end(utf8('answer'));
    run();
    expect(here).toMatchObject({ text: 'answer', fins: 1 });
    expect(here.stream.isReadable).toBe(false);
    expect(here.stream.isWritable).toBe(true);
    here.stream.end(utf8('!'));
    run();
    expect(there).toMatchObject({ text: 'question!', fins: 1 });
    expect([client.session.streamCount, gateway.session.streamCount]).toEqual([0, 0]);
  });

  it('echoes many streams at once, each its own bytes', () => {
    const { client, gateway, run } = bound(
      pair({
        gateway: {
          accept: {
            onData: (lane, bytes, fin) => void (fin ? lane.stream.end(bytes) : lane.stream.write(bytes)),
          },
        },
      }),
    );
    const lanes = Array.from({ length: WIRE_LIMITS.maxStreams }, (_, index) => {
      const lane = client.open();
      lane.stream.write(utf8(`stream ${index} begins`));
      return lane;
    });
    run();
    expect(gateway.session.streamCount).toBe(WIRE_LIMITS.maxStreams);
    for (const lane of lanes) lane.stream.end(utf8(' and ends'));
    run();
    for (const [index, lane] of lanes.entries()) {
      expect(lane).toMatchObject({ text: `stream ${index} begins and ends`, fins: 1 });
    }
    expect(client.session.streamCount).toBe(0);
  });

  it('knows whether any of it has left', () => {
    const { client, run } = bound(pair());
    const { stream: here } = client.open();
    here.write(utf8('question'));
    expect(here.isUnsent).toBe(true);
    run();
    expect(here.isUnsent).toBe(false);
  });

  it('may end without content', () => {
    const { client, gateway, run } = bound(pair());
    client.open().stream.end();
    run();
    expect(gateway.accepted).toMatchObject([{ receivedBytes: 0, fins: 1 }]);
  });

  it('tells the peer nothing before it has something to say', () => {
    const { client, gateway, run } = bound(pair());
    client.open();
    run();
    expect(gateway.accepted).toEqual([]);
  });
});

describe('sending', () => {
  it('ready: end() leads to ended', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.write(utf8('a'));
    lane.stream.end();
    expect(lane.stream.isWritable).toBe(false);
    expect(peer.sent()).toEqual([['stream', 0, 0, '61', true]]);
  });

  it('ending: writes and a second end() change nothing', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.end(utf8('a'));
    expect(lane.stream.write(utf8('b'))).toBe(true);
    lane.stream.end(utf8('c'));
    expect(peer.sent()).toEqual([['stream', 0, 0, '61', true]]);
  });

  it('ready: reset() drops what is queued and tells how much has left', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.write(utf8('gone'));
    peer.sent();
    lane.stream.write(utf8('queued'));
    lane.stream.reset(0x100);
    expect(peer.sent()).toEqual([['resetStream', 0, 0x100, 4]]);
    expect(lane.stream.isWritable).toBe(false);
  });

  it('ending: reset() still works', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.end(utf8('queued'));
    lane.stream.reset(7);
    expect(peer.sent()).toEqual([['resetStream', 0, 7, 0]]);
  });

  it('ended: reset() and STOP_SENDING come too late', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.end(utf8('a'));
    peer.sent();
    lane.stream.reset(7);
    peer.feed((writer) => writeStopSending(writer, 0, 8));
    expect(peer.sent()).toEqual([]);
    expect(lane.stops).toEqual([]);
  });

  it('reset: writes, end() and a second reset() change nothing', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.reset(7);
    expect(lane.stream.write(utf8('a'))).toBe(true);
    lane.stream.end(utf8('b'));
    lane.stream.reset(8);
    expect(peer.sent()).toEqual([['resetStream', 0, 7, 0]]);
  });

  it.each(['ready', 'ending'])('%s: STOP_SENDING resets with its code (RFC 9000 §3.5)', (state) => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.write(utf8('gone'));
    peer.sent();
    lane.stream.write(utf8('queued'));
    if (state === 'ending') lane.stream.end();
    peer.feed((writer) => writeStopSending(writer, 0, 0x123));
    expect(lane.stops).toEqual([0x123]);
    expect(lane.stream.isWritable).toBe(false);
    expect(peer.sent()).toEqual([['resetStream', 0, 0x123, 4]]);
  });

  it('reset: STOP_SENDING changes nothing', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.reset(7);
    peer.sent();
    peer.feed((writer) => writeStopSending(writer, 0, 8));
    expect(lane.stops).toEqual([]);
    expect(peer.sent()).toEqual([]);
  });

  it('waits for credit of the stream and goes on where it stopped', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamDataBidiRemote: 4 } });
    const lane = peer.open();
    lane.stream.end(utf8('abcdef'));
    expect(peer.sent()).toEqual([['stream', 0, 0, '61626364', false]]);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 5));
    expect(peer.sent()).toEqual([['stream', 0, 4, '65', false]]);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 5));
    peer.feed((writer) => writeMaxStreamData(writer, 0, 3));
    expect(peer.sent()).toEqual([]);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 7));
    peer.feed((writer) => writeMaxStreamData(writer, 0, 4));
    expect(peer.sent()).toEqual([['stream', 0, 5, '66', true]]);
  });

  it('needs no credit for an end without content', () => {
    const peer = new ScriptedPeer('client', {
      peer: { initialMaxStreamDataBidiRemote: 0, initialMaxData: 0 },
    });
    peer.open().stream.end();
    expect(peer.sent()).toEqual([['stream', 0, 0, '', true]]);
  });

  it('sends the content that fits the credit before the end that waits for more', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamDataBidiRemote: 6 } });
    peer.open().stream.end(utf8('abcdef'));
    expect(peer.sent()).toEqual([['stream', 0, 0, '616263646566', true]]);
  });

  it('has the credit that the peer gives streams of either initiator', () => {
    const peer = new ScriptedPeer('gateway', {
      peer: { initialMaxStreamDataBidiLocal: 3, initialMaxStreamDataBidiRemote: 9 },
    });
    peer.feed(stream(0, 0, utf8('hi')));
    peer.accepted[0]?.stream.write(utf8('abcdef'));
    expect(peer.sent()).toEqual([['stream', 0, 0, '616263', false]]);
  });
});

describe('write', () => {
  const half = new Uint8Array(WIRE_LIMITS.sendQueueBytes / 2);

  it('asks to wait when the queue is full, and says when it may go on', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamDataBidiRemote: 0 } });
    const lane = peer.open();
    expect(lane.stream.write(half)).toBe(true);
    expect(lane.stream.write(half)).toBe(false);
    peer.feed((writer) => writeMaxStreamData(writer, 0, half.length));
    peer.sent();
    expect(lane.writables).toBe(0);
    peer.feed((writer) => writeMaxStreamData(writer, 0, half.length + 1));
    peer.sent();
    expect(lane.writables).toBe(1);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 10 * half.length));
    peer.sent();
    expect(lane.writables).toBe(1);
    expect(lane.stream.write(half)).toBe(true);
  });

  it('says so even to a writer that did not wait', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamDataBidiRemote: 0 } });
    const lane = peer.open();
    lane.stream.write(half);
    expect(lane.stream.write(half)).toBe(false);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 100));
    peer.sent();
    expect(lane.stream.write(Uint8Array.of(1))).toBe(false);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 10 * half.length));
    peer.sent();
    expect(lane.writables).toBe(1);
  });

  it('queues nothing for no bytes', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    expect(lane.stream.write(NO_BYTES)).toBe(true);
    expect(peer.sent()).toEqual([]);
  });

  it.each(['end', 'reset'] as const)('does not say so after %s()', (how) => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamDataBidiRemote: 0 } });
    const lane = peer.open();
    lane.stream.write(half);
    lane.stream.write(half);
    if (how === 'end') lane.stream.end();
    else lane.stream.reset(7);
    peer.feed((writer) => writeMaxStreamData(writer, 0, 10 * half.length));
    peer.sent();
    expect(lane.writables).toBe(0);
  });
});

describe('receiving', () => {
  it('receiving: FIN leads to ended', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a')), stream(0, 1, utf8('b'), true));
    expect(peer.accepted).toMatchObject([{ text: 'ab', fins: 1 }]);
    expect(peer.accepted[0]?.stream.isReadable).toBe(false);
  });

  it('receiving: RESET_STREAM leads to ended', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a')), (writer) => writeResetStream(writer, 0, 0x100, 1));
    expect(peer.accepted).toMatchObject([{ text: 'a', fins: 0, resets: [0x100] }]);
    expect(peer.accepted[0]?.stream.isReadable).toBe(false);
  });

  it('receiving: stopSending() tells the peer, and nothing more is delivered', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a')));
    const [lane] = peer.accepted as [Lane];
    lane.stream.stopSending(9);
    lane.stream.stopSending(10);
    expect(peer.sent()).toEqual([['stopSending', 0, 9]]);
    peer.feed(stream(0, 1, utf8('bc')));
    expect(lane).toMatchObject({ text: 'a', fins: 0 });
    expect(lane.stream.isReadable).toBe(false);
  });

  it.each(['FIN', 'RESET_STREAM'])(
    'stopped: %s leads to ended, of which the reader learns nothing',
    (how) => {
      const peer = new ScriptedPeer('gateway');
      peer.feed(stream(0, 0, utf8('a')));
      const [lane] = peer.accepted as [Lane];
      lane.stream.stopSending(9);
      lane.stream.reset(9);
      peer.feed(how === 'FIN' ? stream(0, 1, NO_BYTES, true) : (writer) => writeResetStream(writer, 0, 9, 1));
      expect(lane).toMatchObject({ fins: 0, resets: [] });
      expect(peer.session.streamCount).toBe(0);
    },
  );

  it('ended: stopSending() is not told to the peer', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a'), true));
    peer.accepted[0]?.stream.stopSending(9);
    expect(peer.sent()).toEqual([]);
  });

  it.each(['FIN', 'RESET_STREAM'])('ended by %s: more content is a STREAM_STATE_ERROR', (how) => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(how === 'FIN' ? stream(0, 0, utf8('a'), true) : (writer) => writeResetStream(writer, 0, 9, 1));
    peer.feed(stream(0, 1, utf8('b')));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.STREAM_STATE_ERROR);
  });

  it('ended: a reset comes too late', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a'), true), (writer) => writeResetStream(writer, 0, 9, 1));
    expect(peer.accepted).toMatchObject([{ fins: 1, resets: [] }]);
    expect(peer.closes).toEqual([]);
  });

  it.each([0, 2, 4])('content at offset %d instead of 3 is a PROTOCOL_VIOLATION', (offset) => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('abc')), stream(0, offset, utf8('d')));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
    expect(peer.accepted).toMatchObject([{ text: 'abc' }]);
  });

  it('takes a final size of 0, which peers of this draft send', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('abc')), (writer) => writeResetStream(writer, 0, 9, 0));
    expect(peer.accepted).toMatchObject([{ resets: [9] }]);
    expect(peer.closes).toEqual([]);
  });
});

describe('content is exclusive', () => {
  it.each<[string, boolean[][], ...WriteFrame[]]>([
    ['alone in its record', [[true]], stream(0, 0, utf8('a'))],
    ['after control frames', [[true]], (writer) => writePing(writer, false, 0), stream(0, 0, utf8('a'))],
  ])('%s', (_, exclusives, ...frames) => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(...frames);
    expect(peer.accepted.map((lane) => lane.exclusives)).toEqual(exclusives);
  });

  it.each<[string, boolean[][], ...WriteFrame[]]>([
    ['other content of the stream', [[false, false]], stream(0, 0, utf8('a')), stream(0, 1, utf8('b'))],
    ['content of another stream', [[false], [false]], stream(0, 0, utf8('a')), stream(4, 0, utf8('b'))],
  ])('but not beside %s', (_, exclusives, ...frames) => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(...frames);
    expect(peer.accepted.map((lane) => lane.exclusives)).toEqual(exclusives);
    peer.feed(stream(8, 0, utf8('c')));
    expect(peer.accepted.at(-1)?.exclusives).toEqual([true]);
  });
});

describe('a stream that has ended both ways', () => {
  function ended(): ScriptedPeer {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a'), true));
    peer.accepted[0]?.stream.end();
    peer.sent();
    expect(peer.session.streamCount).toBe(0);
    return peer;
  }

  it('is not opened again by late frames', () => {
    const peer = ended();
    peer.feed(
      (writer) => writeMaxStreamData(writer, 0, 2 ** 40),
      (writer) => writeStopSending(writer, 0, 9),
      (writer) => writeResetStream(writer, 0, 9, 1),
      (writer) => writeStreamDataBlocked(writer, 0, 1),
    );
    expect(peer.closes).toEqual([]);
    expect(peer.accepted.length).toBe(1);
    expect(peer.accepted[0]).toMatchObject({ resets: [], stops: [] });
    expect(peer.sent()).toEqual([]);
  });

  it('takes no more content', () => {
    const peer = ended();
    peer.feed(stream(0, 1, utf8('b')));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.STREAM_STATE_ERROR);
  });

  it('is not opened again by late frames where we opened it', () => {
    const peer = new ScriptedPeer('client');
    peer.open().stream.end();
    peer.sent();
    peer.feed(stream(0, 0, NO_BYTES, true));
    expect(peer.session.streamCount).toBe(0);
    peer.feed(
      (writer) => writeMaxStreamData(writer, 0, 2 ** 40),
      (writer) => writeStopSending(writer, 0, 9),
      (writer) => writeResetStream(writer, 0, 9, 1),
      (writer) => writeStreamDataBlocked(writer, 0, 1),
    );
    expect(peer.closes).toEqual([]);
    expect(peer.accepted).toEqual([]);
  });
});

/** A pair whose `run` may be taken off it. */
function bound(connected: ReturnType<typeof pair>) {
  return { client: connected.client, gateway: connected.gateway, run: () => connected.run() };
}
