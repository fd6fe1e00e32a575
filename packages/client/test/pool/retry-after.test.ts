import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { retryAfterMs } from '../../src/pool/retry-after.ts';
import { InvalidHeader } from '../../src/pool/retry-errors.ts';
import { thrown } from '../support/client.ts';

const NOW_MS = Date.UTC(2019, 5, 3, 11);

describe('retryAfterMs', () => {
  const values: [string, number][] = [
    ['0', 0],
    ['1000', 1_000_000],
    ['\t42 ', 42_000],
    ['007', 7_000],
    // The three forms of RFC 9110 §5.6.7.
    ['Mon, 03 Jun 2019 11:30:12 GMT', 1_812_000],
    ['Monday, 03-Jun-19 11:30:12 GMT', 1_812_000],
    ['Mon Jun  3 11:30:12 2019', 1_812_000],
    ['Wednesday, 05-Jun-19 11:00:00 GMT', 172_800_000],
    ['Mon Jun 10 11:00:00 2019', 604_800_000],
    // What others write.
    ['Mon, 3 Jun 2019 12:00:00 UTC', 3_600_000],
    ['mon, 03 jun 2019 11:30:12 gmt', 1_812_000],
    ['3 Jun 2019 12:00:00 GMT', 3_600_000],
    ['Mon, 03 Jun 2019 12:00:00', 3_600_000],
    ['Mon, 03 Jun 2019 12:30:00 +0100', 1_800_000],
    ['Mon, 03 Jun 2019 12:00:00 -0100', 7_200_000],
    ['Mon, 03-Jun-2019 12:00:00 GMT', 3_600_000],
    // Past.
    ['Mon, 3 Jun 2019 11:00:00 GMT', 0],
    ['Mon, 3 Jun 2019 10:00:00 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Wed, 31 Dec 1969 23:59:59 GMT', 0],
  ];
  it.each(values)('of %j is %i ms', (value, expected) => {
    expect(retryAfterMs(value, NOW_MS)).toBe(expected);
  });

  it.each(['Asia/Tokyo', 'America/New_York'])('is in UTC where it names no zone, also in %s', (zone) => {
    vi.stubEnv('TZ', zone);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect(new Date(NOW_MS).getTimezoneOffset()).not.toBe(0);
    expect(retryAfterMs('Mon Jun  3 11:30:12 2019', NOW_MS)).toBe(1_812_000);
    expect(retryAfterMs('Mon, 03 Jun 2019 11:30:12', NOW_MS)).toBe(1_812_000);
  });

  it.each([
    '',
    ' ',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    '\xb2',
    '1, 2',
    '12 34',
    '1000-',
    'nan',
    'soon',
    'soon 5',
    '12:00:00',
    '2019-06-03T12:00:00Z',
    '2019-06-03 12:00:00',
    'Mon, 32 Jun 2019 12:00:00 GMT',
    'Mon, 03 Foo 2019 12:00:00 GMT',
    'Mon, 03 Jun 2019 25:00:00 GMT',
    'Mon, 03 Jun 2019 11:30:12 GMT, 5',
  ])('of %j is an error', (value) => {
    const error = thrown(() => retryAfterMs(value, NOW_MS));
    expect(error).toBeInstanceOf(InvalidHeader);
    expect(error).toMatchObject({
      message: `Invalid Retry-After header: ${value}`,
      code: 'invalid_header',
      sent: 'always',
    });
  });

  it.each([
    'aaa '.repeat(50_000),
    ' '.repeat(200_000),
    `1${' '.repeat(200_000)}x`,
    '1-1'.repeat(50_000),
    `Mon, 03 Jun 2019 12:00:00 ${'a'.repeat(200_000)}!`,
  ])('of a long value takes no long time (%#)', (value) => {
    const startMs = performance.now();
    expect(thrown(() => retryAfterMs(value, NOW_MS))).toBeInstanceOf(InvalidHeader);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});
