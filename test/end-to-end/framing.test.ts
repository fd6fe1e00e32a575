import { describe, expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { newRawOrigin, test } from '../support/fixtures.ts';

describe('bodies in each framing of HTTP/1.1', () => {
  test.for([0, 1, 65_535, 65_536, 65_537, 1_000_000])(
    '%i bytes arrive whole, with a length and chunked',
    async (length, { http, origin }) => {
      const expected = await sha256(contentBytes(length));
      const known = await http.fetch(origin.url(`/bytes/${length}`));
      expect(known.headers.get('content-length')).toBe(String(length));
      expect(await sha256(await known.arrayBuffer())).toBe(expected);
      const chunked = await http.fetch(origin.url(`/bytes/${length}?framing=chunked`));
      expect(chunked.headers.get('content-length')).toBe(null);
      expect(await sha256(await chunked.arrayBuffer())).toBe(expected);
    },
  );

  test('ten thousand chunks of one byte arrive whole', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/bytes/10000?framing=chunked&piece=1'));
    expect(await sha256(await response.arrayBuffer())).toBe(await sha256(contentBytes(10_000)));
  });

  test('an empty body ends at once and frees the connection', async ({ http, origin }) => {
    expect(await (await http.fetch(origin.url('/empty'))).text()).toBe('');
    expect(await (await http.fetch(origin.url('/hello'))).text()).toBe('hello, world\n');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('trailers end a body and do not become part of it', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/trailers'));
    expect(await response.text()).toBe('with trailers');
    expect(response.headers.has('x-checksum')).toBe(false);
    expect((await http.fetch(origin.url('/hello'))).status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('request() gives the trailers once the body has been read', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url('/trailers'));
    expect(await response.text()).toBe('with trailers');
    expect(response.trailers.get('x-checksum')).toBe('abc123');
    expect(response.trailers.get('x-took')).toBe('7');
    const unread = await http.request('GET', origin.url('/trailers'), { preloadContent: false });
    expect(await unread.read()).toHaveLength(13);
    expect(unread.trailers.get('x-checksum')).toBe('abc123');
  });

  test('103 Early Hints is not taken for the response', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/early-hints'));
    expect(response.status).toBe(200);
    expect(response.headers.has('x-hint')).toBe(false);
    expect(await response.text()).toBe('after the hints\n');
  });

  test('request() gives the informational responses that came before', async ({ http, origin }) => {
    const { status, informational } = await http.request('GET', origin.url('/early-hints'));
    expect(status).toBe(200);
    expect(informational.map((each) => each.status)).toEqual([103]);
    expect(informational[0]?.headers.get('x-hint')).toBe('early');
  });

  test('an origin that closes after its response is connected to again', async ({ http, origin }) => {
    expect(await (await http.fetch(origin.url('/close'))).text()).toBe('and closes\n');
    expect(await (await http.fetch(origin.url('/close'))).text()).toBe('and closes\n');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2 });
  });
});

describe('responses that only old servers send', () => {
  test.for(['HTTP/1.0', 'HTTP/1.1'])(
    '%s without a length: the body ends with the connection',
    async (version, { http }) => {
      const raw = await newRawOrigin({
        bytes: `${version} 200 Fine\r\nContent-Type: text/plain\r\n\r\nuntil the end`,
        ending: 'close',
      });
      const response = await http.fetch(raw.url);
      expect(response.status).toBe(200);
      expect(response.statusText).toBe('Fine');
      expect(await response.text()).toBe('until the end');
      expect(await (await http.fetch(raw.url)).text()).toBe('until the end');
    },
  );

  test('HEAD and 304 with a length do not wait for a body', async ({ http }) => {
    const raw = await newRawOrigin({
      bytes: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: "x"\r\n\r\n',
      ending: 'hold',
    });
    const response = await http.fetch(raw.url);
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe('"x"');
    expect((await http.fetch(raw.url, { method: 'HEAD' })).status).toBe(304);
  });

  test('several informational responses come before the final one', async ({ http }) => {
    const raw = await newRawOrigin({
      bytes:
        'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone',
      ending: 'hold',
    });
    const response = await http.fetch(raw.url);
    expect(response.status).toBe(200);
    expect(response.headers.has('link')).toBe(false);
    expect(await response.text()).toBe('done');
  });
});
