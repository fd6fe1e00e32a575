import { expect, it } from 'vitest';
import { ByteWriter } from '../../src/byte-writer.ts';
import { SendQueue } from '../../src/session/send-queue.ts';
import { Random } from '../support/random.ts';

it('gives back what was pushed, in any cut', () => {
  const random = new Random(3);
  const queue = new SendQueue();
  const writer = new ByteWriter();
  const pushed: Uint8Array[] = [];
  const moved: Uint8Array[] = [];
  for (let i = 0; i < 5_000; i++) {
    if (random.below(2) === 0) {
      const bytes = random.bytes(random.below(40));
      queue.push(bytes);
      pushed.push(bytes);
    } else {
      queue.moveTo(writer, random.below(queue.length + 1));
      moved.push(writer.take());
    }
  }
  queue.moveTo(writer, queue.length);
  moved.push(writer.take());
  expect(queue.length).toBe(0);
  expect(Buffer.concat(moved).equals(Buffer.concat(pushed))).toBe(true);
});

it('forgets everything when cleared', () => {
  const queue = new SendQueue();
  const writer = new ByteWriter();
  queue.push(Uint8Array.of(1, 2, 3));
  queue.moveTo(writer, 1);
  queue.clear();
  expect(queue.length).toBe(0);
  queue.push(Uint8Array.of(4));
  queue.moveTo(writer, 1);
  expect([...writer.take()]).toEqual([1, 4]);
});
