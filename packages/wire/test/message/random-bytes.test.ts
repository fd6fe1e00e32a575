import { describe, expect, test } from 'vitest';
import { MessageError } from '../../src/message/message-error.ts';
import { referenceDecode } from './reference-decoder.ts';
import {
  concat,
  decode,
  fromHex,
  type Kind,
  kindOf,
  Random,
  type Received,
  toHex,
  VALID,
} from './support.ts';

const MESSAGES = VALID.map((vector) => ({ kind: kindOf(vector), bytes: fromHex(vector.hex) }));

/** Bytes that mean something somewhere: lengths, terminators, delimiters, ends of ranges. */
const TELLING = fromHex('00 01 02 03 05 09 0a 0d 20 23 2a 2f 3a 3f 40 41 5a 61 7f 80 bf c0 e9 ff');

function outcome(kind: Kind, pieces: Uint8Array[]): Received | undefined {
  try {
    return decode(kind, pieces);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

/** One to four changes: a byte replaced, a bit turned, bytes put in, left out, repeated, or the rest cut off. */
function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let it = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(it.length + 1);
    const to = Math.min(it.length, at + 1 + random.below(8));
    const changed = it.slice();
    switch (random.below(7)) {
      case 0:
        changed[at] = random.below(256);
        break;
      case 1:
        changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        changed[at] = TELLING[random.below(TELLING.length)] as number;
        break;
      case 3:
        it = concat(it.slice(0, at), random.bytes(1 + random.below(4)), it.slice(at));
        continue;
      case 4:
        it = concat(it.slice(0, at), it.slice(to));
        continue;
      case 5:
        it = concat(it.slice(0, to), it.slice(at));
        continue;
      default:
        it = it.slice(0, at);
        continue;
    }
    it = changed;
  }
  return it;
}

describe('whatever the bytes, the decoder returns or throws MessageError, as the second decoder does', () => {
  test('15,000 changed messages', () => {
    const random = new Random(1);
    let accepted = 0;
    for (let i = 0; i < 15_000; i++) {
      const { kind, bytes } = MESSAGES[random.below(MESSAGES.length)] as (typeof MESSAGES)[number];
      const input = mutate(random, bytes);
      const wanted = referenceDecode(kind, input);
      const pieces = random.below(2) === 0 ? [input] : random.split(input);
      expect(outcome(kind, pieces), `${kind} ${toHex(input)}`).toEqual(wanted);
      if (wanted !== undefined) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(1_000); // or the changes were too rough to find anything
    expect(accepted).toBeLessThan(14_000);
  });

  test('5,000 runs of noise', () => {
    const random = new Random(2);
    for (let i = 0; i < 5_000; i++) {
      const kind = random.below(2) === 0 ? 'request' : 'response';
      const noise = random.bytes(random.below(200));
      // Half of them get past the framing indicator.
      const input =
        i % 2 === 0
          ? noise
          : concat(Uint8Array.of((kind === 'request' ? 0 : 1) + 2 * random.below(2)), noise);
      expect(outcome(kind, random.split(input)), `${kind} ${toHex(input)}`).toEqual(
        referenceDecode(kind, input),
      );
    }
  });
});
