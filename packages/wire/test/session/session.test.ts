import { describe, expect, it } from 'vitest';
import { writeConnectionClose } from '../../src/frame/connection-close-frame.ts';
import { writeDataBlocked } from '../../src/frame/data-blocked-frame.ts';
import { writeMaxData } from '../../src/frame/max-data-frame.ts';
import { writeMaxStreamData } from '../../src/frame/max-stream-data-frame.ts';
import { writeMaxStreams } from '../../src/frame/max-streams-frame.ts';
import { writePing } from '../../src/frame/qx-ping-frame.ts';
import { writeResetStream } from '../../src/frame/reset-stream-frame.ts';
import { writeStopSending } from '../../src/frame/stop-sending-frame.ts';
import { writeStreamDataBlocked } from '../../src/frame/stream-data-blocked-frame.ts';
import { writeStreamsBlocked } from '../../src/frame/streams-blocked-frame.ts';
import { ABSENT_PARAMETERS, writeTransportParameters } from '../../src/frame/transport-parameters.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import { clientParameters, gatewayParameters } from '../../src/session/session-parameters.ts';
import type { SessionClose } from '../../src/session/stream.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { Endpoint, pair } from '../support/endpoint.ts';
import { framesOf, record, stream, type WriteFrame } from '../support/frames.ts';
import { fromHex, utf8 } from '../support/hex.ts';
import type { Lane } from '../support/lane.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const greeting: WriteFrame = (writer) => writeTransportParameters(writer, clientParameters());

describe('the greeting', () => {
  it('is the first record of either end, before anything has come', () => {
    for (const perspective of ['client', 'gateway'] as const) {
      const end = new Endpoint(perspective);
      const records = end.records();
      expect(records.length).toBe(1);
      expect(framesOf(records[0] as Uint8Array)).toEqual([['transportParameters', end.parameters]]);
      expect(end.announcements).toBe(0);
    }
  });

  it('opens the session', () => {
    const { client, gateway } = pair();
    expect([client.readies, gateway.readies]).toEqual([1, 1]);
    expect(client.session.streamsAvailable).toBe(WIRE_LIMITS.maxStreams);
    expect(gateway.session.streamsAvailable).toBe(0);
  });

  it('is waited for before a stream is opened', () => {
    const client = new Endpoint('client');
    expect(client.session.streamsAvailable).toBe(0);
    expect(client.tryOpen()).toBeUndefined();
    client.session.ping();
    expect(client.records().flatMap(framesOf)).toEqual([['transportParameters', client.parameters]]);
  });

  it('may be followed by other frames in its record', () => {
    const gateway = new Endpoint('gateway');
    gateway.session.receive(record(greeting, stream(0, 0, utf8('hi'))));
    expect(gateway.accepted).toMatchObject([{ text: 'hi' }]);
  });

  it.each<[string, WriteFrame]>([
    ['PADDING', (writer) => writer.byte(0)],
    ['STREAM', stream(0, 0, utf8('a'))],
    ['RESET_STREAM', (writer) => writeResetStream(writer, 0, 0, 0)],
    ['STOP_SENDING', (writer) => writeStopSending(writer, 0, 0)],
    ['MAX_DATA', (writer) => writeMaxData(writer, 1)],
    ['MAX_STREAM_DATA', (writer) => writeMaxStreamData(writer, 0, 1)],
    ['MAX_STREAMS', (writer) => writeMaxStreams(writer, true, 1)],
    ['DATA_BLOCKED', (writer) => writeDataBlocked(writer, 1)],
    ['STREAM_DATA_BLOCKED', (writer) => writeStreamDataBlocked(writer, 0, 1)],
    ['STREAMS_BLOCKED', (writer) => writeStreamsBlocked(writer, true, 1)],
    ['QX_PING', (writer) => writePing(writer, false, 1)],
  ])('must come before %s (draft-ietf-quic-qmux-02 §4.2)', (_, frame) => {
    const gateway = new Endpoint('gateway');
    gateway.session.receive(record(frame, greeting));
    expect(gateway.closes).toMatchObject([{ initiator: 'local', application: false, code: 0x0a }]);
    expect(gateway.readies).toBe(0);
  });

  it('must come once', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(greeting);
    expect(peer.fault).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
  });

  it('is sent before the word that closes a session it has not opened', () => {
    const gateway = new Endpoint('gateway');
    gateway.session.close(0x109, 'full');
    expect(gateway.records().map((bytes) => framesOf(bytes)[0]?.[0])).toEqual([
      'transportParameters',
      'connectionClose',
    ]);
  });
});

describe('opening streams', () => {
  it('stops at the limit and says when there are more', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamsBidi: 2 } });
    expect(peer.open().stream.id).toBe(0);
    expect(peer.open().stream.id).toBe(4);
    expect(peer.tryOpen()).toBeUndefined();
    peer.feed((writer) => writeMaxStreams(writer, true, 2));
    peer.feed((writer) => writeMaxStreams(writer, false, 9));
    expect(peer.streamsAvailables).toBe(0);
    peer.feed((writer) => writeMaxStreams(writer, true, 4));
    peer.feed((writer) => writeMaxStreams(writer, true, 3));
    expect(peer.streamsAvailables).toBe(1);
    expect(peer.session.streamsAvailable).toBe(2);
    peer.feed((writer) => writeMaxStreams(writer, true, 5));
    expect(peer.streamsAvailables).toBe(1);
    expect(peer.open().stream.id).toBe(8);
  });

  it('says nothing to one who was not refused', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxStreamsBidi: 2 } });
    peer.feed((writer) => writeMaxStreams(writer, true, 4));
    expect(peer.streamsAvailables).toBe(0);
  });

  it('numbers the streams of a gateway in its own way', () => {
    const peer = new ScriptedPeer('gateway', { peer: { initialMaxStreamsBidi: 2 } });
    expect([peer.open().stream.id, peer.open().stream.id]).toEqual([1, 5]);
  });
});

describe('streams of the peer', () => {
  it('are opened with every lower one, whose first frame may come later (RFC 9000 §3.2)', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(8, 0, utf8('third')), stream(0, 0, utf8('first')), stream(4, 0, utf8('second')));
    peer.feed(stream(0, 5, utf8('!')), stream(4, 6, utf8('!')), stream(8, 5, utf8('!')));
    expect(peer.accepted.map((lane) => [lane.stream.id, lane.text])).toEqual([
      [8, 'third!'],
      [0, 'first!'],
      [4, 'second!'],
    ]);
    expect(peer.closes).toEqual([]);
  });

  it.each<[string, WriteFrame]>([
    ['STREAM', stream(4, 0, utf8('a'))],
    ['RESET_STREAM', (writer) => writeResetStream(writer, 4, 7, 0)],
    ['STOP_SENDING', (writer) => writeStopSending(writer, 4, 7)],
    ['MAX_STREAM_DATA', (writer) => writeMaxStreamData(writer, 4, 1)],
    ['STREAM_DATA_BLOCKED', (writer) => writeStreamDataBlocked(writer, 4, 1)],
  ])('are opened by %s', (_, frame) => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(frame);
    expect(peer.accepted.map((lane) => lane.stream.id)).toEqual([4]);
    expect(peer.session.streamCount).toBe(1);
  });

  it('can be refused at once', () => {
    const peer = new ScriptedPeer('gateway', {
      onStream: (lane) => {
        lane.stream.stopSending(0x107);
        lane.stream.reset(0x107);
      },
    });
    peer.feed(stream(0, 0, utf8('a')));
    expect(peer.accepted).toMatchObject([{ receivedBytes: 0 }]);
    expect(peer.sent()).toEqual([
      ['stopSending', 0, 0x107],
      ['resetStream', 0, 0x107, 0],
    ]);
    peer.feed((writer) => writeResetStream(writer, 0, 0x107, 1));
    expect(peer.session.streamCount).toBe(0);
  });

  it('learn that the session was closed while they were announced', () => {
    const peer = new ScriptedPeer('gateway', { onStream: () => peer.session.close(0x104, 'one too many') });
    peer.feed(stream(0, 0, utf8('a')), stream(4, 0, utf8('b')));
    expect(peer.accepted).toMatchObject([{ receivedBytes: 0, closes: [{ code: 0x104 }] }]);
    expect(peer.session.streamCount).toBe(0);
  });
});

describe('frames that break a rule', () => {
  const STREAM_BYTES = WIRE_LIMITS.streamWindowBytes;

  it.each<[string, number, WriteFrame]>([
    [
      'a stream beyond the limit',
      TRANSPORT_ERRORS.STREAM_LIMIT_ERROR,
      stream(4 * WIRE_LIMITS.maxStreams, 0, utf8('a')),
    ],
    [
      'a reset stream beyond the limit',
      TRANSPORT_ERRORS.STREAM_LIMIT_ERROR,
      (writer) => writeResetStream(writer, 4 * WIRE_LIMITS.maxStreams, 0, 0),
    ],
    [
      'a blocked stream beyond the limit',
      TRANSPORT_ERRORS.STREAM_LIMIT_ERROR,
      (writer) => writeStreamDataBlocked(writer, 4 * WIRE_LIMITS.maxStreams, 0),
    ],
    ['a unidirectional stream', TRANSPORT_ERRORS.STREAM_LIMIT_ERROR, stream(2, 0, utf8('a'))],
    [
      'content of our stream that we never opened',
      TRANSPORT_ERRORS.STREAM_STATE_ERROR,
      stream(1, 0, utf8('a')),
    ],
    [
      'credit for our stream that we never opened',
      TRANSPORT_ERRORS.STREAM_STATE_ERROR,
      (writer) => writeMaxStreamData(writer, 1, 9),
    ],
    [
      'a stop of our stream that we never opened',
      TRANSPORT_ERRORS.STREAM_STATE_ERROR,
      (writer) => writeStopSending(writer, 5, 9),
    ],
    ['content of our unidirectional stream', TRANSPORT_ERRORS.STREAM_STATE_ERROR, stream(3, 0, utf8('a'))],
    [
      'content beyond the credit of its stream',
      TRANSPORT_ERRORS.FLOW_CONTROL_ERROR,
      stream(0, 0, new Uint8Array(STREAM_BYTES + 1)),
    ],
    [
      'a final size beyond the credit of its stream',
      TRANSPORT_ERRORS.FLOW_CONTROL_ERROR,
      (writer) => writeResetStream(writer, 0, 0, STREAM_BYTES + 1),
    ],
    ['an unknown frame', TRANSPORT_ERRORS.FRAME_ENCODING_ERROR, (writer) => writer.byte(0x30)],
    ['a truncated frame', TRANSPORT_ERRORS.FRAME_ENCODING_ERROR, (writer) => writer.byte(0x10)],
    ['an answer to no ping', TRANSPORT_ERRORS.PROTOCOL_VIOLATION, (writer) => writePing(writer, true, 0)],
  ])('%s: %s', (_, code, frame) => {
    const peer = new ScriptedPeer('gateway', { parameters: { maxRecordSize: 1_000_000 } });
    peer.feed(frame);
    expect(peer.fault).toBe(code);
    expect(peer.sent().map(([name, application]) => [name, application])).toEqual([
      ['connectionClose', false],
    ]);
    expect(peer.session.isClosed).toBe(true);
  });

  it('streams of a gateway: STREAM_LIMIT_ERROR', () => {
    const peer = new ScriptedPeer('client');
    peer.feed(stream(1, 0, utf8('a')));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.STREAM_LIMIT_ERROR);
  });

  it('content beyond the credit of the session: FLOW_CONTROL_ERROR', () => {
    const peer = new ScriptedPeer('gateway', {
      parameters: { initialMaxData: 10 },
      accept: { consume: false },
    });
    peer.feed(stream(0, 0, utf8('12345')), stream(4, 0, utf8('12345')));
    expect(peer.fault).toBeUndefined();
    peer.feed(stream(0, 5, utf8('1')));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.FLOW_CONTROL_ERROR);
  });

  it('a final size beyond the credit of the session: FLOW_CONTROL_ERROR', () => {
    const peer = new ScriptedPeer('gateway', { parameters: { initialMaxData: 10 } });
    peer.feed((writer) => writeResetStream(writer, 0, 7, 11));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.FLOW_CONTROL_ERROR);
    expect(peer.accepted).toMatchObject([{ resets: [] }]);
    expect(peer.sent().map(([name]) => name)).toEqual(['connectionClose']);
  });

  it('a final size counts against the credit of the session', () => {
    const peer = new ScriptedPeer('gateway', {
      parameters: { initialMaxData: 100 },
      accept: { consume: false },
    });
    peer.feed((writer) => writeResetStream(writer, 0, 7, 40), stream(4, 0, new Uint8Array(60)));
    expect(peer.fault).toBeUndefined();
    // The 40 bytes nobody will read are given back at once, but 100 - 40 is more than half a window.
    peer.feed(stream(4, 60, utf8('1')));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.FLOW_CONTROL_ERROR);
  });

  it('a record longer than we take: FRAME_ENCODING_ERROR', () => {
    const peer = new ScriptedPeer('gateway');
    peer.session.receive(new Uint8Array(WIRE_LIMITS.maxRecordBytes));
    expect(peer.fault).toBeUndefined();
    peer.session.receive(new Uint8Array(WIRE_LIMITS.maxRecordBytes + 1));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });

  it('frames before the one that breaks a rule count', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(stream(0, 0, utf8('a')), (writer) => writer.byte(0x01));
    expect(peer.accepted).toMatchObject([{ text: 'a' }]);
    expect(peer.fault).toBe(TRANSPORT_ERRORS.FRAME_ENCODING_ERROR);
  });
});

describe('ending', () => {
  const goodbye = { initiator: 'local', application: true, code: 0x108, reason: 'maintenance' } as const;

  it('by close(): tells the peer, the streams and the user of either end, once', () => {
    const connected = pair();
    const { client, gateway } = connected;
    const here = client.open();
    here.stream.write(utf8('a'));
    connected.run();
    gateway.session.close(goodbye.code, goodbye.reason);
    gateway.session.close(1, 'again');
    gateway.session.fail(TRANSPORT_ERRORS.INTERNAL_ERROR, 'again');
    gateway.session.transportLost('again');
    connected.run();
    client.session.transportLost('after the word');
    const heard: SessionClose = { ...goodbye, initiator: 'peer' };
    expect(gateway.closes).toEqual([goodbye]);
    expect(gateway.accepted[0]?.closes).toEqual([goodbye]);
    expect(client.closes).toEqual([heard]);
    expect(here.closes).toEqual([heard]);
    expect([client.session.isClosed, gateway.session.isClosed]).toEqual([true, true]);
    expect([client.session.streamCount, gateway.session.streamCount]).toEqual([0, 0]);
  });

  it('by fail(): tells the peer a transport error', () => {
    const connected = pair();
    connected.client.session.fail(TRANSPORT_ERRORS.INTERNAL_ERROR, 'out of order');
    connected.run();
    expect(connected.client.closes).toEqual([
      { initiator: 'local', application: false, code: 1, reason: 'out of order' },
    ]);
    expect(connected.gateway.closes).toEqual([
      { initiator: 'peer', application: false, code: 1, reason: 'out of order' },
    ]);
  });

  it('by transportLost(): tells the streams and the user, and has nothing to send', () => {
    const connected = pair();
    const lane = connected.client.open();
    lane.stream.write(utf8('never leaves'));
    connected.client.session.ping();
    connected.client.session.transportLost('cable cut');
    const close = { initiator: 'transport', application: false, code: 0, reason: 'cable cut' };
    expect(connected.client.closes).toEqual([close]);
    expect(lane.closes).toEqual([close]);
    expect(connected.client.records()).toEqual([]);
  });

  // draft-ietf-quic-qmux-02 §7.3: "either without sending any frames or after sending a single CONNECTION_CLOSE".
  it('by the peer: what was to be sent is not', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.write(utf8('a'));
    lane.stream.stopSending(7);
    peer.session.ping();
    peer.feed((writer) => writeConnectionClose(writer, true, 0x108, 'bye'));
    expect(peer.closes).toEqual([{ initiator: 'peer', application: true, code: 0x108, reason: 'bye' }]);
    expect(peer.sent()).toEqual([]);
  });

  it('keeps its word the last: what was written before leaves before it, what was queued never', () => {
    const peer = new ScriptedPeer('client');
    const lane = peer.open();
    lane.stream.write(utf8('a'));
    lane.stream.stopSending(7);
    peer.session.close(0, '');
    expect(peer.sent()).toEqual([
      ['stopSending', 0, 7],
      ['connectionClose', true, 0, ''],
    ]);
    expect(peer.session.nextRecord()).toBeUndefined();
  });

  it('says the reason no longer than is good', () => {
    const peer = new ScriptedPeer('client');
    peer.session.close(0, '€'.repeat(10_000));
    const records = peer.records();
    expect(records.length).toBe(1);
    expect((records[0] as Uint8Array).length).toBeLessThan(WIRE_LIMITS.maxCloseReasonBytes + 16);
  });

  it('leaves nothing to do: calls after it change nothing', () => {
    const peer = new ScriptedPeer('client', { accept: { consume: false } });
    const lane = peer.open({ consume: false });
    lane.stream.write(utf8('a'));
    peer.sent();
    peer.feed(stream(0, 0, new Uint8Array(1_000)));
    peer.session.close(0, '');
    peer.sent();
    const announcements = peer.announcements;
    lane.consume();
    expect(lane.stream.write(utf8('b'))).toBe(true);
    lane.stream.end();
    lane.stream.reset(7);
    lane.stream.stopSending(7);
    peer.session.ping();
    expect(peer.tryOpen()).toBeUndefined();
    expect(peer.session.streamsAvailable).toBe(0);
    expect(peer.session.nextRecord()).toBeUndefined();
    expect(peer.announcements).toBe(announcements);
    expect(lane.closes.length).toBe(1);
  });

  it('ignores records that come after it', () => {
    const peer = new ScriptedPeer('gateway');
    peer.session.close(0, '');
    peer.sent();
    peer.feed(stream(0, 0, utf8('a')), greeting, (writer) => writer.byte(0x01));
    peer.session.receive(fromHex('ffffffff'));
    expect(peer.accepted).toEqual([]);
    expect(peer.closes.length).toBe(1);
    expect(peer.sent()).toEqual([]);
  });

  it('ignores the rest of the record that ended it', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed(
      stream(0, 0, utf8('a')),
      (writer) => writeConnectionClose(writer, false, 1, 'oops'),
      stream(0, 1, utf8('b')),
      stream(4, 0, utf8('c')),
      (writer) => writePing(writer, false, 0),
      (writer) => writeConnectionClose(writer, false, 2, 'again'),
      (writer) => writer.byte(0x01),
    );
    expect(peer.accepted).toMatchObject([{ text: 'a' }]);
    expect(peer.closes).toEqual([{ initiator: 'peer', application: false, code: 1, reason: 'oops' }]);
    expect(peer.sent()).toEqual([]);
  });

  it('ignores the rest of the record in which its user ended it', () => {
    const peer = new ScriptedPeer('gateway', {
      accept: { onData: () => peer.session.fail(TRANSPORT_ERRORS.PROTOCOL_VIOLATION, 'not what was agreed') },
    });
    peer.feed(stream(0, 0, utf8('a'), true), stream(4, 0, utf8('b')), (writer) =>
      writePing(writer, false, 0),
    );
    expect(peer.accepted).toMatchObject([{ text: 'a', closes: [{ code: 0x0a }] }]);
    expect(peer.sent()).toEqual([['connectionClose', false, 0x0a, 'not what was agreed']]);
  });

  it('can be told before the greeting', () => {
    const gateway = new Endpoint('gateway');
    gateway.session.receive(record((writer) => writeConnectionClose(writer, true, 5, 'no')));
    expect(gateway.closes).toEqual([{ initiator: 'peer', application: true, code: 5, reason: 'no' }]);
  });

  it('reaches each of many streams once', () => {
    const connected = pair();
    const lanes = Array.from({ length: 100 }, () => connected.client.open());
    for (const lane of lanes) lane.stream.write(utf8('a'));
    connected.run();
    connected.gateway.session.close(3, 'all of you');
    connected.run();
    for (const lane of [...lanes, ...connected.gateway.accepted]) expect(lane.closes.length).toBe(1);
  });
});

describe('ping', () => {
  it('is answered, and the round trip measured', () => {
    let nowMs = 1_000;
    const connected = pair({ client: { now: () => nowMs } });
    const { session } = connected.client;
    expect(session.answeredPing).toBe(-1);
    const number = session.ping();
    connected.toGateway();
    nowMs += 25;
    expect(session.answeredPing).toBe(-1);
    connected.run();
    expect(session.answeredPing).toBe(number);
    expect(session.roundTripMs).toBe(25);
  });

  it('is answered once for many in a turn, with the largest number', () => {
    const peer = new ScriptedPeer('gateway');
    for (let sequence = 0; sequence < 1_000; sequence++)
      peer.feed((writer) => writePing(writer, false, sequence));
    expect(peer.sent()).toEqual([['ping', true, 999]]);
  });

  it('must count upwards', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed((writer) => writePing(writer, false, 5));
    peer.feed((writer) => writePing(writer, false, 5));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
  });

  it('is announced to the one who sends', () => {
    const peer = new ScriptedPeer('gateway');
    peer.feed((writer) => writePing(writer, false, 0));
    expect(peer.announcements).toBe(1);
  });
});

describe('frames that change nothing', () => {
  it('are taken', () => {
    const peer = new ScriptedPeer('gateway');
    peer.session.receive(new Uint8Array(0));
    peer.feed(
      (writer) => writer.bytes(new Uint8Array(100)),
      (writer) => writeDataBlocked(writer, 0),
      (writer) => writeStreamsBlocked(writer, true, 0),
      (writer) => writeStreamsBlocked(writer, false, 0),
      (writer) => writeMaxData(writer, 0),
      (writer) => writeMaxStreams(writer, true, 0),
      (writer) => writeMaxStreams(writer, false, 100),
    );
    expect(peer.closes).toEqual([]);
    expect(peer.sent()).toEqual([]);
  });
});

describe('the parameters of an end', () => {
  it('let clients open streams, and only clients', () => {
    expect(gatewayParameters(1_000)).toMatchObject({
      initialMaxStreamsBidi: 1_000,
      initialMaxStreamDataBidiRemote: WIRE_LIMITS.streamWindowBytes,
      initialMaxStreamDataBidiLocal: 0,
    });
    expect(clientParameters()).toMatchObject({
      initialMaxStreamsBidi: 0,
      initialMaxStreamDataBidiRemote: 0,
      initialMaxStreamDataBidiLocal: WIRE_LIMITS.streamWindowBytes,
    });
  });

  it('hold every stream at its first window at once', () => {
    const { initialMaxData, initialMaxStreamsBidi, initialMaxStreamDataBidiRemote } = gatewayParameters();
    expect(initialMaxData).toBeGreaterThanOrEqual(initialMaxStreamsBidi * initialMaxStreamDataBidiRemote);
  });

  it('of a peer that allows nothing allow nothing', () => {
    const client = new Endpoint('client');
    client.session.receive(record((writer) => writeTransportParameters(writer, ABSENT_PARAMETERS)));
    expect(client.readies).toBe(1);
    expect(client.tryOpen()).toBeUndefined();
  });

  it('give the credit of either side to the right streams', () => {
    const connected = pair({
      client: { parameters: { initialMaxStreamDataBidiLocal: 11, initialMaxStreamDataBidiRemote: 12 } },
      gateway: { parameters: { initialMaxStreamDataBidiLocal: 13, initialMaxStreamDataBidiRemote: 14 } },
    });
    const here = connected.client.open({ consume: false });
    here.stream.write(new Uint8Array(100));
    connected.toGateway();
    const [there] = connected.gateway.accepted as [Lane];
    expect(there.receivedBytes).toBe(14);
    there.stream.write(new Uint8Array(100));
    connected.toClient();
    expect(here.receivedBytes).toBe(11);
  });
});
