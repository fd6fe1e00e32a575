import { expect, it } from 'vitest';
import { writeConnectionClose } from '../../src/frame/connection-close-frame.ts';
import { writeDataBlocked } from '../../src/frame/data-blocked-frame.ts';
import { writeMaxData } from '../../src/frame/max-data-frame.ts';
import { writeMaxStreamData } from '../../src/frame/max-stream-data-frame.ts';
import { writeMaxStreams } from '../../src/frame/max-streams-frame.ts';
import { writePing } from '../../src/frame/qx-ping-frame.ts';
import { writeResetStream } from '../../src/frame/reset-stream-frame.ts';
import { writeStopSending } from '../../src/frame/stop-sending-frame.ts';
import { writeStreamDataBlocked } from '../../src/frame/stream-data-blocked-frame.ts';
import { framesOf, record, stream, type WriteFrame } from '../support/frames.ts';
import { Random } from '../support/random.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

let pings = 0;

/** A frame that a peer could send, more or less; `offsets` has where each stream goes on. */
function frame(random: Random, offsets: Map<number, number>): WriteFrame {
  const id = random.pick([0, 0, 4, 4, 8, 8, 12, 16, 20, 24, 1_020, random.pick([1, 2, 3, 5, 1_024])]);
  const small = random.below(20);
  const number = random.pick([0, 1, small, 300, 262_144, 262_145, 2 ** 32, Number.MAX_SAFE_INTEGER]);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const offset = offsets.get(id) ?? 0;
      const content = random.bytes(random.below(30));
      offsets.set(id, offset + content.length);
      return stream(id, random.below(20) === 0 ? small : offset, content, random.below(8) === 0);
    }
    case 4:
      return (writer) => writeResetStream(writer, id, small, number);
    case 5:
      return (writer) => writeStopSending(writer, id, number);
    case 6:
      return (writer) => writeMaxStreamData(writer, id, number);
    case 7:
      return (writer) => writeMaxData(writer, number);
    case 8:
      return (writer) => writeMaxStreams(writer, true, number);
    case 9:
      return (writer) => writePing(writer, random.below(10) === 0, pings++);
    case 10:
      return random.below(20) === 0
        ? (writer) => writeConnectionClose(writer, true, number, 'bye')
        : (writer) => writeDataBlocked(writer, number);
    default:
      return (writer) => writeStreamDataBlocked(writer, id, number);
  }
}

it.each(['client', 'gateway'] as const)(
  '20,000 records of any kind, and a %s throws nothing',
  { timeout: 30_000 },
  (perspective) => {
    const random = new Random(perspective.length);
    let sessions = 0;
    let survived = 0;
    const offsets = new Map<number, number>();
    let peer: ScriptedPeer | undefined;
    for (let i = 0; i < 20_000; i++) {
      if (peer === undefined || peer.session.isClosed) {
        const live: ScriptedPeer = new ScriptedPeer(perspective, {
          accept: {
            onData: (lane, bytes, fin) => {
              if (random.below(10) === 0) lane.stream.reset(1);
              if (random.below(10) === 0) lane.stream.stopSending(2);
              lane.stream.write(bytes);
              if (fin) lane.stream.end();
            },
          },
        });
        peer = live;
        sessions++;
        offsets.clear();
        if (perspective === 'client') {
          for (let opened = 0; opened < 4; opened++) peer.open().stream.write(random.bytes(50));
        }
      }
      const frames = record(...Array.from({ length: 1 + random.below(3) }, () => frame(random, offsets)));
      const bytes =
        [() => random.mutate(frames), () => random.bytes(random.below(60))][random.below(20)]?.() ?? frames;
      peer.session.receive(bytes);
      const { isClosed, streamCount } = peer.session;
      if (peer.closes.length !== (isClosed ? 1 : 0)) throw new Error(`closed ${peer.closes.length} times`);
      if (isClosed && streamCount > 0) throw new Error(`closed with ${streamCount} streams`);
      if (!isClosed) survived++;
      // What it answers is well-formed.
      if (random.below(3) === 0 || peer.session.isClosed)
        for (const answer of peer.records()) framesOf(answer);
    }
    // The records were neither all wrong nor all right.
    expect(sessions).toBeGreaterThan(1_000);
    expect(survived).toBeGreaterThan(5_000);
  },
);
