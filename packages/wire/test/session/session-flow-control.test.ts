import { describe, expect, it } from 'vitest';
import { writeMaxData } from '../../src/frame/max-data-frame.ts';
import { writeResetStream } from '../../src/frame/reset-stream-frame.ts';
import * as WIRE_LIMITS from '../../src/limits.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { pair } from '../support/endpoint.ts';
import { framesOf, stream } from '../support/frames.ts';
import { utf8 } from '../support/hex.ts';
import type { Lane } from '../support/lane.ts';
import { matchesPattern, pattern } from '../support/pattern.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const WINDOW = WIRE_LIMITS.streamWindowBytes;

/** Writes the pattern to a lane, as much as it takes at a time. */
class PatternWriter {
  readonly #lane: Lane;
  readonly #totalBytes: number;
  #writtenBytes = 0;

  constructor(lane: Lane, totalBytes: number) {
    this.#lane = lane;
    this.#totalBytes = totalBytes;
  }

  fill(): void {
    while (this.#writtenBytes < this.#totalBytes) {
      const chunk = pattern(this.#writtenBytes, Math.min(50_000, this.#totalBytes - this.#writtenBytes));
      this.#writtenBytes += chunk.length;
      if (!this.#lane.stream.write(chunk)) return;
    }
    this.#lane.stream.end();
  }
}

describe('credit for streams', () => {
  it('lasts for 10,000 small streams one after the other', { timeout: 30_000 }, () => {
    const connected = pair({
      gateway: { accept: { onData: (lane, _, fin) => void (fin && lane.stream.end(utf8('answer'))) } },
    });
    const frames = { maxStreams: 0, other: 0 };
    connected.onRecord = (from, bytes) => {
      if (from !== connected.gateway) return;
      for (const [name] of framesOf(bytes)) {
        if (name === 'maxStreams') frames.maxStreams++;
        else if (name !== 'stream') frames.other++;
      }
    };
    for (let i = 0; i < 10_000; i++) {
      const lane = connected.client.open();
      lane.stream.end(utf8('question'));
      connected.run();
      if (lane.text !== 'answer') throw new Error(`stream ${i} was answered "${lane.text}"`);
    }
    expect(connected.client.session.streamCount).toBe(0);
    expect(connected.gateway.session.streamCount).toBe(0);
    // One MAX_STREAMS for half the streams that may be open, and no credit for so few bytes.
    expect(frames).toEqual({ maxStreams: Math.floor(10_000 / (WIRE_LIMITS.maxStreams / 2)), other: 0 });
  });

  it('does not come back before a stream has ended both ways', () => {
    const connected = pair({ gateway: { parameters: { initialMaxStreamsBidi: 4 } } });
    const lanes = Array.from({ length: 4 }, () => connected.client.open());
    for (const lane of lanes) lane.stream.end(utf8('question'));
    connected.run();
    expect(connected.client.tryOpen()).toBeUndefined();
    for (const lane of connected.gateway.accepted) lane.stream.end();
    connected.run();
    expect(connected.client.streamsAvailables).toBe(1);
    expect(connected.client.session.streamsAvailable).toBeGreaterThan(2);
    expect(connected.client.session.streamsAvailable).toBeLessThanOrEqual(4);
  });

  it('lasts beside streams that stay open', () => {
    const connected = pair({
      gateway: { accept: { onData: (lane, _, fin) => void (fin && lane.stream.end(utf8('answer'))) } },
    });
    for (let i = 0; i < WIRE_LIMITS.maxStreams - 1; i++) connected.client.open().stream.write(utf8('stays'));
    for (let i = 0; i < 1_000; i++) {
      const lane = connected.client.open();
      lane.stream.end(utf8('question'));
      connected.run();
      if (lane.text !== 'answer') throw new Error(`stream ${i} was answered "${lane.text}"`);
    }
    expect(connected.gateway.session.streamCount).toBe(WIRE_LIMITS.maxStreams - 1);
  });
});

describe('credit for content', () => {
  it('carries 200 MB through one stream, never more unread than the window', { timeout: 30_000 }, () => {
    const totalBytes = 200_000_000;
    let mismatches = 0;
    let mostUnread = 0;
    const connected = pair({
      gateway: {
        accept: {
          consume: false,
          keep: false,
          onData: (lane, bytes) => {
            if (!matchesPattern(lane.receivedBytes - bytes.length, bytes)) mismatches++;
            mostUnread = Math.max(mostUnread, lane.unread);
          },
        },
      },
    });
    const lane = connected.client.open({ onWritable: () => writer.fill() });
    const writer = new PatternWriter(lane, totalBytes);
    writer.fill();
    let turns = 0;
    for (connected.run(); connected.gateway.accepted[0]?.fins === 0; connected.run()) {
      turns++;
      connected.gateway.accepted[0].consume(Math.min(100_000, connected.gateway.accepted[0].unread));
    }
    expect(connected.gateway.accepted).toMatchObject([{ receivedBytes: totalBytes, fins: 1 }]);
    expect(mismatches).toBe(0);
    expect(mostUnread).toBe(WINDOW);
    expect(turns).toBeGreaterThan(1_900);
  });

  it('comes back in few frames to a reader that keeps up', () => {
    const connected = pair({ gateway: { accept: { keep: false } } });
    const lane = connected.client.open({ onWritable: () => writer.fill() });
    const writer = new PatternWriter(lane, 10 * WINDOW);
    let credits = 0;
    connected.onRecord = (from, bytes) => {
      if (from === connected.gateway) credits += framesOf(bytes).length;
    };
    writer.fill();
    connected.run();
    expect(connected.gateway.accepted).toMatchObject([{ receivedBytes: 10 * WINDOW, fins: 1 }]);
    expect(credits).toBeLessThanOrEqual(20);
  });

  it('is never used up for others by streams that nobody reads', () => {
    const connected = pair({ gateway: { accept: { consume: false, keep: false } } });
    const { client, gateway } = connected;
    const content = new Uint8Array(WINDOW + 1);
    for (let i = 1; i < WIRE_LIMITS.maxStreams; i++) client.open().stream.write(content);
    connected.run();
    expect(gateway.accepted.length).toBe(WIRE_LIMITS.maxStreams - 1);
    for (const lane of gateway.accepted) expect(lane.receivedBytes).toBe(WINDOW);

    const last = client.open({ onWritable: () => writer.fill() });
    const writer = new PatternWriter(last, 20 * WINDOW);
    writer.fill();
    connected.run();
    const read = gateway.accepted.at(-1) as Lane;
    for (; read.fins === 0; connected.run()) {
      expect(read.unread).toBeGreaterThan(0);
      read.consume();
    }
    expect(read.receivedBytes).toBe(20 * WINDOW);
  });

  it('of the session holds all streams back together', () => {
    const connected = pair({
      gateway: { parameters: { initialMaxData: 1_000 }, accept: { consume: false } },
    });
    const lanes = [connected.client.open(), connected.client.open(), connected.client.open()];
    for (const lane of lanes) lane.stream.end(new Uint8Array(600));
    connected.run();
    const { accepted } = connected.gateway;
    expect(accepted.map((lane) => lane.receivedBytes)).toEqual([600, 400]);
    accepted[1]?.consume();
    connected.run();
    expect(accepted.map((lane) => lane.receivedBytes)).toEqual([600, 400, 400]);
    accepted[0]?.consume();
    connected.run();
    expect(accepted.map((lane) => lane.receivedBytes)).toEqual([600, 600, 600]);
    expect(accepted.map((lane) => lane.fins)).toEqual([1, 1, 1]);
  });

  it('of the session does not hold back an end without content', () => {
    const peer = new ScriptedPeer('client', { peer: { initialMaxData: 3 } });
    const [first, second, third] = [peer.open(), peer.open(), peer.open()] as const;
    first.stream.write(utf8('abc'));
    second.stream.write(utf8('defg'));
    peer.sent();
    third.stream.end();
    first.stream.end();
    expect(peer.sent()).toEqual([
      ['stream', 8, 0, '', true],
      ['stream', 0, 3, '', true],
    ]);
    peer.feed((writer) => writeMaxData(writer, 5));
    expect(peer.sent()).toEqual([['stream', 4, 0, '6465', false]]);
    peer.feed((writer) => writeMaxData(writer, 5));
    peer.feed((writer) => writeMaxData(writer, 4));
    expect(peer.sent()).toEqual([]);
    const announcements = peer.announcements;
    peer.feed((writer) => writeMaxData(writer, 100));
    expect(peer.announcements).toBe(announcements + 1);
    expect(peer.sent()).toEqual([['stream', 4, 2, '6667', false]]);
  });
});

describe('credit of the session comes back', () => {
  /** A gateway of which 1,000 unread bytes have arrived on stream 0, with a session window of 1,000. */
  function unread(fin = false): { peer: ScriptedPeer; lane: Lane } {
    const peer = new ScriptedPeer('gateway', {
      parameters: { initialMaxData: 1_000 },
      accept: { consume: false },
    });
    peer.feed(stream(0, 0, new Uint8Array(1_000), fin));
    expect(peer.sent()).toEqual([]);
    return { peer, lane: peer.accepted[0] as Lane };
  }

  it('when the reader consumes', () => {
    const { peer, lane } = unread();
    lane.consume(100);
    expect(peer.sent()).toEqual([['maxData', 1_100]]);
    lane.consume(99);
    expect(peer.sent()).toEqual([]);
    lane.consume(1);
    expect(peer.sent()).toEqual([['maxData', 1_200]]);
  });

  it('when the reader consumes after the end', () => {
    const { peer, lane } = unread(true);
    lane.stream.end();
    expect(peer.session.streamCount).toBe(1);
    lane.consume();
    expect(peer.sent()).toEqual([
      ['maxData', 2_000],
      ['stream', 0, 0, '', true],
    ]);
  });

  it('when the reader wants no more', () => {
    const { peer, lane } = unread();
    lane.stream.stopSending(7);
    expect(peer.sent()).toEqual([
      ['stopSending', 0, 7],
      ['maxData', 2_000],
    ]);
    lane.consume();
    peer.feed(stream(0, 1_000, new Uint8Array(1_000)));
    expect(peer.sent()).toEqual([['maxData', 3_000]]);
  });

  it('when the reader wants no more of what has all come', () => {
    const { peer, lane } = unread(true);
    lane.stream.stopSending(7);
    expect(peer.sent()).toEqual([['maxData', 2_000]]);
    lane.stream.stopSending(7);
    lane.consume();
    expect(peer.sent()).toEqual([]);
  });

  it('when the peer breaks off, for what it sent and what it never will', () => {
    const { peer, lane } = unread();
    lane.consume(400);
    expect(peer.sent()).toEqual([['maxData', 1_400]]);
    peer.feed((writer) => writeResetStream(writer, 0, 7, 1_000));
    expect(peer.sent()).toEqual([['maxData', 2_000]]);
    lane.consume();
    expect(peer.sent()).toEqual([]);
    peer.feed((writer) => writeResetStream(writer, 4, 7, 1_000));
    expect(peer.sent()).toEqual([['maxData', 3_000]]);
  });

  it('once, whatever the reader says', () => {
    const { peer, lane } = unread();
    lane.stream.consume(5_000);
    lane.stream.consume(5_000);
    expect(peer.sent()).toContainEqual(['maxData', 2_000]);
    peer.feed(stream(0, 1_000, new Uint8Array(1_001)));
    expect(peer.fault).toBe(TRANSPORT_ERRORS.FLOW_CONTROL_ERROR);
  });
});

describe('a window', () => {
  interface Outcome {
    /** Most bytes that arrived in a round trip. */
    mostBytes: number;
    /** Largest window that all streams together had. */
    largestBytes: number;
  }

  /** Sends for so many round trips of 100 ms over a path that carries `pathBytes` in each half of one. */
  function transfer(options: {
    roundTrips: number;
    pathBytes?: number;
    recordBytes?: number;
    sessionBytes?: number;
    streams?: number;
    maxStreams?: number;
    ping?: boolean;
  }): Outcome {
    const { roundTrips, pathBytes = Number.POSITIVE_INFINITY, streams = 1, maxStreams = streams } = options;
    let nowMs = 1_000;
    let arrivedBytes = 0;
    const connected = pair({
      client: { now: () => nowMs },
      gateway: {
        now: () => nowMs,
        parameters: {
          ...(options.sessionBytes === undefined
            ? {}
            : { initialMaxData: options.sessionBytes, initialMaxStreamsBidi: maxStreams }),
          ...(options.recordBytes === undefined ? {} : { maxRecordSize: options.recordBytes }),
        },
        accept: {
          keep: false,
          onData: (_, bytes) => {
            arrivedBytes += bytes.length;
          },
        },
      },
    });
    const { client, gateway } = connected;
    if (options.ping !== false) gateway.session.ping();
    connected.toClient();
    nowMs += 100;
    connected.toGateway();
    for (let i = 0; i < streams; i++) {
      const lane = client.open({ onWritable: () => writer.fill() });
      const writer = new PatternWriter(lane, Number.MAX_SAFE_INTEGER);
      writer.fill();
    }

    const toGateway: Uint8Array[] = [];
    let toClient: Uint8Array[] = [];
    const windows = new Map<unknown, number>();
    const outcome: Outcome = { mostBytes: 0, largestBytes: 0 };
    for (let half = 0; half < 2 * roundTrips; half++) {
      for (const record of toClient) client.session.receive(record);
      for (let bytes = 0; toGateway.length > 0 && bytes < pathBytes; ) {
        const record = toGateway.shift() as Uint8Array;
        bytes += record.length;
        gateway.session.receive(record);
      }
      toClient = gateway.records();
      // Everything is consumed at once: what a limit is ahead of the bytes that have come is the window.
      for (const [name, id, limit] of toClient.flatMap(framesOf)) {
        const lane = gateway.accepted.find((one) => one.stream.id === id);
        if (name === 'maxStreamData' && lane) windows.set(id, (limit as number) - lane.receivedBytes);
      }
      outcome.largestBytes = Math.max(
        outcome.largestBytes,
        [...windows.values()].reduce((a, b) => a + b, 0),
      );
      toGateway.push(...client.records());
      nowMs += 50;
      if (half % 2 === 0) continue;
      outcome.mostBytes = Math.max(outcome.mostBytes, arrivedBytes);
      arrivedBytes = 0;
    }
    expect(gateway.closes).toEqual([]);
    return outcome;
  }

  it('grows while it alone holds the sender back, up to its largest', () => {
    const { mostBytes, largestBytes } = transfer({ roundTrips: 40 });
    expect(largestBytes).toBeGreaterThan(0.5 * WIRE_LIMITS.maxStreamWindowBytes);
    expect(largestBytes).toBeLessThanOrEqual(WIRE_LIMITS.maxStreamWindowBytes);
    // Credit goes back at half a window, so a sender that waits for nothing else sends between half and all of it.
    expect(mostBytes).toBeGreaterThan(0.5 * WIRE_LIMITS.maxStreamWindowBytes);
    expect(mostBytes).toBeLessThanOrEqual(WIRE_LIMITS.maxStreamWindowBytes);
  });

  it('stays as it is where the round trip was never measured', () => {
    expect(transfer({ roundTrips: 40, ping: false }).largestBytes).toBeLessThanOrEqual(WINDOW);
  });

  it('stays as it is where the path is what holds the sender back', () => {
    const pathBytes = WINDOW / 8;
    const { mostBytes, largestBytes } = transfer({ roundTrips: 100, pathBytes, recordBytes: 16_382 });
    expect(mostBytes).toBeGreaterThan(pathBytes);
    expect(largestBytes).toBeLessThanOrEqual(WINDOW);
  });

  it('never grows into the first window of a stream that may yet be opened', () => {
    const { mostBytes, largestBytes } = transfer({
      roundTrips: 60,
      sessionBytes: 10 * WINDOW,
      maxStreams: 10,
    });
    expect(mostBytes).toBeGreaterThan(0);
    expect(largestBytes).toBeLessThanOrEqual(WINDOW);
  });

  it('stays within what the session has left', () => {
    const { mostBytes, largestBytes } = transfer({ roundTrips: 60, sessionBytes: 10 * WINDOW, streams: 4 });
    expect(mostBytes).toBeGreaterThan(5 * WINDOW);
    // Every stream keeps its first window: only the other six may be shared out.
    expect(largestBytes).toBeGreaterThan(4 * WINDOW);
    expect(largestBytes).toBeLessThanOrEqual(10 * WINDOW);
  });
});
