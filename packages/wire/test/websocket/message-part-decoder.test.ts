import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import type { Perspective } from '../../src/perspective.ts';
import {
  BINARY,
  CONTINUATION,
  TEXT,
  writeClosePart,
  writeFailurePart,
  writePartHead,
} from '../../src/websocket/message-part.ts';
import { MessagePartDecoder } from '../../src/websocket/message-part-decoder.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex, utf8 } from '../support/hex.ts';
import { oneByOne, PartRecorder } from '../support/parts.ts';
import { Random } from '../support/random.ts';

function decoded(peer: Perspective, ...pieces: Uint8Array[]): unknown[][] {
  const recorder = new PartRecorder();
  const decoder = new MessagePartDecoder(peer, recorder);
  for (const piece of pieces) decoder.push(piece);
  return recorder.heard;
}

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return toHex(writer.take());
}

/** Every kind of part: as it is written, and what is read of it. */
const GOLDEN: [name: string, digits: string, write: (writer: ByteWriter) => void, heard: unknown[][]][] = [
  [
    'a text',
    '81 02 6869',
    (writer) => {
      writePartHead(writer, TEXT, true, 2);
      writer.bytes(utf8('hi'));
    },
    [['part', TEXT, true, true, 2], ['payload', '6869'], ['end']],
  ],
  [
    'an empty binary message',
    '82 00',
    (writer) => writePartHead(writer, BINARY, true, 0),
    [['part', BINARY, true, true, 0], ['end']],
  ],
  [
    'a message in three parts, one of them empty',
    '02 01 ff 00 00 80 02 0102',
    (writer) => {
      writePartHead(writer, BINARY, false, 1);
      writer.bytes(Uint8Array.of(0xff));
      writePartHead(writer, CONTINUATION, false, 0);
      writePartHead(writer, CONTINUATION, true, 2);
      writer.bytes(Uint8Array.of(1, 2));
    },
    [
      ['part', BINARY, true, false, 1],
      ['payload', 'ff'],
      ['part', BINARY, false, false, 0],
      ['part', BINARY, false, true, 2],
      ['payload', '0102'],
      ['end'],
    ],
  ],
  [
    'a close',
    '88 04 03e8 6f6b',
    (writer) => writeClosePart(writer, { code: 1000, reason: 'ok' }),
    [['close', { code: 1000, reason: 'ok' }]],
  ],
  [
    'a close without a code',
    '88 00',
    (writer) => writeClosePart(writer, { code: undefined, reason: '' }),
    [['close', { code: undefined, reason: '' }]],
  ],
  [
    'a failure',
    '8f 19 460d 74686520576562536f636b6574206661696c65643a2078',
    (writer) => writeFailurePart(writer, { name: 'websocket_failed', detail: 'x' }),
    [['failure', { name: 'websocket_failed', detail: 'the WebSocket failed: x' }]],
  ],
];

describe.each(GOLDEN)('%s', (_name, digits, write, heard) => {
  it('is written', () => {
    expect(written(write)).toBe(digits.replaceAll(' ', ''));
  });

  it('is read, whole, byte by byte, and cut anywhere', () => {
    const bytes = fromHex(digits);
    expect(decoded('gateway', bytes)).toEqual(heard);
    expect(decoded('gateway', ...oneByOne(bytes))).toEqual(heard);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(decoded('gateway', bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(heard);
  });

  it('is not complete while a byte is missing', () => {
    const bytes = fromHex(digits);
    for (let length = 0; length < bytes.length; length++)
      expect(decoded('gateway', bytes.subarray(0, length))).not.toEqual(heard);
  });
});

describe('payload', () => {
  it('is a view of what was pushed, and nothing of it is held', () => {
    const recorder = new PartRecorder();
    const decoder = new MessagePartDecoder('client', recorder);
    const first = fromHex('82 8010 0000 aabb');
    decoder.push(first);
    const second = new Uint8Array(65_536);
    decoder.push(second);
    expect(recorder.payloads[0]?.buffer).toBe(first.buffer);
    expect(recorder.payloads[1]).toBe(second);
    expect(recorder.heard[0]).toEqual(['part', BINARY, true, true, 1_048_576]);
  });

  it('of messages that follow one another, cut at random', () => {
    const writer = new ByteWriter();
    const expected: unknown[][] = [];
    const random = new Random(11);
    for (let i = 0; i < 200; i++) {
      const bytes = random.bytes(random.pick([0, 1, 2, 63, 64, 300]));
      writePartHead(writer, TEXT, true, bytes.length);
      writer.bytes(bytes);
      expected.push(['part', TEXT, true, true, bytes.length]);
      if (bytes.length > 0) expected.push(['payload', toHex(bytes)]);
      expected.push(['end']);
    }
    const whole = writer.take();
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < whole.length; ) {
      const length = random.below(90);
      pieces.push(whole.subarray(at, at + length));
      at += length;
    }
    expect(decoded('client', ...pieces)).toEqual(expected);
  });
});

describe('what no peer sends', () => {
  it.each([
    ['a continuation of nothing', '80 00', 'begin a message'],
    ['a message inside a message', '01 00 81 00', 'go on with the message'],
    ['a ping', '89 00', 'begin a message'],
    ['a reserved opcode', '83 00', 'begin a message'],
    ['a reserved bit', 'c1 00', 'begin a message'],
    ['a close in parts', '08 02 03e8', 'must be whole'],
    ['a close that is too long', '88 407e', 'at most 125 bytes'],
    ['a close with half a code', '88 01 03', 'a code that may be sent'],
    ['a close with a code nobody sends', '88 02 03ed', 'a code that may be sent'],
    ['a close whose reason is no UTF-8', '88 03 03e8 ff', 'UTF-8'],
    ['anything behind a close', '88 00 81 00', 'nothing may follow'],
    ['a failure that is too long', '8f 4409', 'at most 1032 bytes'],
    ['a failure without its code', '8f 00', 'truncated'],
    ['a length above 2^53', '81 ffffffffffffffff', ''],
  ])('%s', (_what, digits, message) => {
    const bytes = fromHex(digits);
    expect(wireError(() => decoded('gateway', bytes)).message).toContain(message);
    expect(wireError(() => decoded('gateway', ...oneByOne(bytes))).message).toContain(message);
  });

  it('a failure, from a client', () => {
    expect(wireError(() => decoded('client', fromHex('8f 02 460d'))).message).toContain('begin a message');
  });

  it('a close in the middle of a message is one', () => {
    expect(decoded('client', fromHex('01 01 61 88 02 03e9')).at(-1)).toEqual([
      'close',
      { code: 1001, reason: '' },
    ]);
  });
});
