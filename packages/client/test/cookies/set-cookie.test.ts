import { describe, expect, it } from 'vitest';
import type { Cookie } from '../../src/cookies/cookie.ts';
import { isCookie } from '../../src/cookies/cookie.ts';
import { maxCookieLifetimeMs } from '../../src/cookies/cookie-limits.ts';
import { readSetCookie } from '../../src/cookies/set-cookie.ts';

const NOW = Date.UTC(2026, 0, 1);

function read(line: string, url = 'https://www.shop.example/cart/items'): Cookie | string {
  const parsed = new URL(url);
  return readSetCookie(line, { url: parsed, isSecure: parsed.protocol === 'https:', nowMs: NOW });
}

const PLAIN: Cookie = {
  name: 'a',
  value: '1',
  domain: 'www.shop.example',
  hostOnly: true,
  path: '/cart',
  secure: false,
  httpOnly: false,
  sameSite: 'default',
  expiresMs: null,
  createdMs: NOW,
};

describe('a line', () => {
  const kept: [line: string, differs: Partial<Cookie>][] = [
    ['a=1', {}],
    ['  a =\t1 ;', {}],
    ['a="1"', { value: '"1"' }],
    ['a=1=2', { value: '1=2' }],
    ['a=', { value: '' }],
    ['a', { name: '', value: 'a' }],
    ['=a', { name: '', value: 'a' }],
    // UTF-8 as the wire has it, one character a byte; the last byte of a letter may look like a space.
    ['a=voil\u00c3\u00a0', { value: 'voil\u00c3\u00a0' }],
    ['a=1; Unknown=2; priority=high; Partitioned', {}],
    ['a=1; Secure; HttpOnly', { secure: true, httpOnly: true }],
    ['a=1; sECURE=no', { secure: true }],
    ['a=1; SameSite=Strict', { sameSite: 'strict' }],
    ['a=1; SameSite=Strict; samesite=LAX', { sameSite: 'lax' }],
    ['a=1; SameSite=None', { sameSite: 'none' }],
    ['a=1; SameSite=else', { sameSite: 'default' }],
    ['a=1; Path=/', { path: '/' }],
    ['a=1; Path=/x/; path = /y', { path: '/y' }],
    ['a=1; Path=x', { path: '/cart' }],
    ['a=1; Path=', { path: '/cart' }],
    ['a=1; Domain=shop.example', { domain: 'shop.example', hostOnly: false }],
    ['a=1; Domain=.SHOP.Example', { domain: 'shop.example', hostOnly: false }],
    ['a=1; Domain=www.shop.example', { hostOnly: false }],
    ['a=1; Domain=', {}],
    ['__Secure-a=1; Secure', { name: '__Secure-a', secure: true }],
    ['__Host-a=1; Secure; Path=/', { name: '__Host-a', secure: true, path: '/' }],
    [`a=1; Path=/${'p'.repeat(1_023)}`, { path: `/${'p'.repeat(1_023)}` }],
    [`a=1; Path=/${'p'.repeat(1_024)}`, {}],
    [`a=${'v'.repeat(4_095)}`, { value: 'v'.repeat(4_095) }],
  ];
  it.each(kept)('%s', (line, differs) => {
    const cookie = read(line);
    expect(cookie).toEqual({ ...PLAIN, ...differs });
    expect(isCookie(cookie)).toBe(true);
  });

  const refused: [line: string, why: RegExp][] = [
    ['', /neither a name nor a value/],
    [' = ; Path=/', /neither a name nor a value/],
    ['; a=1', /neither a name nor a value/],
    ['a=1\u0000', /characters/],
    ['a=1\u007f; Path=/', /characters/],
    ['a=1; Path=/\u0007', /characters/],
    ['a=\u0100', /characters/],
    [`a=${'v'.repeat(4_096)}`, /longer than 4096 bytes/],
    ['a=1; Domain=example', /public suffix/],
    ['a=1; Domain=co.uk', /public suffix/],
    ['a=1; Domain=github.io', /public suffix/],
    ['a=1; Domain=127.0.0.1', /public suffix|does not cover/],
    ['a=1; Domain=other.example', /does not cover/],
    ['a=1; Domain=hop.example', /does not cover/],
    ['a=1; Domain=a.www.shop.example', /does not cover/],
    ['a=1; Domain=sh\u00f6p.example', /ASCII/],
    ['a=1; Domain=%%%', /public suffix|does not cover/],
    ['__Secure-a=1', /demands Secure/],
    ['__SECURE-a=1', /demands Secure/],
    ['__Host-a=1; Path=/', /demands Secure/],
    ['__Host-a=1; Secure', /demands Path/],
    ['__host-a=1; Secure; Path=/cart', /demands Path/],
    ['__Host-a=1; Secure; Path=/; Domain=www.shop.example', /demands Path/],
    ['=__Secure-a=1; Secure', /no name/],
    ['__Host-; Secure; Path=/', /no name/],
  ];
  it.each(refused)('%s is ignored', (line, why) => {
    expect(read(line)).toMatch(why);
  });

  it('that is Secure is for https: alone', () => {
    expect(read('a=1; Secure', 'http://www.shop.example/')).toMatch(/came over http:/);
    expect(read('a=1', 'http://www.shop.example/')).toMatchObject({ secure: false });
  });

  it.each([
    ['https://co.uk/', 'co.uk'],
    ['https://intranet/', 'intranet'],
    ['https://127.0.0.1/', '127.0.0.1'],
    ['https://[::1]/', '[::1]'],
  ])('at %s, whose Domain is just that, belongs to that host alone', (url, domain) => {
    expect(read(`a=1; Domain=${domain}`, url)).toMatchObject({ domain, hostOnly: true });
  });

  it.each([
    ['https://a.example/', '/'],
    ['https://a.example/x', '/'],
    ['https://a.example/x/', '/x'],
    ['https://a.example/x/y?z=/q/', '/x'],
    ['https://a.example/%C3%A0/y', '/%C3%A0'],
  ])('without a Path at %s is for %s', (url, path) => {
    expect(read('a=1', url)).toMatchObject({ path });
  });

  it('for a path that is too long is ignored', () => {
    expect(read('a=1', `https://a.example/${'p'.repeat(1_024)}/x`)).toMatch(/path/);
  });
});

describe('a date', () => {
  const last = NOW + maxCookieLifetimeMs;
  it.each([
    ['Max-Age=60', NOW + 60_000],
    ['Max-Age=0', 0],
    ['Max-Age=-5', 0],
    ['Max-Age=99999999999', last],
    [`Max-Age=${'9'.repeat(400)}`, last],
    ['Max-Age=1e3', null],
    ['Max-Age="60"', null],
    ['Max-Age=', null],
    ['Max-Age=60; Max-Age=x', NOW + 60_000],
    ['Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', NOW + 60_000],
    ['Expires=Sat, 03 Jan 2026 00:00:00 GMT', Date.UTC(2026, 0, 3)],
    ['Expires=Saturday, 03-Jan-26 00:00:00 GMT', Date.UTC(2026, 0, 3)],
    ['Expires=Sat Jan  3 00:00:00 2026', Date.UTC(2026, 0, 3)],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Expires=Fri, 31 Dec 9999 23:59:59 GMT', last],
    ['Expires=tomorrow', null],
    ['Expires=Sat, 32 Jan 2026 00:00:00 GMT', null],
  ])('%s', (attribute, expiresMs) => {
    expect(read(`a=1; ${attribute}`)).toMatchObject({ expiresMs });
  });
});

describe('anything', () => {
  it('is read without an exception', () => {
    const parts = [
      'a',
      '=',
      ';',
      ' ',
      'Domain',
      'Path',
      '/',
      '.',
      'Expires',
      '"',
      'é',
      '\u0000',
      '%',
      '[',
      ',',
      '-1',
      '__Host-',
    ];
    let seed = 7;
    const next = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let i = 0; i < 5_000; i++) {
      const line = Array.from({ length: next(12) }, () => parts[next(parts.length)]).join('');
      const result = read(line);
      expect(typeof result === 'string' || isCookie(result), JSON.stringify(line)).toBe(true);
    }
  });

  it('that is refused is refused in words that repeat nothing of it', () => {
    for (const line of [
      'canary=1; Domain=canary.test',
      '__Host-canary=canary',
      `canary=${'canary'.repeat(999)}`,
    ]) {
      const reason = read(line);
      expect(reason).toBeTypeOf('string');
      expect(reason).not.toContain('canary');
    }
  });
});
