import { expect, test } from 'vitest';
import { SlotQueue } from '../../src/pool/slot-queue.ts';

test('hands out empty slots first, then none', () => {
  const queue = new SlotQueue<string>(2);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([null, null, undefined]);
});

test('hands out what came back last', () => {
  const queue = new SlotQueue<string>(3);
  for (let slot = 0; slot < 3; slot += 1) queue.take();
  expect([queue.put('a'), queue.put('b'), queue.put('c')]).toEqual([true, true, true]);
  expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual(['c', 'b', 'a', undefined]);
});

test('prefers a connection to an empty slot', () => {
  const queue = new SlotQueue<string>(2);
  queue.take();
  queue.take();
  queue.put('a');
  queue.put(null);
  expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', null, undefined]);
});

test('has no room for more than its size', () => {
  const queue = new SlotQueue<string>(1);
  expect(queue.put('extra')).toBe(false);
  queue.take();
  expect([queue.put('a'), queue.put('b'), queue.put(null), queue.idleCount]).toEqual([true, false, false, 1]);
});

test('gives up what it holds, and its slots remain', () => {
  const queue = new SlotQueue<string>(2);
  queue.take();
  queue.put('a');
  expect(queue.empty()).toEqual(['a']);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([null, null, undefined]);
});

test('keeps nothing when told so, and its slots remain', () => {
  const queue = new SlotQueue<string>(1);
  queue.keepNothing();
  queue.take();
  expect([queue.put('a'), queue.take(), queue.take()]).toEqual([false, null, undefined]);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d slots', (maxsize) => {
  expect(() => new SlotQueue(maxsize)).toThrow(`"maxsize" must be an integer >= 1, got ${maxsize}`);
});
