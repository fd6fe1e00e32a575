import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import type { HeadersSource } from '../../src/options.ts';
import { HTTPHeaderDict } from '../../src/pool/http-header-dict.ts';
import { thrown } from '../support/client.ts';

describe('HTTPHeaderDict', () => {
  const lines = [
    ['x-one', '1'],
    ['x-two', '2'],
  ] as const;
  const sources: [string, HeadersSource][] = [
    ['an object', { 'X-One': '1', 'x-two': '2' }],
    ['pairs', lines],
    ['a Map', new Map(lines)],
    ['Headers', new Headers({ 'X-One': '1', 'x-two': '2' })],
    ['another one', new HTTPHeaderDict({ 'X-One': '1', 'x-two': '2' })],
  ];
  it.each(sources)('may start with %s', (_, source) => {
    expect([...new HTTPHeaderDict(source)]).toEqual(lines);
  });

  it('may start with nothing', () => {
    expect([...new HTTPHeaderDict()]).toEqual([]);
  });

  it('finds names however they are written', () => {
    const headers = new HTTPHeaderDict({ 'Content-Type': 'text/plain' });
    for (const name of ['content-type', 'CONTENT-TYPE', 'Content-Type']) {
      expect(headers.get(name)).toBe('text/plain');
      expect(headers.has(name)).toBe(true);
      expect(headers.getlist(name)).toEqual(['text/plain']);
    }
    expect(headers.get('content')).toBeUndefined();
    expect(headers.has('content')).toBe(false);
    expect(headers.getlist('content')).toEqual([]);
    expect(headers.has('text/plain')).toBe(false);
  });

  it('keeps every value of a name; get() joins them', () => {
    const headers = new HTTPHeaderDict();
    headers.add('Set-Cookie', 'a=1');
    headers.add('x', 'y');
    headers.add('set-cookie', 'b=2');
    expect(headers.getlist('SET-COOKIE')).toEqual(['a=1', 'b=2']);
    expect(headers.get('set-cookie')).toBe('a=1, b=2');
    expect([...headers]).toEqual([
      ['set-cookie', 'a=1'],
      ['x', 'y'],
      ['set-cookie', 'b=2'],
    ]);
  });

  it('set() replaces all values, discard() removes them', () => {
    const headers = new HTTPHeaderDict([
      ['a', '1'],
      ['b', 'a'],
      ['A', '2'],
    ]);
    headers.set('A', '3');
    expect([...headers]).toEqual([
      ['b', 'a'],
      ['a', '3'],
    ]);
    headers.discard('a');
    expect([...headers]).toEqual([['b', 'a']]);
    headers.discard('a');
    expect(headers.get('b')).toBe('a');
  });

  it('has an empty value, which is not none', () => {
    const headers = new HTTPHeaderDict({ a: '' });
    expect(headers.has('a')).toBe(true);
    expect(headers.get('a')).toBe('');
  });

  it('goes to lines and back, as a copy', () => {
    const source = ['a', '1', 'b', '2', 'a', '3'];
    const headers = HTTPHeaderDict.fromLines(source);
    const copy = headers.toLines();
    expect(copy).toEqual(source);
    copy.push('c', '4');
    source.length = 0;
    expect(headers.toLines()).toEqual(['a', '1', 'b', '2', 'a', '3']);
  });

  it('copies the one it starts with', () => {
    const first = new HTTPHeaderDict({ a: '1' });
    const second = new HTTPHeaderDict(first);
    second.set('a', '2');
    expect(first.get('a')).toBe('1');
  });

  it.each([[7], [undefined], [null], [true], [['a', 'b']]])('refuses %j as a value', (value) => {
    const error = thrown(() => new HTTPHeaderDict({ 'x-count': value as unknown as string }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/^header x-count must be a string, got \w+$/);
  });
});
