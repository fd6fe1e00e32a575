import { describe, expect, it } from 'vitest';
import { PendingInput } from '../../src/decode/pending-input.ts';
import { random } from '../support/decoding.ts';

describe('PendingInput', () => {
  it('gives what was pushed, in whatever pieces', () => {
    const next = random(3);
    for (let round = 0; round < 200; round++) {
      const input = new PendingInput();
      const expected: number[] = [];
      for (let step = 0; step < 40; step++) {
        const piece = Uint8Array.from({ length: next(20) }, () => next(256));
        input.push(piece);
        expected.push(...piece);
        expect([...input.bytes]).toEqual(expected);
        const count = next(expected.length + 1);
        if (next(3) === 0) {
          input.skip(count);
          expected.splice(0, count);
        } else if (next(10) === 0) {
          expect([...input.take()]).toEqual(expected);
          expected.length = 0;
        }
        expect([...input.bytes]).toEqual(expected);
      }
    }
  });

  it('does not write into what it was given', () => {
    const buffer = new Uint8Array(10);
    const input = new PendingInput();
    input.push(buffer.subarray(0, 2));
    input.push(Uint8Array.of(7));
    expect([...buffer]).toEqual(new Array(10).fill(0));
  });

  it('takes a megabyte byte by byte', () => {
    const input = new PendingInput();
    for (let i = 0; i < 1_000_000; i++) input.push(Uint8Array.of(i));
    expect(input.bytes).toHaveLength(1_000_000);
    expect(input.bytes[999_999]).toBe(999_999 & 255);
  });
});
