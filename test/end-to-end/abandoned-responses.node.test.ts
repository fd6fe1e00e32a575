import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { newClient, test } from '../support/fixtures.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** More than fits into all the windows and socket buffers between the origin and a reader that does not read. */
const UNREAD_BYTES = 50_000_000;
const RESPONSES = 20;
const BYTES = 3_000_000;

test.for(['fetch', 'request'] as const)(
  'responses of %s() that are dropped unread free their connections',
  async (how, { gateway, origin }) => {
    const http = newClient(gateway);
    const url = origin.url(`/bytes/${UNREAD_BYTES}`);
    for (let i = 0; i < RESPONSES; i++) {
      if (how === 'fetch') await http.fetch(url);
      else await http.request('GET', url, { preloadContent: false });
    }
    await eventually(async () => {
      collectGarbage();
      expect((await origin.counts()).requestsOpen).toBe(0);
    });
  },
);

test('a body that somebody still has survives its response', async ({ gateway, origin }) => {
  const http = newClient(gateway);
  const { body } = await http.fetch(origin.url(`/bytes/${BYTES}`));
  const copy = (await http.fetch(origin.url(`/bytes/${BYTES}`))).clone();
  const reader = (await http.request('GET', origin.url(`/bytes/${BYTES}`), { preloadContent: false })).body;
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await http.request('GET', origin.url('/hello'));
  }
  expect((await new Response(body).arrayBuffer()).byteLength).toBe(BYTES);
  expect((await copy.arrayBuffer()).byteLength).toBe(BYTES);
  expect((await new Response(reader).arrayBuffer()).byteLength).toBe(BYTES);
});
