import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import type { HeadersSource } from '../../src/options.ts';
import { HTTPHeaderDict } from '../../src/pool/http-header-dict.ts';
import { thrown } from '../support/client.ts';

/** Every line, and how names are shown. */
function shown(headers: HTTPHeaderDict): string[] {
  return [...headers].map(([name, value]) => `${name}: ${value}`);
}

describe('HTTPHeaderDict', () => {
  const lines = [
    ['x-one', '1'],
    ['x-two', '2'],
  ] as const;
  const sources: [string, HeadersSource][] = [
    ['an object', { 'x-one': '1', 'x-two': '2' }],
    ['pairs', lines],
    ['a Map', new Map(lines)],
    ['an iterator', lines.values()],
    ['Headers', new Headers({ 'X-One': '1', 'x-two': '2' })],
    ['another one', new HTTPHeaderDict({ 'x-one': '1', 'x-two': '2' })],
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
    expect([...headers.entries()]).toEqual([...headers]);
    expect(headers.size).toBe(2);
  });

  it('shows a name as it was first written, and sends it in lower case', () => {
    const headers = new HTTPHeaderDict([
      ['Set-Cookie', 'a'],
      ['x', 'y'],
      ['SET-COOKIE', 'b'],
      ['X', 'z'],
    ]);
    expect(shown(headers)).toEqual(['Set-Cookie: a', 'x: y', 'Set-Cookie: b', 'x: z']);
    expect([...headers.keys()]).toEqual(['Set-Cookie', 'x']);
    expect([...headers.itermerged()]).toEqual([
      ['Set-Cookie', 'a, b'],
      ['x', 'y, z'],
    ]);
    expect(headers.toLines()).toEqual(['set-cookie', 'a', 'x', 'y', 'set-cookie', 'b', 'x', 'z']);
  });

  it('get() of nothing is undefined, getlist() an empty list or what it was given', () => {
    const headers = new HTTPHeaderDict({ a: '1' });
    expect(headers.getlist('b')).toEqual([]);
    expect(headers.getlist('b', null)).toBeNull();
    expect(headers.getlist('b', ['2'])).toEqual(['2']);
    expect(headers.getlist('a', ['2'])).toEqual(['1']);
  });

  /** What becomes of three lines. */
  const changes: [string, (headers: HTTPHeaderDict) => unknown, unknown, string[]][] = [
    ['set() replaces', (h) => h.set('a', '4'), undefined, ['a: 4', 'B: 2']],
    ['set() shows the new name', (h) => h.set('b', '4'), undefined, ['A: 1', 'b: 4', 'A: 3']],
    ['set() adds', (h) => h.set('C', '4'), undefined, ['A: 1', 'B: 2', 'A: 3', 'C: 4']],
    ['add() adds', (h) => h.add('a', '4'), undefined, ['A: 1', 'B: 2', 'A: 3', 'A: 4']],
    ['add() combines', (h) => h.add('a', '4', { combine: true }), undefined, ['A: 1', 'B: 2', 'A: 3, 4']],
    [
      'add() has nothing to combine with',
      (h) => h.add('c', '4', { combine: true }),
      undefined,
      ['A: 1', 'B: 2', 'A: 3', 'c: 4'],
    ],
    ['delete() removes', (h) => h.delete('a'), true, ['B: 2']],
    ['delete() of nothing', (h) => h.delete('c'), false, ['A: 1', 'B: 2', 'A: 3']],
    ['discard() removes', (h) => h.discard('a'), undefined, ['B: 2']],
    ['discard() of nothing', (h) => h.discard('c'), undefined, ['A: 1', 'B: 2', 'A: 3']],
    ['setdefault() keeps', (h) => h.setdefault('a', '4'), '1, 3', ['A: 1', 'B: 2', 'A: 3']],
    ['setdefault() sets', (h) => h.setdefault('C', '4'), '4', ['A: 1', 'B: 2', 'A: 3', 'C: 4']],
    ['setdefault() sets nothing', (h) => h.setdefault('C'), '', ['A: 1', 'B: 2', 'A: 3', 'C: ']],
    [
      'extend() adds',
      (h) => h.extend({ a: '4', C: '5' }),
      undefined,
      ['A: 1', 'B: 2', 'A: 3', 'A: 4', 'C: 5'],
    ],
    ['extend() with itself', (h) => h.extend(h), undefined, ['A: 1', 'B: 2', 'A: 3', 'A: 1', 'B: 2', 'A: 3']],
    ['update() replaces', (h) => h.update({ a: '4', C: '5' }), undefined, ['a: 4', 'B: 2', 'C: 5']],
    [
      'update() keeps every value it gets',
      (h) =>
        h.update([
          ['b', '4'],
          ['B', '5'],
        ]),
      undefined,
      ['A: 1', 'b: 4', 'A: 3', 'b: 5'],
    ],
    ['update() with itself', (h) => h.update(h), undefined, ['A: 1', 'B: 2', 'A: 3']],
    [
      'a name is forgotten when it is removed',
      (h) => h.discard('b') ?? h.add('b', '4'),
      undefined,
      ['A: 1', 'A: 3', 'b: 4'],
    ],
  ];
  it.each(changes)('%s', (_, change, result, after) => {
    const headers = new HTTPHeaderDict([
      ['A', '1'],
      ['B', '2'],
      ['a', '3'],
    ]);
    expect(change(headers)).toEqual(result);
    expect(shown(headers)).toEqual(after);
  });

  it('merge() makes another one of two', () => {
    const headers = new HTTPHeaderDict({ A: '1' });
    const merged = headers.merge({ a: '2', b: '3' });
    expect(shown(merged)).toEqual(['A: 1', 'A: 2', 'b: 3']);
    expect(shown(headers)).toEqual(['A: 1']);
    expect(shown(new HTTPHeaderDict({ b: '3' }).merge(headers))).toEqual(['b: 3', 'A: 1']);
  });

  it('equals() what has the same values for the same names', () => {
    const headers = new HTTPHeaderDict([
      ['A', '1'],
      ['b', '2'],
      ['a', '3'],
    ]);
    const same: HeadersSource[] = [headers, { B: '2', a: '1, 3' }, new Map([...headers.itermerged()])];
    for (const source of same) expect(headers.equals(source)).toBe(true);
    const others: HeadersSource[] = [{}, { a: '1, 3' }, { a: '3, 1', b: '2' }, { a: '1, 3', c: '2' }];
    for (const source of others) expect(headers.equals(source)).toBe(false);
    expect(headers.equals({ a: '1, 3', b: '2', c: '' })).toBe(false);
    expect(new HTTPHeaderDict().equals({})).toBe(true);
  });

  it('has an empty value, which is not none', () => {
    const headers = new HTTPHeaderDict({ a: '' });
    expect(headers.has('a')).toBe(true);
    expect(headers.get('a')).toBe('');
  });

  it('does not mistake values for names', () => {
    const headers = new HTTPHeaderDict([
      ['b', 'a'],
      ['a', 'b'],
    ]);
    headers.add('a', 'c', { combine: true });
    headers.discard('b');
    expect(shown(headers)).toEqual(['a: b, c']);
    expect(headers.has('b, c')).toBe(false);
    const crossed = new HTTPHeaderDict({ b: 'a', c: 'x' });
    crossed.discard('a');
    expect(shown(crossed)).toEqual(['b: a', 'c: x']);
  });

  it('has names that every object has', () => {
    const headers = new HTTPHeaderDict({ constructor: '1' });
    expect(headers.get('constructor')).toBe('1');
    expect(headers.has('toString')).toBe(false);
    headers.add('__proto__', '2');
    expect([...headers.keys()]).toEqual(['constructor', '__proto__']);
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

  it.each([
    ['the constructor', (headers: HTTPHeaderDict) => new HTTPHeaderDict(headers)],
    ['copy()', (headers: HTTPHeaderDict) => headers.copy()],
  ])('is copied by %s', (_, copyOf) => {
    const first = new HTTPHeaderDict({ Aa: '1', Bb: '2' });
    const second = copyOf(first);
    expect(shown(second)).toEqual(['Aa: 1', 'Bb: 2']);
    second.set('aa', '3');
    second.discard('bb');
    second.add('bb', '4');
    expect(shown(second)).toEqual(['aa: 3', 'bb: 4']);
    expect(shown(first)).toEqual(['Aa: 1', 'Bb: 2']);
  });

  it.each([[7], [undefined], [null], [true], [['a', 'b']]])('refuses %j as a value', (value) => {
    const text = value as unknown as string;
    const headers = new HTTPHeaderDict({ 'x-count': '1' });
    for (const change of [
      () => new HTTPHeaderDict({ 'x-count': text }),
      () => headers.add('x-count', text),
      () => headers.add('x-count', text, { combine: true }),
      () => headers.set('x-count', text),
      () => headers.extend({ 'x-count': text }),
      () => headers.update({ 'x-count': text }),
    ]) {
      const error = thrown(change);
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toMatch(/^header x-count must be a string, got \w+$/);
    }
    expect(shown(headers)).toEqual(['x-count: 1']);
  });
});
