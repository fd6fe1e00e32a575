import {
  HostChangedError,
  HTTPConnectionPool,
  LocationValueError,
  MaxRetryError,
  ResponseError,
  Retry,
  URLSchemeUnknown,
} from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import type { Gateway, Origin } from '../support/control.ts';
import { rejection } from '../support/eventually.ts';
import { fieldsOf } from '../support/fields.ts';
import { newClient, newOrigin, test } from '../support/fixtures.ts';

interface Echo {
  method: string;
  rawHeaders: string[];
  body: string;
}

const redirectTo = (status: number, to: string, more = ''): string =>
  `/redirect/${status}?to=${encodeURIComponent(to)}${more}`;

function poolOf(gateway: Gateway, origin: Origin): HTTPConnectionPool {
  const pool = new HTTPConnectionPool('127.0.0.1', origin.port, {
    gateway: gateway.url,
    token: gateway.token,
  });
  onTestFinished(() => pool.close());
  return pool;
}

describe('a redirect', () => {
  test.for([301, 302, 303, 307, 308])(
    '%i is followed, on the same connection',
    async (status, { http, origin }) => {
      const response = await http.request(
        'GET',
        origin.url(redirectTo(status, '/hello?to=1#part', '&bytes=40000')),
      );
      expect(await response.text()).toBe('hello, world\n');
      expect(response.url).toBe(origin.url('/hello?to=1#part'));
      expect(response.getUrl()).toBe('/hello?to=1#part');
      expect(response.history).toMatchObject([{ status, redirectLocation: '/hello?to=1#part' }]);
      expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
    },
  );

  test('is followed with preloadContent: false, its own content read away', async ({ gateway, origin }) => {
    const http = newClient(gateway, { block: true });
    const url = origin.url(redirectTo(302, '/hello', '&bytes=60000'));
    const response = await http.request('GET', url, { preloadContent: false, poolTimeout: 5_000 });
    expect(await response.text()).toBe('hello, world\n');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 1 });
  });

  test('with more content than is worth reading is followed on another', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url(redirectTo(302, '/hello', '&bytes=3000000')));
    expect(response.status).toBe(200);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 2 });
  });

  test('303 becomes GET without the body and what describes it', async ({ http, origin }) => {
    const response = await http.request('POST', origin.url(redirectTo(303, '/echo')), {
      body: 'gone',
      headers: { 'content-type': 'text/csv', 'x-own': 'kept' },
    });
    const echo = (await response.json()) as Echo;
    const fields = fieldsOf(echo.rawHeaders);
    expect(echo).toMatchObject({ method: 'GET', body: '' });
    expect([fields.has('content-type'), fields.has('content-length'), fields.get('x-own')]).toEqual([
      false,
      false,
      'kept',
    ]);
  });

  test.for([301, 302, 307, 308])('%i keeps method and body', async (status, { http, origin }) => {
    const body = new Blob(['kept'], { type: 'text/csv' });
    const response = await http.request('POST', origin.url(redirectTo(status, '/echo')), { body });
    const echo = (await response.json()) as Echo;
    expect(echo).toMatchObject({ method: 'POST', body: 'kept' });
    expect(fieldsOf(echo.rawHeaders).get('content-type')).toBe('text/csv');
  });

  test('is a response with redirect: false, and with retries: false', async ({ http, origin }) => {
    const url = origin.url(redirectTo(302, '/hello'));
    for (const init of [{ redirect: false }, { retries: false as const }]) {
      const response = await http.request('GET', url, init);
      expect([response.status, response.url, response.getUrl()]).toEqual([302, url, url]);
    }
    expect(await origin.requests('/hello')).toEqual([]);
  });

  test('too many are a MaxRetryError, or the last of them', async ({ http, origin }) => {
    const loop = origin.url('/redirect/302');
    const error = (await rejection(http.request('GET', loop))) as MaxRetryError;
    expect(error).toBeInstanceOf(MaxRetryError);
    expect(error).toMatchObject({ code: 'too_many_redirects', reason: { message: 'too many redirects' } });
    expect(error.reason).toBeInstanceOf(ResponseError);
    expect(await origin.requests('/redirect')).toHaveLength(4);
    const retries = new Retry({ redirect: 1, raiseOnRedirect: false });
    expect((await http.request('GET', loop, { retries })).status).toBe(302);
  });

  test('that leads to no http: URL is an error', async ({ http, origin }) => {
    const cases = [
      ['ftp://other.test/', URLSchemeUnknown],
      ['http://other.test:99999/', LocationValueError],
    ] as const;
    for (const [to, expected] of cases) {
      const error = await rejection(http.request('GET', origin.url(redirectTo(302, to))));
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ code: 'invalid_location', sent: 'always' });
    }
  });
});

describe('to another origin', () => {
  const headers = { Authorization: 'Basic c2VjcmV0', Cookie: 'a=1', 'X-Own': 'kept' };

  test('go no fields that say who asks', async ({ http, origin }) => {
    const other = await newOrigin();
    const response = await http.request('GET', origin.url(redirectTo(302, other.url('/echo'))), { headers });
    const fields = fieldsOf(((await response.json()) as Echo).rawHeaders);
    expect([fields.has('authorization'), fields.has('cookie'), fields.get('x-own')]).toEqual([
      false,
      false,
      'kept',
    ]);
    const near = await http.request('GET', origin.url(redirectTo(302, '/echo')), { headers });
    expect(fieldsOf(((await near.json()) as Echo).rawHeaders).get('cookie')).toBe('a=1');
    expect(headers.Cookie).toBe('a=1');
  });

  test('a pool does not go, unless told to', async ({ gateway, origin }) => {
    const other = await newOrigin();
    const pool = poolOf(gateway, origin);
    const path = redirectTo(302, other.url('/hello'));
    const error = await rejection(pool.request('GET', path));
    expect(error).toBeInstanceOf(HostChangedError);
    expect(error).toMatchObject({ url: other.url('/hello'), sent: 'always', pool });
    expect(await rejection(pool.request('GET', other.url('/hello')))).toMatchObject({ sent: 'never' });
    expect(await other.requests()).toEqual([]);
    expect((await pool.request('GET', path, { assertSameHost: false })).url).toBe(other.url('/hello'));
  });
});

describe('a pool', () => {
  test('follows redirects, and sends a path as it is', async ({ gateway, origin }) => {
    const pool = poolOf(gateway, origin);
    const response = await pool.request('GET', redirectTo(302, '/hello'));
    expect(response.url).toBe(origin.url('/hello'));
    await pool.urlopen('GET', '/hello/../a b/%c3%bc?q="x"#gone');
    expect((await origin.requests('/hello/..')).map(({ target }) => target)).toEqual([
      '/hello/../a%20b/%C3%BC?q=%22x%22',
    ]);
    expect((await pool.request('GET', origin.url('/hello?whole=1'))).status).toBe(200);
    expect(pool.isSameHost(origin.url('/x'))).toBe(true);
    expect(pool.isSameHost('https://127.0.0.1/')).toBe(false);
  });
});
