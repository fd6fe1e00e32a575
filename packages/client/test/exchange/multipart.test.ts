import { describe, expect, it } from 'vitest';
import {
  chooseBoundary,
  encodeFormData,
  encodeParts,
  formatMultipartHeaderParam,
  type Part,
} from '../../src/exchange/multipart.ts';
import { textOf } from '../support/multipart.ts';

describe('chooseBoundary', () => {
  it('gives 128 random bits', () => {
    const boundaries = Array.from({ length: 100 }, chooseBoundary);
    for (const boundary of boundaries) expect(boundary).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(boundaries).size).toBe(100);
  });
});

describe('formatMultipartHeaderParam', () => {
  it('escapes what would end the parameter, and nothing else', () => {
    expect(formatMultipartHeaderParam('name', 'a"\r\n\\%22ü')).toBe('name="a%22%0D%0A\\%22ü"');
  });
});

describe('encodeParts', () => {
  const vectors: [string, Part[], string][] = [
    ['no parts', [], '--b--\r\n'],
    ['a text', [{ head: 'A: 1\r\n\r\n', data: 'grün' }], '--b\r\nA: 1\r\n\r\ngrün\r\n--b--\r\n'],
    ['an empty text', [{ head: '\r\n', data: '' }], '--b\r\n\r\n\r\n--b--\r\n'],
    [
      'bytes of every kind',
      [
        { head: '\r\n', data: new TextEncoder().encode('xabcx').subarray(1, 4) },
        { head: '\r\n', data: new TextEncoder().encode('def').buffer },
        { head: '\r\n', data: new DataView(new TextEncoder().encode('xghi').buffer, 1) },
      ],
      '--b\r\n\r\nabc\r\n--b\r\n\r\ndef\r\n--b\r\n\r\nghi\r\n--b--\r\n',
    ],
    ['a header in UTF-8', [{ head: 'A: ü\r\n\r\n', data: '' }], '--b\r\nA: ü\r\n\r\n\r\n--b--\r\n'],
  ];
  it.each(vectors)('puts %s into memory', async (_, parts, text) => {
    const body = encodeParts(parts, 'b');
    expect(body).toBeInstanceOf(Uint8Array);
    expect(await textOf(body)).toBe(text);
  });

  it('is a Blob where a part is one', async () => {
    const body = encodeParts(
      [
        { head: 'A: 1\r\n\r\n', data: 'text' },
        { head: 'A: 2\r\n\r\n', data: new Blob(['first']) },
        { head: 'A: 3\r\n\r\n', data: new File(['second'], 'name') },
      ],
      'b',
    );
    expect(body).toBeInstanceOf(Blob);
    const text =
      '--b\r\nA: 1\r\n\r\ntext\r\n--b\r\nA: 2\r\n\r\nfirst\r\n--b\r\nA: 3\r\n\r\nsecond\r\n--b--\r\n';
    expect((body as Blob).size).toBe(text.length);
    expect(await textOf(body)).toBe(text);
    expect(await textOf(body)).toBe(text);
  });

  it.each([
    ['alone', []],
    ['beside a Blob', [{ head: '\r\n', data: new Blob(['x']) }]],
  ])('copies bytes %s', async (_, others: Part[]) => {
    const bytes = new TextEncoder().encode('mine');
    const body = encodeParts([{ head: '\r\n', data: bytes }, ...others], 'b');
    bytes.fill(0);
    expect(await textOf(body)).toContain('mine');
  });

  it('takes shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(65) as Uint8Array as Uint8Array<ArrayBuffer>;
    for (const other of ['x', new Blob(['x'])]) {
      const body = encodeParts(
        [
          { head: '\r\n', data: shared },
          { head: '\r\n', data: other },
        ],
        'b',
      );
      expect(await textOf(body)).toBe('--b\r\n\r\nAAA\r\n--b\r\n\r\nx\r\n--b--\r\n');
    }
  });
});

describe('encodeFormData', () => {
  function form(...entries: [name: string, value: string | Blob, filename?: string][]): FormData {
    const data = new FormData();
    for (const [name, value, filename] of entries) {
      if (typeof value === 'string') data.append(name, value);
      else if (filename === undefined) data.append(name, value);
      else data.append(name, value, filename);
    }
    return data;
  }

  const vectors: [string, FormData, string][] = [
    ['nothing', form(), '--b--\r\n'],
    [
      'texts',
      form(['a', '1'], ['ü', '例']),
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
        '--b\r\nContent-Disposition: form-data; name="ü"\r\n\r\n例\r\n--b--\r\n',
    ],
    [
      'lines that end in any way',
      form(['a\nb\r\nc\rd"', 'a\nb\r\nc\rd"\n\r']),
      '--b\r\nContent-Disposition: form-data; name="a%0D%0Ab%0D%0Ac%0D%0Ad%22"\r\n\r\n' +
        'a\r\nb\r\nc\r\nd"\r\n\r\n\r\n--b--\r\n',
    ],
    [
      'a Blob',
      form(['a', new Blob(['\n'])]),
      '--b\r\nContent-Disposition: form-data; name="a"; filename="blob"\r\n' +
        'Content-Type: application/octet-stream\r\n\r\n\n\r\n--b--\r\n',
    ],
    [
      'a File',
      form(['a', new File(['x'], 'ä"\n.png', { type: 'image/png' })]),
      '--b\r\nContent-Disposition: form-data; name="a"; filename="ä%22%0A.png"\r\n' +
        'Content-Type: image/png\r\n\r\nx\r\n--b--\r\n',
    ],
    [
      'a Blob with a name',
      form(['a', new Blob(['x'], { type: 'text/x' }), 'n']),
      '--b\r\nContent-Disposition: form-data; name="a"; filename="n"\r\nContent-Type: text/x\r\n\r\nx\r\n--b--\r\n',
    ],
  ];
  it.each(vectors)('writes %s as the standard says', async (_, data, text) => {
    const { body, contentType } = encodeFormData(data, 'b');
    expect(contentType).toBe('multipart/form-data; boundary=b');
    expect(await textOf(body)).toBe(text);
  });

  it.each(vectors)('writes %s as the platform does', async (_, data) => {
    const response = new Response(data);
    const boundary = /boundary=(.*)$/.exec(response.headers.get('content-type') as string)?.[1];
    const { body } = encodeFormData(data, boundary);
    expect(await textOf(body)).toBe(await response.text());
  });

  it.each(vectors)('writes %s so that the platform reads it', async (_, data) => {
    const { body, contentType } = encodeFormData(data);
    const read = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    const normalized = (text: string) => text.replace(/\r\n?|\n/g, '\r\n');
    const seen = async ([name, value]: [string, FormDataEntryValue], lines: (text: string) => string) => {
      if (typeof value === 'string') return [lines(name), lines(value)];
      return [lines(name), value.name, value.type || 'application/octet-stream', await value.text()];
    };
    expect(await Promise.all([...read].map((entry) => seen(entry, (text) => text)))).toEqual(
      await Promise.all([...data].map((entry) => seen(entry, normalized))),
    );
  });
});
