import { describe, expect, it } from 'vitest';
import { closePayload, readClosePayload } from '../../src/websocket/close-status.ts';
import { wireError } from '../support/frames.ts';
import { fromHex, toHex, utf8 } from '../support/hex.ts';

describe('a payload', () => {
  it.each([
    ['', { code: undefined, reason: '' }],
    ['03e8', { code: 1000, reason: '' }],
    ['03f3 6279', { code: 1011, reason: 'by' }],
    ['1387 c3a9e282ac', { code: 4999, reason: 'é€' }],
  ])('%s', (digits, status) => {
    expect(toHex(closePayload(status))).toBe(digits.replaceAll(' ', ''));
    expect(readClosePayload(fromHex(digits))).toEqual(status);
  });

  it('with the longest reason, and with one that is too long', () => {
    const longest = closePayload({ code: 1000, reason: 'r'.repeat(123) });
    expect(readClosePayload(longest).reason).toHaveLength(123);
    const longer = closePayload({ code: 1000, reason: 'r'.repeat(124) });
    expect(wireError(() => readClosePayload(longer)).message).toContain('at most 123 bytes');
  });

  it.each(['03', '03e803e8ff', 'ff'])('%s is refused', (digits) => {
    wireError(() => readClosePayload(fromHex(digits)));
  });

  it('has a code that may be sent', () => {
    const accepted: number[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      try {
        readClosePayload(closePayload({ code, reason: '' }));
        accepted.push(code);
      } catch {
        // Not one of them.
      }
    }
    expect(accepted.filter((code) => code < 3000)).toEqual([
      1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ]);
    expect(accepted.filter((code) => code >= 3000)).toHaveLength(2000);
  });

  it('is refused where its reason is cut in the middle of a character', () => {
    const whole = closePayload({ code: 1000, reason: '€' });
    expect(readClosePayload(whole).reason).toBe('€');
    for (const length of [3, 4])
      expect(wireError(() => readClosePayload(whole.subarray(0, length))).message).toContain('UTF-8');
    expect(utf8('€')).toHaveLength(3);
  });
});
