import { expect, it } from 'vitest';
import { PrefixBuffer } from '../src/prefix-buffer.ts';
import { fromHex, toHex } from './support/hex.ts';

it('copies nothing when one push brings everything', () => {
  const bytes = fromHex('010203');
  const buffer = new PrefixBuffer();
  buffer.push(bytes);
  expect(buffer.bytes.buffer).toBe(bytes.buffer);
});

it('joins pieces of any size and leaves the pieces alone', () => {
  const buffer = new PrefixBuffer();
  const first = fromHex('01ff').subarray(0, 1);
  buffer.push(new Uint8Array(0));
  buffer.push(first);
  for (let i = 2; i <= 100; i++) buffer.push(Uint8Array.of(i));
  buffer.push(new Uint8Array(0));
  expect(toHex(buffer.bytes)).toBe(toHex(Uint8Array.from({ length: 100 }, (_, i) => i + 1)));
  expect(new Uint8Array(first.buffer)[1]).toBe(0xff);
});
