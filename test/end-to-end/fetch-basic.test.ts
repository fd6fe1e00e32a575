import { describe, expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { fieldsOf } from '../support/fields.ts';
import { test } from '../support/fixtures.ts';

/** What `/echo` says back. */
interface Echo {
  method: string;
  target: string;
  rawHeaders: string[];
  body: string;
}

describe('fetch() of a small response', () => {
  test('GET gives status, statusText, headers, url and body', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/hello?a=1&b=%20#fragment'));
    expect(response).toBeInstanceOf(Response);
    expect(response.ok).toBe(true);
    expect(response.status).toBe(200);
    expect(response.statusText).toBe('OK');
    expect(response.url).toBe(origin.url('/hello?a=1&b=%20'));
    expect(response.redirected).toBe(false);
    expect(response.headers.get('Content-Type')).toBe('text/plain');
    expect(response.headers.get('content-length')).toBe('13');
    expect(await response.text()).toBe('hello, world\n');
    expect(await origin.request('/hello')).toMatchObject({ method: 'GET', target: '/hello?a=1&b=%20' });
  });

  test('the body can be read once, and a clone reads it again', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/hello'));
    const clone = response.clone();
    expect(response.bodyUsed).toBe(false);
    expect(await response.text()).toBe('hello, world\n');
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(() => response.clone()).toThrow(TypeError);
    expect(clone.url).toBe(response.url);
    expect(new TextDecoder().decode(await clone.arrayBuffer())).toBe('hello, world\n');
  });

  test('json(), bytes, blob() and the stream give the same content', async ({ http, origin }) => {
    const url = origin.url('/bytes/70000');
    const expected = await sha256(contentBytes(70_000));
    expect(await sha256(await (await http.fetch(url)).arrayBuffer())).toBe(expected);
    expect(await sha256(await (await (await http.fetch(url)).blob()).arrayBuffer())).toBe(expected);
    expect(await sha256(await new Response((await http.fetch(url)).body).arrayBuffer())).toBe(expected);
    const echo = (await (await http.fetch(origin.url('/echo'))).json()) as Echo;
    expect(echo.method).toBe('GET');
  });

  test('POST with text sends its length and type', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/echo'), { method: 'POST', body: 'grüße' });
    const echo = (await response.json()) as Echo;
    expect(echo).toMatchObject({ method: 'POST', body: 'grüße' });
    const fields = fieldsOf(echo.rawHeaders);
    expect(fields.get('content-length')).toBe('7');
    expect(fields.get('content-type')).toBe('text/plain;charset=UTF-8');
    expect(fields.has('transfer-encoding')).toBe(false);
  });

  test.for(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s arrives with its body',
    async (method, { http, origin }) => {
      const response = await http.fetch(origin.url('/echo'), { method, body: 'content' });
      expect((await response.json()) as Echo).toMatchObject({ method, body: 'content' });
    },
  );

  test('a method of the user arrives as it is, and the six normalised ones in upper case', async ({
    http,
    origin,
  }) => {
    const purge = (await (await http.fetch(origin.url('/echo'), { method: 'PURGE' })).json()) as Echo;
    expect(purge.method).toBe('PURGE');
    const lower = (await (await http.fetch(origin.url('/echo'), { method: 'delete' })).json()) as Echo;
    expect(lower.method).toBe('DELETE');
  });

  test('HEAD has fields and no body, and the connection stays in use', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/hello'), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('13');
    expect(await response.text()).toBe('');
    await (await http.fetch(origin.url('/hello'))).text();
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test.for([204, 304])('%i has a null body', async (status, { http, origin }) => {
    const response = await http.fetch(origin.url(`/status/${status}`));
    expect(response.status).toBe(status);
    expect(response.body).toBe(null);
    expect(await response.text()).toBe('');
  });

  test.for([400, 404, 500, 503])('%i is a response, not an error', async (status, { http, origin }) => {
    const response = await http.fetch(origin.url(`/status/${status}`));
    expect(response.status).toBe(status);
    expect(response.ok).toBe(false);
    expect(await response.text()).toBe(`status ${status}\n`);
  });

  test("the origin's own reason phrase is the statusText", async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/status/418?reason=Short+and+stout'));
    expect(response.statusText).toBe('Short and stout');
  });

  test('a Request object and a URL object are taken as fetch takes them', async ({ http, origin }) => {
    const request = new Request(origin.url('/echo'), {
      method: 'POST',
      body: 'from a Request',
      headers: { 'x-own': 'yes' },
    });
    const echo = (await (await http.fetch(request)).json()) as Echo;
    expect(echo).toMatchObject({ method: 'POST', body: 'from a Request' });
    expect(fieldsOf(echo.rawHeaders).get('x-own')).toBe('yes');
    expect((await http.fetch(new URL(origin.url('/hello')))).status).toBe(200);
  });
});

describe('fields of fetch()', () => {
  test('a browser would forbid these request fields: they arrive', async ({ http, origin }) => {
    const sent = {
      Cookie: 'session=1; theme=dark',
      Host: 'virtual.example',
      'User-Agent': 'hip-test/1',
      Referer: 'https://elsewhere.example/page',
      Origin: 'https://elsewhere.example',
      'Accept-Encoding': 'identity',
      Date: 'Wed, 21 Oct 2026 07:28:00 GMT',
      Via: '1.1 somewhere',
    };
    const echo = (await (await http.fetch(origin.url('/echo'), { headers: sent })).json()) as Echo;
    const fields = fieldsOf(echo.rawHeaders);
    for (const [name, value] of Object.entries(sent))
      expect(fields.get(name.toLowerCase()), name).toBe(value);
    expect(echo.rawHeaders.filter((name) => name.toLowerCase() === 'host')).toHaveLength(1);
  });

  test('without a Host of the user it is the authority of the URL', async ({ http, origin }) => {
    const echo = (await (await http.fetch(origin.url('/echo'))).json()) as Echo;
    expect(fieldsOf(echo.rawHeaders).get('host')).toBe(origin.host);
  });

  test('the page adds nothing about itself', async ({ http, origin }) => {
    const echo = (await (await http.fetch(origin.url('/echo'))).json()) as Echo;
    const names = [...fieldsOf(echo.rawHeaders).keys()];
    for (const name of [
      'cookie',
      'referer',
      'origin',
      'sec-fetch-mode',
      'x-forwarded-for',
      'forwarded',
      'via',
    ]) {
      expect(names).not.toContain(name);
    }
  });

  test('fields about the connection never come from the user', async ({ http, origin }) => {
    const headers = {
      Connection: 'x-own',
      'Keep-Alive': 'timeout=9',
      TE: 'gzip',
      'Proxy-Connection': 'close',
      'x-own': '1',
    };
    const response = await http.fetch(origin.url('/echo'), { headers });
    const fields = fieldsOf(((await response.json()) as Echo).rawHeaders);
    expect(fields.get('connection') ?? 'keep-alive').toBe('keep-alive');
    for (const name of ['keep-alive', 'te', 'proxy-connection']) expect(fields.has(name), name).toBe(false);
  });

  test('each Set-Cookie of a response stays its own', async ({ http, origin }) => {
    const { headers } = await http.fetch(origin.url('/set-cookies'));
    expect(headers.getSetCookie()).toEqual([
      'a=1; Path=/',
      'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
      'c=3; HttpOnly',
    ]);
    expect(headers.has('set-cookie')).toBe(true);
  });

  test('repeated, empty and latin-1 fields of a response are kept', async ({ http, origin }) => {
    const { headers } = await http.fetch(origin.url('/odd-fields'));
    expect(headers.get('x-twice')).toBe('one, two');
    expect(headers.get('x-empty')).toBe('');
    expect(headers.get('x-latin1')).toBe('café');
  });

  test('latin-1 values of a request arrive byte for byte', async ({ http, origin }) => {
    const echo = (await (
      await http.fetch(origin.url('/echo'), { headers: { 'x-name': 'café' } })
    ).json()) as Echo;
    expect(fieldsOf(echo.rawHeaders).get('x-name')).toBe('café');
  });

  test('a field that could smuggle a second request is refused before anything is sent', async ({
    http,
    origin,
  }) => {
    const smuggled = http.fetch(origin.url('/echo'), { headers: { 'x-a': 'b\r\nx-c: d' } });
    await expect(smuggled).rejects.toThrow(TypeError);
    expect(await origin.counts()).toMatchObject({ requests: [] });
  });
});
