import { expect, it } from 'vitest';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { framesOf, record, type SeenFrame, type WriteFrame, wireError } from './frames.ts';
import { fromHex, toHex } from './hex.ts';

/** Tests one frame: its bytes as we write them, what they mean, and that no beginning of them passes for a frame. */
export function golden(name: string, digits: string, write: WriteFrame, seen: SeenFrame): void {
  it(`writes ${name}`, () => {
    expect(toHex(record(write))).toBe(digits.replaceAll(' ', ''));
  });
  goldenToRead(name, digits, seen);
}

/** The same for a form that we read and never write. */
export function goldenToRead(name: string, digits: string, seen: SeenFrame): void {
  it(`reads ${name}`, () => {
    expect(framesOf(fromHex(digits))).toEqual([seen]);
  });
  it(`refuses ${name} cut anywhere`, () => {
    const whole = fromHex(digits);
    for (let length = 1; length < whole.length; length++) {
      expect(wireError(() => framesOf(whole.subarray(0, length))).code, `${length} bytes`).toBe(
        TRANSPORT_ERRORS.FRAME_ENCODING_ERROR,
      );
    }
  });
}
