import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { quotePlus, type UrlencodeFields, urlencode } from '../../src/pool/urlencode.ts';
import { thrown } from '../support/client.ts';

describe('quotePlus', () => {
  it.each([
    ['', ''],
    ['abcXYZ019', 'abcXYZ019'],
    ['-._~', '-._~'],
    [' ', '+'],
    ['a  b ', 'a++b+'],
    ['+', '%2B'],
    ['%20', '%2520'],
    ["!*'()", '%21%2A%27%28%29'],
    ['$&,/:;=?@', '%24%26%2C%2F%3A%3B%3D%3F%40'],
    ['"<>[\\]^`{|}#', '%22%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%23'],
    ['\t\r\n\0\x7f', '%09%0D%0A%00%7F'],
    ['ü', '%C3%BC'],
    ['例 え', '%E4%BE%8B+%E3%81%88'],
    ['😀', '%F0%9F%98%80'],
    ['e\u0301', 'e%CC%81'],
    ['\ud800', '%EF%BF%BD'],
  ])('of %j is %s', (text, quoted) => {
    expect(quotePlus(text)).toBe(quoted);
  });

  it('of bytes takes each for itself', () => {
    expect(quotePlus(Uint8Array.of(0, 32, 43, 65, 95, 126, 127, 128, 255))).toBe('%00+%2BA_~%7F%80%FF');
  });
});

describe('urlencode', () => {
  const vectors: [string, UrlencodeFields, string][] = [
    ['nothing', {}, ''],
    ['an object', { a: '1', b: 'two words' }, 'a=1&b=two+words'],
    [
      'pairs, a name as often as it is there',
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
      'a=1&b=2&a=3',
    ],
    ['a Map', new Map([['a', 1]]), 'a=1'],
    ['URLSearchParams', new URLSearchParams('a=1&a=%2B+~'), 'a=1&a=%2B+~'],
    ['an iterator', [['a', 1] as const].values(), 'a=1'],
    ['numbers', { a: 1, b: -1.5, c: 12n }, 'a=1&b=-1.5&c=12'],
    ['truth', { a: true, b: false }, 'a=true&b=false'],
    ['bytes', { a: Uint8Array.of(0xc3, 0xbc, 0xff) }, 'a=%C3%BC%FF'],
    ['what is empty', { '': '', a: '' }, '=&a='],
    ['names with anything in them', { 'a b&c=ü[]': '=' }, 'a+b%26c%3D%C3%BC%5B%5D=%3D'],
  ];
  it.each(vectors)('of %s', (_, fields, text) => {
    expect(urlencode(fields)).toBe(text);
  });

  it.each([
    ['null', null, 'object'],
    ['undefined', undefined, 'undefined'],
    ['a list', ['1', '2'], 'an array'],
    ['a Blob', new Blob([]), 'a Blob'],
    ['an object', {}, 'object'],
    ['a symbol', Symbol('s'), 'symbol'],
  ])('refuses %s', (_, value, got) => {
    const error = thrown(() => urlencode({ a: value } as unknown as UrlencodeFields));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toBe(
      `field a must be text, numbers, booleans or Uint8Array where it is urlencoded, got ${got}`,
    );
  });

  it('refuses what is no pair', () => {
    const error = thrown(() => urlencode([new Blob([])] as unknown as UrlencodeFields));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/^fields must be .+, got a Blob$/);
  });
});
