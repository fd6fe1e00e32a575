import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { encodeMultipartFormdata, type MultipartFields } from '../../src/pool/encode-multipart.ts';
import { RequestField } from '../../src/pool/request-field.ts';
import { thrown } from '../support/client.ts';
import { textOf } from '../support/multipart.ts';

const DISPOSITION = 'Content-Disposition: form-data; ';

/** A body, from the header lines and the content of each part. */
function bodyOf(...parts: [head: string[], data: string][]): string {
  const written = parts.map(([head, data]) => `--b\r\n${[...head, '', data].join('\r\n')}\r\n`);
  return `${written.join('')}--b--\r\n`;
}

describe('encodeMultipartFormdata', () => {
  const field = new RequestField('a', 'data', 'f.txt', { 'X-A': '1' });
  const bare = new RequestField('a', 7);
  field.makeMultipart({ contentType: 'text/x' });
  const vectors: [string, MultipartFields, string][] = [
    ['nothing', {}, bodyOf()],
    ['no pairs', [], bodyOf()],
    [
      'an object',
      { a: '1', ü: 'ö' },
      bodyOf([[`${DISPOSITION}name="a"`], '1'], [[`${DISPOSITION}name="ü"`], 'ö']),
    ],
    [
      'pairs, a name as often as it is there',
      [
        ['a', '1'],
        ['a', '2'],
      ],
      bodyOf([[`${DISPOSITION}name="a"`], '1'], [[`${DISPOSITION}name="a"`], '2']),
    ],
    ['a Map', new Map([['a', '1']]), bodyOf([[`${DISPOSITION}name="a"`], '1'])],
    ['URLSearchParams', new URLSearchParams('a=+'), bodyOf([[`${DISPOSITION}name="a"`], ' '])],
    [
      'numbers and truth',
      { a: 7, b: 12n, c: true },
      bodyOf(
        [[`${DISPOSITION}name="a"`], '7'],
        [[`${DISPOSITION}name="b"`], '12'],
        [[`${DISPOSITION}name="c"`], 'true'],
      ),
    ],
    ['bytes', { a: new TextEncoder().encode('\0ü') }, bodyOf([[`${DISPOSITION}name="a"`], '\0ü'])],
    [
      'an ArrayBuffer',
      { a: new TextEncoder().encode('x').buffer },
      bodyOf([[`${DISPOSITION}name="a"`], 'x']),
    ],
    ['lines as they are', { a: '\n\r\n\r' }, bodyOf([[`${DISPOSITION}name="a"`], '\n\r\n\r'])],
    [
      'a file of text',
      { a: ['f.txt', 'data'] },
      bodyOf([[`${DISPOSITION}name="a"; filename="f.txt"`, 'Content-Type: text/plain'], 'data']),
    ],
    [
      'a file with its type',
      [['a', ['f.txt', 'data', 'image/x']]],
      bodyOf([[`${DISPOSITION}name="a"; filename="f.txt"`, 'Content-Type: image/x'], 'data']),
    ],
    ['a Blob', { a: new Blob(['data']) }, bodyOf([[`${DISPOSITION}name="a"`], 'data'])],
    [
      'a File',
      { a: new File(['data'], 'f.csv') },
      bodyOf([[`${DISPOSITION}name="a"; filename="f.csv"`, 'Content-Type: text/csv'], 'data']),
    ],
    [
      'RequestFields',
      [field, bare],
      bodyOf(
        [[`${DISPOSITION}name="a"; filename="f.txt"`, 'Content-Type: text/x', 'X-A: 1'], 'data'],
        [[], '7'],
      ),
    ],
    ['both', new Set([['a', '1'] as const, bare]), bodyOf([[`${DISPOSITION}name="a"`], '1'], [[], '7'])],
  ];
  it.each(vectors)('writes %s', async (_, fields, text) => {
    const { body, contentType } = encodeMultipartFormdata(fields, 'b');
    expect(contentType).toBe('multipart/form-data; boundary=b');
    expect(await textOf(body)).toBe(text);
  });

  it('writes FormData as the platform does', async () => {
    const form = new FormData();
    form.append('a', '\n');
    form.append('f', new Blob(['x']));
    const { body } = encodeMultipartFormdata(form, 'b');
    const file = [`${DISPOSITION}name="f"; filename="blob"`, 'Content-Type: application/octet-stream'];
    expect(await textOf(body)).toBe(bodyOf([[`${DISPOSITION}name="a"`], '\r\n'], [file, 'x']));
  });

  it('chooses a boundary that no other body has', async () => {
    const [one, two] = [encodeMultipartFormdata({ a: '1' }), encodeMultipartFormdata({ a: '1' })];
    expect(one.contentType).not.toBe(two.contentType);
    const [, boundary] = /^multipart\/form-data; boundary=([0-9a-f]{32})$/.exec(one.contentType)!;
    expect(await textOf(one.body)).toBe(
      `--${boundary}\r\n${DISPOSITION}name="a"\r\n\r\n1\r\n--${boundary}--\r\n`,
    );
  });

  it('refers to a file, however large, and does not read it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hip-form-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, 'large');
    const fileBytes = 3 * 2 ** 30;
    // Sparse: nothing is written.
    await writeFile(path, '');
    await truncate(path, fileBytes);
    const { body } = encodeMultipartFormdata({ a: ['f', await openAsBlob(path)], b: 'last' }, 'b');
    const head = [`${DISPOSITION}name="a"; filename="f"`, 'Content-Type: application/octet-stream'];
    const [before, after] = bodyOf([head, '|'], [[`${DISPOSITION}name="b"`], 'last']).split('|');
    const blob = body as Blob;
    expect(blob.size).toBe(before!.length + fileBytes + after!.length);
    expect(await blob.slice(0, before!.length + 1).text()).toBe(`${before}\0`);
    expect(await blob.slice(-after!.length - 1).text()).toBe(`\0${after}`);
  });

  it.each([
    ['a', 'a'],
    ['----WebKitFormBoundaryAb0', '----WebKitFormBoundaryAb0'],
    ["a'+_.-1", "a'+_.-1"],
    ['a b', '"a b"'],
    ['a:b=c?', '"a:b=c?"'],
    ['(a),/', '"(a),/"'],
    ['x'.repeat(70), 'x'.repeat(70)],
  ])('takes %j as a boundary', async (boundary, parameter) => {
    for (const fields of [{ a: '1' }, new FormData()]) {
      const { body, contentType } = encodeMultipartFormdata(fields, boundary);
      expect(contentType).toBe(`multipart/form-data; boundary=${parameter}`);
      expect(await textOf(body)).toMatch(/\r\n$/);
      expect((await textOf(body)).split('\r\n').at(-2)).toBe(`--${boundary}--`);
    }
  });

  it.each([[''], ['a '], ['a"b'], ['a\\b'], ['a\r\nb'], ['ü'], ['a;b'], ['x'.repeat(71)]])(
    'refuses %j as a boundary',
    (boundary) => {
      const error = thrown(() => encodeMultipartFormdata({}, boundary));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toMatch(
        /^multipartBoundary must be 1 to 70 of the characters RFC 2046/,
      );
    },
  );

  it.each([
    ['null', null],
    ['undefined', undefined],
    ['an object', {}],
    ['a symbol', Symbol('s')],
    ['a function', () => {}],
    ['a file of nothing', ['f', null]],
    ['a name alone', ['f']],
    ['a list', ['f', ['1', '2']]],
  ])('refuses %s as a field', (_, value) => {
    const error = thrown(() => encodeMultipartFormdata({ a: value } as unknown as MultipartFields));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/^field a must be a string, number, boolean, bytes or Blob/);
  });
});
