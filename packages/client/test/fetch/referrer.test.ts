import { describe, expect, it } from 'vitest';
import { policyOf, referrerFor } from '../../src/fetch/referrer.ts';

const PAGE = 'https://user:secret@page.test/dir/page?query#part';
const FULL = 'https://page.test/dir/page?query';
const ORIGIN = 'https://page.test/';

const SAME = new URL('https://page.test/other');
const FOREIGN = new URL('https://foreign.test/');
const DOWNGRADE = new URL('http://foreign.test/');

describe('referrerFor()', () => {
  it.each([
    ['no-referrer', undefined, undefined, undefined],
    ['origin', ORIGIN, ORIGIN, ORIGIN],
    ['unsafe-url', FULL, FULL, FULL],
    ['strict-origin', ORIGIN, ORIGIN, undefined],
    ['same-origin', FULL, undefined, undefined],
    ['origin-when-cross-origin', FULL, ORIGIN, ORIGIN],
    ['no-referrer-when-downgrade', FULL, FULL, undefined],
    ['strict-origin-when-cross-origin', FULL, ORIGIN, undefined],
  ] as const)('%s', (policy, same, foreign, downgrade) => {
    const sent = [SAME, FOREIGN, DOWNGRADE].map((url) => referrerFor(PAGE, url, policy));
    expect(sent).toEqual([same, foreign, downgrade]);
  });

  it('takes loopback for secure', () => {
    for (const host of ['localhost:1', 'a.localhost', '127.0.0.1', '127.9.8.7:8080', '[::1]']) {
      expect(referrerFor(PAGE, new URL(`http://${host}/`), 'strict-origin')).toBe(ORIGIN);
    }
  });

  it('of a long URL is its origin', () => {
    const long = `${ORIGIN}${'x'.repeat(4_096)}`;
    expect(referrerFor(long, SAME, 'unsafe-url')).toBe(ORIGIN);
  });

  it.each(['no-referrer', '', 'about:blank', 'data:,x', 'blob:https://page.test/x', 'file:///etc'])(
    'of %j is nothing',
    (source) => {
      expect(referrerFor(source, SAME, 'unsafe-url')).toBeUndefined();
    },
  );
});

describe('policyOf()', () => {
  it('is the last that is known', () => {
    const fields = [
      'referrer-policy',
      'origin, Unsafe-URL,later',
      'x',
      'no-referrer',
      'referrer-policy',
      ' newer',
    ];
    expect(policyOf(fields)).toBe('unsafe-url');
    expect(policyOf(['referrer-policy', ''])).toBeUndefined();
    expect(policyOf([])).toBeUndefined();
  });
});
