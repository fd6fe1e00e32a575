import { describe, expect, it } from 'vitest';
import { EventReaders } from '../../src/eventsource/event-readers.ts';

function event(data: string): MessageEvent<string> {
  return new MessageEvent('message', { data });
}

/** Whether a promise has been settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(resolve, false)),
  ]);
}

describe('demand', () => {
  it('is there while nobody iterates', async () => {
    const readers = new EventReaders();
    expect(await isSettled(readers.demand())).toBe(true);
  });

  it('is there when an iterator asks, and not before', async () => {
    const readers = new EventReaders();
    const iterator = readers.read();
    const first = iterator.next();
    expect(await isSettled(readers.demand())).toBe(true);
    readers.give(event('1'));
    expect((await first).value?.data).toBe('1');
    const demand = readers.demand();
    expect(await isSettled(demand)).toBe(false);
    void iterator.next();
    expect(await isSettled(demand)).toBe(true);
  });

  it('is there again when the iterator is left', async () => {
    const readers = new EventReaders();
    const iterator = readers.read();
    const first = iterator.next();
    readers.give(event('1'));
    await first;
    const demand = readers.demand();
    await iterator.return();
    expect(await isSettled(demand)).toBe(true);
  });
});

describe('an end', () => {
  it('that was wished for ends those who wait, and those who come', async () => {
    const readers = new EventReaders();
    const first = readers.read().next();
    await Promise.resolve();
    readers.end(undefined);
    expect((await first).done).toBe(true);
    expect((await readers.read().next()).done).toBe(true);
    expect(await isSettled(readers.demand())).toBe(true);
  });

  it('by an error is thrown, and the first one counts', async () => {
    const readers = new EventReaders();
    const first = readers.read().next();
    readers.end(new Error('why'));
    readers.end(undefined);
    await expect(first).rejects.toThrow('why');
    await expect(readers.read().next()).rejects.toThrow('why');
  });
});

it('several who iterate get each event once', async () => {
  const readers = new EventReaders();
  const [one, other] = [readers.read().next(), readers.read().next()];
  readers.give(event('1'));
  readers.give(event('2'));
  readers.give(event('nobody waits'));
  expect([(await one).value?.data, (await other).value?.data]).toEqual(['1', '2']);
});
