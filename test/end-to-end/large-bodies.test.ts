import type { PoolManager } from '@hip/client';
import { expect } from 'vitest';
import { ContentCheck, contentBytes, contentStream, sha256 } from '../support/content.ts';
import type { Gateway, Origin } from '../support/control.ts';
import { test } from '../support/fixtures.ts';

const LARGE_BYTES = 100 * 1024 * 1024;
const MEDIUM_BYTES = 20 * 1024 * 1024;

/** Far below the body: what passes through must not stay. */
const GROWTH_BYTES = 32 * 1024 * 1024;

test('100 MB come down as a stream, byte for byte, in constant gateway memory', async ({
  http,
  origin,
  gateway,
}) => {
  const download = async (length: number): Promise<void> => {
    const response = await http.fetch(origin.url(`/bytes/${length}`));
    const check = new ContentCheck();
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) check.push(next.value);
    expect(check.receivedBytes).toBe(length);
  };
  expect(await memoryGrowth(gateway, download)).toBeLessThan(GROWTH_BYTES);
  expect((await origin.request(`/bytes/${LARGE_BYTES}`)).outcome).toBe('complete');
});

test('100 MB come down into an ArrayBuffer with the right SHA-256', async ({ http, origin }) => {
  const response = await http.fetch(origin.url(`/bytes/${LARGE_BYTES}?framing=chunked`));
  expect(await sha256(await response.arrayBuffer())).toBe(await sha256(contentBytes(LARGE_BYTES)));
});

test('100 MB go up from a stream with the right SHA-256, in constant gateway memory', async ({
  http,
  origin,
  gateway,
}) => {
  const upload = async (length: number): Promise<void> => {
    expect(await uploadStream(http, origin, length)).toEqual({
      receivedBytes: length,
      receivedSha256: await sha256(contentBytes(length)),
    });
  };
  expect(await memoryGrowth(gateway, upload)).toBeLessThan(GROWTH_BYTES);
});

test('20 MB go up from a Blob and come with their length', async ({ http, origin }) => {
  const blob = new Blob([contentBytes(MEDIUM_BYTES)]);
  const response = await http.fetch(origin.url('/upload'), { method: 'PUT', body: blob });
  expect(await response.json()).toMatchObject({ receivedBytes: MEDIUM_BYTES });
  const { rawHeaders, receivedSha256 } = await origin.request('/upload');
  expect(rawHeaders).toContain(String(MEDIUM_BYTES));
  expect(receivedSha256).toBe(await sha256(contentBytes(MEDIUM_BYTES)));
});

test('20 MB go each way at once on one session', async ({ http, origin }) => {
  const down = http.fetch(origin.url(`/bytes/${MEDIUM_BYTES}`)).then((response) => response.arrayBuffer());
  const up = uploadStream(http, origin, MEDIUM_BYTES);
  const expected = await sha256(contentBytes(MEDIUM_BYTES));
  expect(await sha256(await down)).toBe(expected);
  expect(await up).toMatchObject({ receivedSha256: expected });
});

async function uploadStream(http: PoolManager, origin: Origin, length: number): Promise<unknown> {
  const body = contentStream(length);
  const response = await http.fetch(origin.url('/upload'), {
    method: 'POST',
    body,
    duplex: 'half',
  } as RequestInit);
  return response.json();
}

/** How far the gateway's peak rises above what it holds after a smaller body of the same kind, in bytes. */
async function memoryGrowth(gateway: Gateway, transfer: (length: number) => Promise<void>): Promise<number> {
  await transfer(MEDIUM_BYTES);
  await gateway.resetPeak();
  const { rssBytes } = await gateway.status();
  await transfer(LARGE_BYTES);
  return (await gateway.status()).peakRssBytes - rssBytes;
}
