import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FrameError, FrameReader } from '../../src/websocket/frame-reader.ts';
import { frame } from '../support/websocket-frames.ts';

/** What a reader has told, neighbouring pieces of a message as one. */
function read(pieces: readonly Uint8Array[], maxMessageBytes?: number): unknown[] {
  const heard: [string, ...unknown[]][] = [];
  const reader = new FrameReader(
    {
      data: (opcode, isFirst, isLast, bytes) => {
        const last = heard.at(-1);
        const hex = Buffer.from(bytes).toString('hex');
        if (!isFirst && last?.[0] === 'data')
          heard.splice(-1, 1, ['data', opcode, isLast, `${last[3]}${hex}`]);
        else heard.push(['data', opcode, isLast, hex]);
      },
      ping: (payload) => heard.push(['ping', Buffer.from(payload).toString()]),
      close: (status) => heard.push(['close', status]),
    },
    maxMessageBytes,
  );
  for (const piece of pieces) reader.push(piece);
  return heard;
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function oneByOne(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

function refusal(pieces: readonly Uint8Array[], maxMessageBytes?: number): FrameError {
  try {
    read(pieces, maxMessageBytes);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error('a FrameError was expected');
}

describe.each<[what: string, hex: string, heard: unknown[]]>([
  // RFC 6455 §5.7, where a server sends them.
  ['a text', '81 05 48656c6c6f', [['data', 1, true, '48656c6c6f']]],
  ['a text in two frames', '01 03 48656c 80 02 6c6f', [['data', 1, true, '48656c6c6f']]],
  ['a ping', '89 05 48656c6c6f', [['ping', 'Hello']]],
  ['a ping without payload', '89 00', [['ping', '']]],
  ['a pong', '8a 05 48656c6c6f', []],
  ['an empty message', '82 00', [['data', 2, true, '']]],
  ['a message that ends with an empty frame', '02 01 aa 00 00 80 00', [['data', 2, true, 'aa']]],
  [
    'a ping inside a message',
    '01 01 61 89 01 70 80 01 62',
    [
      ['data', 1, false, '61'],
      ['ping', 'p'],
      ['data', 1, true, '62'],
    ],
  ],
  ['a close', '88 05 03e8 627965', [['close', { code: 1000, reason: 'bye' }]]],
  ['a close without a code', '88 00', [['close', { code: undefined, reason: '' }]]],
  [
    'a close, and what is none of ours behind it',
    '88 00 ff ff ff',
    [['close', { code: undefined, reason: '' }]],
  ],
  [
    'two messages',
    '81 01 61 82 01 62',
    [
      ['data', 1, true, '61'],
      ['data', 2, true, '62'],
    ],
  ],
])('%s', (_what, hex, heard) => {
  test('whole, byte by byte, and cut anywhere', () => {
    const bytes = bytesOf(hex);
    expect(read([bytes])).toEqual(heard);
    expect(read(oneByOne(bytes))).toEqual(heard);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(heard);
  });
});

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('a message of %s bytes', (length) => {
  const content = randomBytes(length);
  const expected = [['data', 2, true, content.toString('hex')]];
  expect(read([frame(2, content)])).toEqual(expected);
  const bytes = frame(2, content);
  expect(read([bytes.subarray(0, 5), bytes.subarray(5)])).toEqual(expected);
});

test('payload is passed on as it comes, and nothing of it is held', () => {
  const pieces: Uint8Array[] = [];
  const reader = new FrameReader({
    data: (_opcode, _isFirst, _isLast, bytes) => pieces.push(bytes),
    ping: () => {},
    close: () => {},
  });
  // A message of 2^40 bytes: its beginning.
  reader.push(bytesOf('82 7f 0000 0100 0000 0000'));
  const piece = new Uint8Array(65_536);
  reader.push(piece);
  expect(pieces.map(({ buffer, length }) => [buffer === piece.buffer, length])).toEqual([[true, 65_536]]);
});

describe('what no server sends', () => {
  test.each([
    ['a reserved bit', 'c1 00', 'reserved bit'],
    ['another', 'a2 00', 'reserved bit'],
    ['a mask', '81 80 00000000', 'must not be masked'],
    ['a reserved opcode', '83 00', 'opcode 3 is reserved'],
    ['a reserved control opcode', '8b 00', 'opcode 11 is reserved'],
    ['a continuation of nothing', '80 00', 'continues nothing'],
    ['a message inside a message', '01 00 81 00', 'inside another'],
    ['a ping in pieces', '09 00', 'too long, or in pieces'],
    ['a ping that is too long', '89 7e 007e', 'too long, or in pieces'],
    ['a length in two bytes that one holds', '81 7e 007d', 'shortest form'],
    ['a length in eight bytes that two hold', '81 7f 0000 0000 0000 ffff', 'shortest form'],
    ['a close with half a code', '88 01 03', 'code that may be sent'],
    ['a close with a code nobody sends', '88 02 03ee', 'code that may be sent'],
    ['a close whose reason is no UTF-8', '88 03 03e8 ff', 'UTF-8'],
  ])('%s', (_what, hex, message) => {
    for (const pieces of [[bytesOf(hex)], oneByOne(bytesOf(hex))]) {
      expect(refusal(pieces)).toMatchObject({ closeCode: 1002, message: expect.stringContaining(message) });
    }
  });
});

describe('a limit', () => {
  test('holds for a message in one frame, told by its head', () => {
    expect(read([frame(2, Buffer.alloc(100))], 100)).toHaveLength(1);
    const head = frame(2, Buffer.alloc(101)).subarray(0, 2);
    expect(refusal([head], 100)).toMatchObject({
      closeCode: 1009,
      message: expect.stringContaining('101 or more'),
    });
    expect(refusal([bytesOf('82 7f ffff ffff ffff ffff')], 100)).toMatchObject({ closeCode: 1009 });
  });

  test('holds for all frames of a message, and begins anew with the next', () => {
    const half = Buffer.alloc(50);
    const message = [frame(2, half, false), frame(0, half)];
    expect(read([...message, ...message], 100)).toHaveLength(2);
    expect(
      refusal([frame(2, half, false), frame(0, half, false), frame(0, Buffer.alloc(1))], 100).closeCode,
    ).toBe(1009);
  });

  test('does not count what is no message', () => {
    expect(
      read([frame(2, Buffer.alloc(50), false), frame(9, Buffer.alloc(60)), frame(0, Buffer.alloc(50))], 100),
    ).toHaveLength(3);
  });
});

test('15,000 times noise: a FrameError, or nothing', () => {
  const samples = [
    bytesOf('01 03 48656c 89 01 70 80 02 6c6f 88 05 03e8 627965'),
    Buffer.concat([frame(2, Buffer.alloc(300)), frame(1, Buffer.alloc(3)), frame(8, Buffer.alloc(0))]),
  ];
  let refused = 0;
  let state = 7;
  const below = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % end;
  };
  for (let round = 0; round < 15_000; round++) {
    const sample = samples[round % 2] as Buffer;
    const bytes =
      round % 3 === 0
        ? Buffer.from(Array.from({ length: below(40) }, () => below(256)))
        : Buffer.from(sample);
    for (let changes = below(3); changes >= 0 && bytes.length > 0; changes--)
      bytes[below(bytes.length)] = below(256);
    const cut = below(bytes.length + 1);
    try {
      read([bytes.subarray(0, cut), bytes.subarray(cut)], 1_000);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1_500);
  expect(refused).toBeLessThan(14_900);
});
