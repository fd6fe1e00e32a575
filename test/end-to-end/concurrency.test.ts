import { expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { eventually } from '../support/eventually.ts';
import { newClient, test } from '../support/fixtures.ts';

test('500 concurrent fetches each get their own answer', async ({ http, origin }) => {
  const numbers = Array.from({ length: 500 }, (_, i) => i);
  const bodies = await Promise.all(
    numbers.map(async (i) => {
      const response = await http.fetch(origin.url(`/echo?n=${i}`), { method: 'POST', body: `body ${i}` });
      return (await response.json()) as { target: string; body: string };
    }),
  );
  expect(bodies.map(({ target }) => target)).toEqual(numbers.map((i) => `/echo?n=${i}`));
  expect(bodies.map(({ body }) => body)).toEqual(numbers.map((i) => `body ${i}`));
  expect(await origin.requests()).toHaveLength(500);
});

test('500 exchanges are really under way at the same time', async ({ http, origin }) => {
  const texts = Array.from({ length: 500 }, async () =>
    (await http.fetch(origin.url('/slow-start/go'))).text(),
  );
  await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(500), {
    deadlineMs: 30_000,
  });
  await origin.release('go');
  expect(new Set(await Promise.all(texts))).toEqual(new Set(['released\n']));
});

test('200 bodies of different lengths come at once and none gets bytes of another', async ({
  http,
  origin,
}) => {
  const lengths = Array.from({ length: 200 }, (_, i) => i * 997);
  await Promise.all(
    lengths.map(async (length) => {
      const framing = length % 2 === 0 ? '?framing=chunked' : '';
      const response = await http.fetch(origin.url(`/bytes/${length}${framing}`));
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(bytes.length).toBe(length);
      expect(await sha256(bytes)).toBe(await sha256(contentBytes(length)));
    }),
  );
});

test('100 uploads at once, each with its own SHA-256', async ({ http, origin }) => {
  const lengths = Array.from({ length: 100 }, (_, i) => 1 + i * 1_999);
  await Promise.all(
    lengths.map(async (length) => {
      const body = contentBytes(length);
      const response = await http.fetch(origin.url('/upload'), { method: 'POST', body });
      expect(await response.json()).toEqual({
        receivedBytes: length,
        receivedSha256: await sha256(contentBytes(length)),
      });
    }),
  );
});

test('500 requests through 10 blocking connections all finish', async ({ gateway, origin }) => {
  const http = newClient(gateway, { maxsize: 10, block: true });
  const statuses = await Promise.all(
    Array.from({ length: 500 }, async () => (await http.request('GET', origin.url('/hello'))).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await origin.counts()).toMatchObject({ maxConnectionsOpen: 10, connectionsOpened: 10 });
});
