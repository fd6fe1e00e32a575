import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { FrameWriter } from '../../src/websocket/frame-writer.ts';
import { clientFrames } from '../support/websocket-frames.ts';

test.each([0, 1, 3, 4, 5, 125, 126, 65_535, 65_536, 100_001])('a frame of %s bytes', (length) => {
  const content = randomBytes(length);
  const writer = new FrameWriter();
  const bytes = Buffer.concat([writer.head(2, true, length), writer.payload(content)]);
  const headBytes = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  expect(bytes.length).toBe(headBytes + length);
  expect(clientFrames(bytes)).toEqual({
    frames: [{ opcode: 2, isFinal: true, payload: content }],
    length: bytes.length,
  });
});

test('payload in pieces of any size is masked as a whole', () => {
  const content = randomBytes(1_000);
  for (const size of [1, 2, 3, 5, 7, 64, 333]) {
    const writer = new FrameWriter();
    const pieces = [writer.head(0, false, content.length)];
    for (let at = 0; at < content.length; at += size)
      pieces.push(writer.payload(content.subarray(at, at + size)));
    expect(clientFrames(Buffer.concat(pieces)).frames).toEqual([
      { opcode: 0, isFinal: false, payload: content },
    ]);
  }
});

test('payload is a copy, wherever it lies in memory', () => {
  const memory = randomBytes(64);
  const before = Buffer.from(memory);
  for (let from = 0; from < 8; from++) {
    const writer = new FrameWriter();
    const bytes = Buffer.concat([writer.head(1, true, 20), writer.payload(memory.subarray(from, from + 20))]);
    expect(clientFrames(bytes).frames[0]?.payload).toEqual(before.subarray(from, from + 20));
  }
  expect(memory).toEqual(before);
});

test('every frame has a key of its own', () => {
  const writer = new FrameWriter();
  const keys = new Set<string>();
  for (let round = 0; round < 3_000; round++)
    keys.add(writer.frame(9, Buffer.alloc(4)).subarray(2, 6).toString('hex'));
  // 32 bits are few: two or three may be equal by chance.
  expect(keys.size).toBeGreaterThan(2_990);
});

test('a length above 2^32', () => {
  expect(
    new FrameWriter()
      .head(2, true, 2 ** 40 + 1)
      .subarray(0, 10)
      .toString('hex'),
  ).toBe('82ff0000010000000001');
});
