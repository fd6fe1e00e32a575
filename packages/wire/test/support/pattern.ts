import { Random } from './random.ts';

/** Length after which the pattern repeats: a prime, so that no cut of ours falls on it. */
const PERIOD = 65_521;
const TWICE = new Uint8Array(2 * PERIOD);
TWICE.set(new Random(4).bytes(PERIOD));
TWICE.copyWithin(PERIOD, 0, PERIOD);

/** `length` bytes of an endless pattern from `offset` on; at most 65,521. */
export function pattern(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const from = offset % PERIOD;
  return TWICE.subarray(from, from + length);
}

/** Whether `bytes` stand at `offset` of the pattern. */
export function matchesPattern(offset: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += PERIOD) {
    const part = bytes.subarray(at, at + PERIOD);
    if (Buffer.compare(part, pattern(offset + at, part.length)) !== 0) return false;
  }
  return true;
}
