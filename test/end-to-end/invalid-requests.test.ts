import { describe, expect } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { test } from '../support/fixtures.ts';

describe('a request that cannot be sent', () => {
  test.for(['not a url', 'ftp://127.0.0.1/', 'http://', ''])(
    'the URL %j is refused',
    async (url, { http }) => {
      await expect(http.fetch(url)).rejects.toThrow(TypeError);
      await expect(http.request('GET', url)).rejects.toThrow();
    },
  );

  test('an https URL is not sent in the clear', async ({ http, origin }) => {
    await rejection(http.request('GET', origin.url('/hello').replace('http:', 'https:')));
    expect(await origin.counts()).toMatchObject({ requests: [] });
  });

  test('a method that is no token is refused', async ({ http, origin }) => {
    await expect(http.fetch(origin.url('/hello'), { method: 'G ET' })).rejects.toThrow(TypeError);
    await expect(http.request('GET\r\nX: y', origin.url('/hello'))).rejects.toThrow();
    expect(await origin.counts()).toMatchObject({ requests: [] });
  });
});
