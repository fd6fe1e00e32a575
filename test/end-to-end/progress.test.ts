import type { TransferProgress } from '@hip/client';
import { describe, expect } from 'vitest';
import { compressed } from '../support/compressed.ts';
import { contentBytes, contentStream } from '../support/content.ts';
import { eventually, rejection, settled } from '../support/eventually.ts';
import { newRawOrigin, test } from '../support/fixtures.ts';

// onUploadProgress and onDownloadProgress, of both façades.

const LARGE_BYTES = 30_000_000;

/** What a listener heard, and whether it is what every transfer must tell. */
function listener(): { heard: TransferProgress[]; listen: (progress: TransferProgress) => void } {
  const heard: TransferProgress[] = [];
  return { heard, listen: (progress) => void heard.push(progress) };
}

/** From 0 to the end, never back, with one last event. */
function expectWhole(heard: TransferProgress[], loaded: number, total: number | undefined): void {
  const counts = heard.map((progress) => progress.loaded);
  expect(counts[0]).toBe(0);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(new Set(heard.map((progress) => progress.total))).toEqual(new Set([total]));
  expect(heard.filter(({ done }) => done)).toEqual([{ loaded, total, done: true }]);
  expect(heard.at(-1)?.done).toBe(true);
}

describe('onUploadProgress', () => {
  test('stands still while the origin takes nothing, and goes on when it does', async ({ http, origin }) => {
    const { heard, listen } = listener();
    const answered = http.fetch(origin.url('/upload?hold=reading&after=1'), {
      method: 'PUT',
      body: new Blob([contentBytes(LARGE_BYTES)]),
      hip: { onUploadProgress: listen },
    });
    await eventually(async () => expect((await origin.request('/upload')).receivedBytes).toBeGreaterThan(0));
    const stalled = await settled(() => heard.at(-1)?.loaded ?? 0);
    expect(stalled).toBeGreaterThan(0);
    // What the kernel's buffers, the gateway's and a window hold.
    expect(stalled).toBeLessThan(16_000_000);
    await origin.release('reading');
    await (await answered).text();
    expectWhole(heard, LARGE_BYTES, LARGE_BYTES);
  });

  test('comes of every kind of body, with its total where that is known', async ({ http, origin }) => {
    const form = new FormData();
    form.set('file', new Blob([contentBytes(300_000)]), 'name');
    const bodies: [body: BodyInit, total: number | undefined][] = [
      ['text', 4],
      [contentBytes(300_000), 300_000],
      [contentStream(300_000), undefined],
    ];
    for (const [body, total] of bodies) {
      const { heard, listen } = listener();
      const init = { method: 'POST', body, duplex: 'half', hip: { onUploadProgress: listen } };
      const response = await http.fetch(origin.url('/upload'), init);
      const { receivedBytes } = (await response.json()) as { receivedBytes: number };
      expectWhole(heard, receivedBytes, total);
    }
    const { heard, listen } = listener();
    await http.request('POST', origin.url('/upload?form'), { body: form, onUploadProgress: listen });
    const { receivedBytes } = await origin.request('/upload?form');
    expectWhole(heard, receivedBytes, receivedBytes);
  });

  test('tells no end of an upload that the origin cuts short', async ({ http, origin }) => {
    const { heard, listen } = listener();
    const response = await http.fetch(origin.url('/refuse-upload'), {
      method: 'POST',
      body: new Blob([contentBytes(LARGE_BYTES)]),
      hip: { onUploadProgress: listen },
    });
    expect(response.status).toBe(413);
    await settled(() => heard.length);
    expect(heard.some(({ done }) => done)).toBe(false);
  });
});

describe('onDownloadProgress', () => {
  test('comes about 20 times a second, of both façades', async ({ http, origin }) => {
    const fetched = listener();
    const response = await http.fetch(origin.url(`/bytes/${LARGE_BYTES}`), {
      hip: { onDownloadProgress: fetched.listen },
    });
    await response.arrayBuffer();
    expectWhole(fetched.heard, LARGE_BYTES, LARGE_BYTES);
    const requested = listener();
    const { timings } = await http.request('GET', origin.url(`/bytes/${LARGE_BYTES}?again`), {
      onDownloadProgress: requested.listen,
    });
    const tookMs = performance.now() - timings.startedAtMs;
    expectWhole(requested.heard, LARGE_BYTES, LARGE_BYTES);
    expect(requested.heard.length).toBeLessThanOrEqual(tookMs / 50 + 3);
  });

  test('has no total of chunks', async ({ http, origin }) => {
    const { heard, listen } = listener();
    const url = origin.url('/bytes/100000?framing=chunked');
    await (await http.fetch(url, { hip: { onDownloadProgress: listen } })).text();
    expectWhole(heard, 100_000, undefined);
  });

  test('counts coded content as it came', async ({ http }) => {
    const gzip = await compressed('gzip', 1_000_000);
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${gzip.length}\r\n\r\n`;
    const { url } = await newRawOrigin({ bytes: head + String.fromCharCode(...gzip), ending: 'close' });
    const { heard, listen } = listener();
    const response = await http.fetch(url, { hip: { onDownloadProgress: listen } });
    expect((await response.arrayBuffer()).byteLength).toBe(1_000_000);
    expect(gzip.length).toBeLessThan(10_000);
    expectWhole(heard, gzip.length, gzip.length);
  });

  test('stands still while nobody reads', async ({ http, origin }) => {
    const { heard, listen } = listener();
    const response = await http.fetch(origin.url(`/bytes/${LARGE_BYTES}`), {
      hip: { onDownloadProgress: listen },
    });
    expect(await settled(() => heard.at(-1)?.loaded)).toBeLessThan(16_000_000);
    await response.arrayBuffer();
    expectWhole(heard, LARGE_BYTES, LARGE_BYTES);
  });

  test('tells no end of content that breaks off', async ({ http, origin }) => {
    const { heard, listen } = listener();
    const response = await http.fetch(origin.url('/short'), { hip: { onDownloadProgress: listen } });
    await rejection(response.text());
    await settled(() => heard.length);
    expect(heard[0]).toEqual({ loaded: 0, total: 1000, done: false });
    expect(heard.some(({ done }) => done)).toBe(false);
  });
});
