import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { extractBody, type RequestBody } from '../../src/exchange/request-body.ts';
import type { BodySource } from '../../src/options.ts';
import { thrown } from '../support/client.ts';

/** Everything a body gives, from memory or from its source. */
async function contentOf(body: RequestBody): Promise<Buffer> {
  if (body.bytes !== undefined) return Buffer.from(body.bytes);
  const source = body.open!();
  const pieces: Uint8Array[] = [];
  for (let next = await source.next(); !next.done; next = await source.next()) pieces.push(next.value);
  return Buffer.concat(pieces);
}

describe('extractBody', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(65);
  const inMemory: [string, BodySource, string, string | undefined][] = [
    ['a string', 'grün', 'grün', 'text/plain;charset=UTF-8'],
    ['an empty string', '', '', 'text/plain;charset=UTF-8'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb', 'text/plain;charset=UTF-8'],
    [
      'URLSearchParams',
      new URLSearchParams({ a: '1 2', b: 'ü' }),
      'a=1+2&b=%C3%BC',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
    ['an ArrayBuffer', new TextEncoder().encode('abc').buffer, 'abc', undefined],
    ['a Uint8Array', new TextEncoder().encode('abc'), 'abc', undefined],
    ['a part of a buffer', new TextEncoder().encode('xabcx').subarray(1, 4), 'abc', undefined],
    ['a wider array', new Uint16Array(new TextEncoder().encode('abcd').buffer), 'abcd', undefined],
    ['a DataView', new DataView(new TextEncoder().encode('xabc').buffer, 1), 'abc', undefined],
    ['a Buffer', Buffer.from('abc'), 'abc', undefined],
    ['shared memory', shared as unknown as BodySource, 'AAA', undefined],
  ];
  it.each(inMemory)('keeps %s in memory, to be sent as often as needed', async (_, source, text, type) => {
    const body = await extractBody(source);
    expect(body).toMatchObject({ length: Buffer.byteLength(text), type, isReplayable: true });
    expect((await contentOf(body)).toString()).toBe(text);
  });

  it.each([
    ['a Uint8Array', (bytes: Uint8Array<ArrayBuffer>) => bytes],
    ['an ArrayBuffer', (bytes: Uint8Array<ArrayBuffer>) => bytes.buffer],
    ['a DataView', (bytes: Uint8Array<ArrayBuffer>) => new DataView(bytes.buffer)],
  ])('copies %s', async (_, view) => {
    const bytes = new TextEncoder().encode('mine');
    const body = extractBody(view(bytes));
    bytes.fill(0);
    expect((await contentOf(body)).toString()).toBe('mine');
  });

  it('knows length and type of a Blob, and reads it as often as needed', async () => {
    const body = extractBody(new Blob(['blob'], { type: 'image/png' }));
    expect(body).toMatchObject({ bytes: undefined, length: 4, type: 'image/png', isReplayable: true });
    expect((await contentOf(body)).toString()).toBe('blob');
    expect((await contentOf(body)).toString()).toBe('blob');
  });

  it('gives a Blob without a type none', () => {
    expect(extractBody(new Blob(['blob'])).type).toBeUndefined();
  });

  it('knows length and type of a File', async () => {
    const body = extractBody(new File(['file'], 'name.txt', { type: 'text/plain' }));
    expect(body).toMatchObject({ length: 4, type: 'text/plain', isReplayable: true });
  });

  it('writes FormData as multipart that reads back', async () => {
    const form = new FormData();
    form.append('text', 'a "quoted"\r\nvalue');
    form.append('twice', '1');
    form.append('twice', '2');
    form.append(
      'file',
      new File([Uint8Array.of(0, 255, 13, 10)], 'näme.bin', { type: 'application/x-thing' }),
    );
    const extracting = extractBody(form);
    form.append('late', 'not part of it');
    const body = await extracting;
    expect(body.type).toMatch(/^multipart\/form-data; boundary=/);
    expect(body.isReplayable).toBe(true);
    const content = await contentOf(body);
    expect(body.length).toBe(content.length);
    expect(await contentOf(body)).toEqual(content);
    const read = await new Response(new Uint8Array(content), {
      headers: { 'content-type': body.type! },
    }).formData();
    expect(read.has('late')).toBe(false);
    expect(read.get('text')).toBe('a "quoted"\r\nvalue');
    expect(read.getAll('twice')).toEqual(['1', '2']);
    const file = read.get('file') as File;
    expect([file.name, file.type]).toEqual(['näme.bin', 'application/x-thing']);
    expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 255, 13, 10]);
  });

  async function* generate() {
    yield Buffer.from('ab');
    yield Buffer.from('c');
  }
  const streams: [string, () => BodySource][] = [
    ['a ReadableStream', () => new Blob(['ab', 'c']).stream()],
    ['an iterator', () => [Buffer.from('ab'), Buffer.from('c')].values()],
    ['an async generator', generate],
  ];
  it.each(streams)('reads %s once, without knowing its length', async (_, source) => {
    const body = await extractBody(source());
    expect(body).toMatchObject({ bytes: undefined, length: undefined, type: undefined, isReplayable: false });
    expect((await contentOf(body)).toString()).toBe('abc');
  });

  it('refuses a stream that somebody reads', () => {
    const stream = new Blob(['abc']).stream();
    stream.getReader();
    const error = thrown(() => extractBody(stream));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'body_unreadable' });
  });

  it('refuses a stream that somebody has begun to read by the time it is sent', () => {
    const stream = new Blob(['abc']).stream();
    const body = extractBody(stream);
    stream.getReader();
    expect(thrown(() => body.open!())).toMatchObject({ code: 'body_unreadable' });
  });

  it.each([
    ['a number', 7],
    ['true', true],
    ['an object', { a: 1 }],
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
  ])('refuses %s', (_, source) => {
    const error = thrown(() => extractBody(source as unknown as BodySource));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'invalid_option' });
    expect((error as Error).message).toMatch(/^body must be/);
  });

  it('passes on that nobody wants the rest', async () => {
    let cancelled: unknown;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const source = extractBody(stream).open!();
    await source.next();
    await source.return!('enough');
    expect(cancelled).toBe('enough');
  });

  it('ends an iterable that nobody wants the rest of', async () => {
    let isEnded = false;
    function* pieces() {
      try {
        for (;;) yield new Uint8Array(1);
      } finally {
        isEnded = true;
      }
    }
    const source = extractBody(pieces()).open!();
    await source.next();
    await source.return!();
    expect(isEnded).toBe(true);
    // Not every iterator can be ended.
    const plain = extractBody([new Uint8Array(1)]).open!();
    expect(await plain.return!('x')).toEqual({ done: true, value: 'x' });
  });
});
