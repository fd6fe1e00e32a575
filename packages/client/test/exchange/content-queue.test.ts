import { describe, expect, it } from 'vitest';
import { ContentQueue, concatenate } from '../../src/exchange/content-queue.ts';

/** Numbers that are the same in every run. */
function random(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % end;
  };
}

/** A message with pieces of content in it, other bytes around each. */
function message(lengths: number[], next: () => number): { pieces: Uint8Array[]; content: number[] } {
  const gap = 3;
  const buffer = new Uint8Array(lengths.reduce((sum, length) => sum + length + gap, gap)).fill(0xee);
  const pieces: Uint8Array[] = [];
  const content: number[] = [];
  let at = gap;
  for (const length of lengths) {
    const piece = buffer.subarray(at, at + length);
    for (let i = 0; i < length; i++) piece[i] = next();
    content.push(...piece);
    pieces.push(piece);
    at += length + gap;
  }
  return { pieces, content };
}

describe('ContentQueue', () => {
  it('gives what was put in, in amounts of at most what is asked for', () => {
    const queue = new ContentQueue();
    queue.push(Uint8Array.of(1, 2, 3));
    queue.push(Uint8Array.of(4));
    expect(queue.isEmpty).toBe(false);
    expect(queue.take(2)).toEqual(Uint8Array.of(1, 2));
    expect(queue.take(2)).toEqual(Uint8Array.of(3));
    expect(queue.take(2)).toEqual(Uint8Array.of(4));
    expect(queue.take(2)).toBeUndefined();
    expect(queue.isEmpty).toBe(true);
    expect(queue.takeAll()).toEqual(new Uint8Array(0));
  });

  it('gives everything at once', () => {
    const queue = new ContentQueue();
    queue.push(Uint8Array.of(1, 2, 3));
    queue.take(1);
    queue.push(Uint8Array.of(4));
    expect(queue.takeAll()).toEqual(Uint8Array.of(2, 3, 4));
    expect(queue.isEmpty).toBe(true);
  });

  it('copies what shares a message with others', () => {
    const { pieces } = message([4, 4], () => 7);
    const queue = new ContentQueue();
    for (const piece of pieces) queue.push(piece);
    const first = queue.take(100)!;
    expect(first.buffer).not.toBe(pieces[0]!.buffer);
    first.fill(0);
    expect(queue.take(100)).toEqual(Uint8Array.of(7, 7, 7, 7));
  });

  it('passes a message on that holds nothing else', () => {
    const { pieces, content } = message([1_000, 1, 2_000], () => 7);
    const queue = new ContentQueue();
    for (const piece of pieces) queue.push(piece);
    queue.claimLast(3);
    const whole = queue.take(Number.POSITIVE_INFINITY)!;
    expect(whole.buffer).toBe(pieces[0]!.buffer);
    expect([...whole]).toEqual(content);
  });

  it('does not keep a large message for a small piece', () => {
    const large = new Uint8Array(10_000);
    const queue = new ContentQueue();
    queue.push(large.subarray(100, 200));
    queue.claimLast(1);
    expect(queue.take(100)!.buffer.byteLength).toBe(100);
  });

  it('gives the same bytes whatever is claimed and however it is taken', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const below = random(seed);
      const queue = new ContentQueue();
      const expected: number[] = [];
      const taken: number[] = [];
      const given: Uint8Array[] = [];
      for (let turn = 0; turn < 20; turn++) {
        if (below(2) === 0) {
          const count = 1 + below(4);
          const { pieces, content } = message(
            Array.from({ length: count }, () => 1 + below(30)),
            () => below(256),
          );
          for (const piece of pieces) queue.push(piece);
          if (below(2) === 0) queue.claimLast(count);
          expected.push(...content);
        } else {
          const piece = below(4) === 0 ? queue.takeAll() : queue.take(1 + below(40));
          if (piece === undefined) continue;
          taken.push(...piece);
          given.push(piece);
          // What was given is the reader's: it may write into it, and take its buffer away.
          piece.fill(0x55);
          if (below(2) === 0) structuredClone(piece.buffer, { transfer: [piece.buffer as ArrayBuffer] });
        }
      }
      taken.push(...queue.takeAll());
      expect(taken, `seed ${seed}`).toEqual(expected);
    }
  });

  it('drops everything', () => {
    const queue = new ContentQueue();
    queue.push(Uint8Array.of(1));
    queue.clear();
    expect(queue.isEmpty).toBe(true);
    queue.push(Uint8Array.of(2));
    expect(queue.take(9)).toEqual(Uint8Array.of(2));
  });
});

describe('concatenate', () => {
  it('puts pieces together, also none', () => {
    expect(concatenate([])).toEqual(new Uint8Array(0));
    expect(concatenate([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)])).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });
});
