import { describe, expect, test } from 'vitest';
import { MessageError } from '../../src/message/message-error.ts';
import { referenceDecode } from './reference-decoder.ts';
import {
  concat,
  decode,
  fromHex,
  type Kind,
  kindOf,
  mutate,
  Random,
  type Received,
  toHex,
  VALID,
} from './support.ts';

const MESSAGES = VALID.map((vector) => ({ kind: kindOf(vector), bytes: fromHex(vector.hex) }));

function outcome(kind: Kind, pieces: Uint8Array[]): Received | undefined {
  try {
    return decode(kind, pieces);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
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
