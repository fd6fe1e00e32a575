import { describe, expect, it } from 'vitest';
import { MessageAssembler } from '../../src/websocket/message-assembler.ts';

function bytes(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at + from) & 0xff);
}

describe('a message', () => {
  it.each([1, 2, 7, 1_000])('of pieces of %s bytes is a copy, in a buffer of its own', (size) => {
    const whole = bytes(3_333);
    const assembler = new MessageAssembler();
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < whole.length; at += size) assembler.push(whole.subarray(at, at + size));
      expect(assembler.length).toBe(whole.length);
      const message = assembler.take();
      expect(message).toEqual(whole);
      expect(message.buffer.byteLength).toBe(whole.length);
      expect(assembler.length).toBe(0);
    }
  });

  it('in one piece is copied once', () => {
    const piece = bytes(100);
    const assembler = new MessageAssembler();
    assembler.push(piece);
    piece.fill(0);
    expect(assembler.take()).toEqual(bytes(100));
  });

  it('may be empty, and may be forgotten', () => {
    const assembler = new MessageAssembler();
    expect(assembler.take()).toHaveLength(0);
    assembler.push(bytes(5));
    assembler.clear();
    expect(assembler.take()).toHaveLength(0);
  });
});
