import { expect } from 'vitest';
import { ContentCheck } from '../support/content.ts';
import { eventually, settled, within } from '../support/eventually.ts';
import { newClient, test } from '../support/fixtures.ts';

const HUGE_BYTES = 300_000_000;

test('a reader that stops after one chunk stops the origin, and nobody else', async ({
  http,
  origin,
  gateway,
}) => {
  await http.request('GET', origin.url('/hello'));
  await gateway.resetPeak();
  const { rssBytes } = await gateway.status();

  const response = await http.fetch(origin.url(`/bytes/${HUGE_BYTES}`));
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const check = new ContentCheck();
  check.push((await reader.read()).value ?? new Uint8Array());
  const sentBytes = await settled(async () => (await origin.request('/bytes')).sentBytes);
  expect(sentBytes).toBeLessThanOrEqual(8_000_000);
  expect((await gateway.status()).peakRssBytes - rssBytes).toBeLessThan(32 * 1024 * 1024);

  const others = Array.from({ length: 20 }, () => http.request('GET', origin.url('/bytes/1000')));
  await within(5_000, '20 small requests beside a stalled one', Promise.all(others));

  // It goes on where it stopped.
  while (check.receivedBytes < 50_000_000) check.push((await reader.read()).value ?? new Uint8Array());
  await reader.cancel();
  await eventually(async () =>
    expect(await origin.request(`/bytes/${HUGE_BYTES}`)).toMatchObject({ outcome: 'aborted' }),
  );
});

test('many stalled readers leave room on the session for one that reads', async ({ gateway, origin }) => {
  const http = newClient(gateway);
  const stalled = await Promise.all(
    Array.from({ length: 50 }, () => http.fetch(origin.url(`/bytes/${HUGE_BYTES}`))),
  );
  await settled(async () => {
    const { requests } = await origin.counts();
    return requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  });
  const read = http.fetch(origin.url('/bytes/5000000')).then((response) => response.arrayBuffer());
  expect((await within(20_000, '5 MB beside 50 stalled bodies', read)).byteLength).toBe(5_000_000);
  await Promise.all(stalled.map((response) => response.body?.cancel()));
  await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
});
