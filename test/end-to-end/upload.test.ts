import { describe, expect } from 'vitest';
import { contentBytes, contentStream, type StreamProgress, sha256 } from '../support/content.ts';
import { eventually, rejection, settled } from '../support/eventually.ts';
import { fieldsOf } from '../support/fields.ts';
import { test } from '../support/fixtures.ts';

/** `duplex` is missing from the DOM's type, and both runtimes ask for it with a stream. */
function streaming(body: ReadableStream<Uint8Array>): RequestInit {
  return { method: 'POST', body, duplex: 'half' } as RequestInit;
}

describe('fetch() with a body of each kind', () => {
  test('a ReadableStream goes chunked and arrives whole', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/upload'), streaming(contentStream(1_000_001)));
    expect(await response.json()).toEqual({
      receivedBytes: 1_000_001,
      receivedSha256: await sha256(contentBytes(1_000_001)),
    });
    const fields = fieldsOf((await origin.request('/upload')).rawHeaders);
    expect(fields.get('transfer-encoding')).toBe('chunked');
    expect(fields.has('content-length')).toBe(false);
  });

  test('an empty ReadableStream is an empty body', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/upload'), streaming(contentStream(0)));
    expect(await response.json()).toMatchObject({ receivedBytes: 0 });
  });

  test('a stream without duplex: "half" is refused, as everywhere', async ({ http, origin }) => {
    const init: RequestInit = { method: 'POST', body: contentStream(10) };
    await expect(http.fetch(origin.url('/upload'), init)).rejects.toThrow(TypeError);
  });

  test('a GET with a body is refused', async ({ http, origin }) => {
    await expect(http.fetch(origin.url('/upload'), { body: 'no' })).rejects.toThrow(TypeError);
  });

  test('a Blob goes with its type and length', async ({ http, origin }) => {
    const blob = new Blob([contentBytes(200_000)], { type: 'image/x-test' });
    const response = await http.fetch(origin.url('/upload'), { method: 'PUT', body: blob });
    expect(await response.json()).toMatchObject({ receivedSha256: await sha256(contentBytes(200_000)) });
    const fields = fieldsOf((await origin.request('/upload')).rawHeaders);
    expect(fields.get('content-type')).toBe('image/x-test');
    expect(fields.get('content-length')).toBe('200000');
  });

  test('a FormData goes as multipart with a boundary that fits', async ({ http, origin }) => {
    const form = new FormData();
    form.set('name', 'Grüße');
    form.set('file', new File(['file content'], 'a b.txt', { type: 'text/plain' }));
    await http.fetch(origin.url('/echo'), { method: 'POST', body: form });
    const { rawHeaders } = await origin.request('/echo');
    const type = fieldsOf(rawHeaders).get('content-type') ?? '';
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    const echo = (await (
      await http.fetch(origin.url('/echo?again'), { method: 'POST', body: form })
    ).json()) as {
      rawHeaders: string[];
      body: string;
    };
    const headers = { 'content-type': fieldsOf(echo.rawHeaders).get('content-type') ?? '' };
    const parsed = await new Response(echo.body, { headers }).formData();
    expect(parsed.get('name')).toBe('Grüße');
    expect(await (parsed.get('file') as File).text()).toBe('file content');
    expect((parsed.get('file') as File).name).toBe('a b.txt');
  });

  test('URLSearchParams go as a form', async ({ http, origin }) => {
    const body = new URLSearchParams({ a: '1', b: 'ä &' });
    const response = await http.fetch(origin.url('/echo'), { method: 'POST', body });
    const echo = (await response.json()) as { rawHeaders: string[]; body: string };
    expect(echo.body).toBe('a=1&b=%C3%A4+%26');
    expect(fieldsOf(echo.rawHeaders).get('content-type')).toBe(
      'application/x-www-form-urlencoded;charset=UTF-8',
    );
  });

  test('a view sends its part of the buffer only', async ({ http, origin }) => {
    const view = contentBytes(1000).subarray(100, 350);
    const sent = await sha256(view.slice());
    const response = await http.fetch(origin.url('/upload'), { method: 'POST', body: view });
    expect(await response.json()).toEqual({ receivedBytes: 250, receivedSha256: sent });
    const data = new DataView(contentBytes(1000).buffer, 100, 250);
    const again = await http.fetch(origin.url('/upload?data-view'), { method: 'POST', body: data });
    expect(await again.json()).toEqual({ receivedBytes: 250, receivedSha256: sent });
  });

  test('bytes that the caller changes after fetch() are sent as they were', async ({ http, origin }) => {
    const bytes = contentBytes(500_000);
    const sent = await sha256(bytes);
    const answered = http.fetch(origin.url('/upload'), { method: 'POST', body: bytes });
    bytes.fill(0);
    expect(await (await answered).json()).toMatchObject({ receivedSha256: sent });
  });
});

describe('an upload as a stream', () => {
  test('the source is asked for no more than an origin that reads slowly takes', async ({ http, origin }) => {
    const total = 100_000_000;
    const progress: StreamProgress = { pulledBytes: 0 };
    const answered = http.fetch(
      origin.url('/upload?hold=reading&after=1'),
      streaming(contentStream(total, progress)),
    );
    await eventually(async () => expect((await origin.request('/upload')).receivedBytes).toBeGreaterThan(0));
    expect(await settled(() => progress.pulledBytes)).toBeLessThan(16_000_000);
    await origin.release('reading');
    expect(await (await answered).json()).toEqual({
      receivedBytes: total,
      receivedSha256: await sha256(contentBytes(total)),
    });
  });

  test('the first piece reaches the origin before the last is made', async ({ http, origin }) => {
    const { promise: go, resolve } = Promise.withResolvers<void>();
    const pieces = ['first', 'second'].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const piece = pieces.shift();
        if (!piece) return controller.close();
        if (pieces.length === 0) await go;
        controller.enqueue(piece);
      },
    });
    const answered = http.fetch(origin.url('/upload'), streaming(body));
    await eventually(async () => expect(await origin.request('/upload')).toMatchObject({ receivedBytes: 5 }));
    resolve();
    expect(await (await answered).json()).toMatchObject({ receivedBytes: 11 });
  });

  test('a source that fails fails the request, and the origin never takes it for complete', async ({
    http,
    origin,
  }) => {
    const failure = new Error('disk on fire');
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 3) controller.error(failure);
        else controller.enqueue(contentBytes(10_000));
      },
    });
    const error = await rejection(http.fetch(origin.url('/upload'), streaming(body)));
    expect(error === failure || (error as Error).cause === failure, String(error)).toBe(true);
    // It may have come to the origin or not, and may come late.
    await eventually(async () => {
      for (const { outcome } of await origin.requests('/upload')) expect(outcome).toBe('aborted');
    });
  });

  test('an answer that comes before the body has ended is given, and the rest is not sent', async ({
    http,
    origin,
  }) => {
    const progress: StreamProgress = { pulledBytes: 0 };
    const response = await http.fetch(
      origin.url('/refuse-upload'),
      streaming(contentStream(300_000_000, progress)),
    );
    expect(response.status).toBe(413);
    expect(await response.text()).toBe('too much\n');
    expect(await settled(() => progress.pulledBytes)).toBeLessThan(100_000_000);
    expect((await http.fetch(origin.url('/hello'))).status).toBe(200);
  });

  test('an upload that is held up leaves other requests alone', async ({ http, origin }) => {
    const held = http.fetch(origin.url('/upload?hold=reading&after=1'), streaming(contentStream(50_000_000)));
    await eventually(() => origin.request('/upload'));
    for (let i = 0; i < 10; i++) expect((await http.fetch(origin.url('/hello'))).status).toBe(200);
    await origin.release('reading');
    expect(await (await held).json()).toMatchObject({ receivedBytes: 50_000_000 });
  });
});
