import { describe, expect, it, vi } from 'vitest';
import { TaskQueue } from '../src/task-queue.ts';

/** Lets everybody who waits in a chain of promises go on. */
async function deep(): Promise<void> {
  for (let depth = 0; depth < 20; depth++) await Promise.resolve();
}

describe('tasks', () => {
  it('run in order, and not within push()', async () => {
    const queue = new TaskQueue();
    const seen: number[] = [];
    for (let number = 0; number < 5; number++) queue.push(() => seen.push(number));
    expect(seen).toEqual([]);
    await vi.waitUntil(() => queue.isEmpty);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it('let whoever waits for one go on before the next', async () => {
    const queue = new TaskQueue();
    const seen: string[] = [];
    let next = Promise.withResolvers<number>();
    const waiting = (async () => {
      for (let round = 0; round < 3; round++) {
        const number = await next.promise;
        next = Promise.withResolvers<number>();
        await deep();
        seen.push(`got ${number}`);
      }
    })();
    for (let number = 0; number < 3; number++) {
      queue.push(() => {
        seen.push(`task ${number}`);
        next.resolve(number);
      });
    }
    await waiting;
    expect(seen).toEqual(['task 0', 'got 0', 'task 1', 'got 1', 'task 2', 'got 2']);
  });

  it('that push others run those behind what is there', async () => {
    const queue = new TaskQueue();
    const seen: string[] = [];
    queue.push(() => {
      seen.push('a');
      queue.push(() => seen.push('c'));
    });
    queue.push(() => seen.push('b'));
    await vi.waitUntil(() => seen.length === 3);
    expect(seen).toEqual(['a', 'b', 'c']);
    queue.push(() => seen.push('d'));
    await vi.waitUntil(() => seen.length === 4);
  });
});
