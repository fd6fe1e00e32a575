import { describe, expect, it } from 'vitest';
import { framing } from '../../src/exchange/framing.ts';
import { extractBody } from '../../src/exchange/request-body.ts';
import type { BodySource } from '../../src/options.ts';

async function* nothing(): AsyncGenerator<Uint8Array> {}

describe('framing', () => {
  it.each([
    ['GET', undefined],
    ['HEAD', undefined],
    ['DELETE', undefined],
    ['TRACE', undefined],
    ['OPTIONS', undefined],
    ['CONNECT', undefined],
    ['get', undefined],
    ['POST', 0],
    ['PUT', 0],
    ['PATCH', 0],
    ['post', 0],
    ['QUERY', 0],
    ['MKCOL', 0],
    ['CUSTOM', 0],
  ])('of %s without a body is %s', (method, expected) => {
    expect(framing(method, undefined)).toBe(expected);
  });

  const shared = new Uint8Array(new SharedArrayBuffer(3)) as unknown as BodySource;
  const sources: [string, BodySource, number | 'chunked'][] = [
    ['a string', 'grün', 5],
    ['an empty string', '', 0],
    ['bytes', new Uint8Array(3), 3],
    ['no bytes', new Uint8Array(0), 0],
    ['an ArrayBuffer', new ArrayBuffer(7), 7],
    ['a wider array', new Uint16Array(3), 6],
    ['a DataView', new DataView(new ArrayBuffer(8), 2, 5), 5],
    ['shared memory', shared, 3],
    ['URLSearchParams', new URLSearchParams({ a: '1 2' }), 5],
    ['a Blob', new Blob(['abc']), 3],
    ['an empty Blob', new Blob([]), 0],
    ['a File', new File(['abcd'], 'name'), 4],
    ['a ReadableStream', new Blob(['abc']).stream(), 'chunked'],
    ['a list', [new Uint8Array(3)], 'chunked'],
    ['an empty list', [], 'chunked'],
    ['an iterator', [new Uint8Array(3)].values(), 'chunked'],
    ['a generator', nothing(), 'chunked'],
  ];
  it.each(sources)('of any method with %s', async (_, source, expected) => {
    const body = await extractBody(source);
    for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'CUSTOM']) {
      expect(framing(method, body)).toBe(expected);
      expect(framing(method, body, true)).toBe('chunked');
    }
  });

  it.each(['GET', 'POST'])('of %s without a body is chunked where that is asked for', (method) => {
    expect(framing(method, undefined, true)).toBe('chunked');
  });
});
