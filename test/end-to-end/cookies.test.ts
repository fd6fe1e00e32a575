import { HTTPConnectionPool, type PoolManager } from '@hip/client';
import { CookieJar } from '@hip/client/cookies';
import { describe, expect, onTestFinished } from 'vitest';
import type { Origin } from '../support/control.ts';
import { rejection } from '../support/eventually.ts';
import { newClient, newGateway, newOrigin, newTlsOrigin, test } from '../support/fixtures.ts';

/** What is asked of an origin: cookies to set, where to redirect to. */
interface Wish {
  set?: string | string[];
  to?: string;
  status?: number;
}

function wish({ set = [], to, status }: Wish = {}): string {
  const query = new URLSearchParams([set].flat().map((line) => ['set', line]));
  if (to !== undefined) query.set('to', to);
  if (status !== undefined) query.set('status', String(status));
  return `/cookies?${query}`;
}

/** Cookies that each request to `/cookies` came with, in order. */
async function cookiesAt(origin: Origin): Promise<string[]> {
  return (await origin.requests('/cookies')).map(({ rawHeaders }) =>
    rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === 'cookie').join(' | '),
  );
}

async function text(http: PoolManager, url: string, init?: RequestInit): Promise<string> {
  return (await http.fetch(url, init)).text();
}

/** A client whose requests to any `http:` host arrive at `origin`, as at a proxy. */
async function anyHost(origin: Origin, jar = new CookieJar()): Promise<PoolManager> {
  const hosts = ['shop.test', 'www.shop.test', 'other.test', 'a.example.com', 'example.com'];
  const gateway = await newGateway({ allow: ['127.0.0.1:*', ...hosts.map((host) => `${host}:80`)] });
  return newClient(gateway, { cookies: jar, proxy: origin.url('/') });
}

describe('a login', () => {
  test.for(['fetch()', 'request()'])('by form and redirect, with %s', async (way, { gateway, origin }) => {
    const http = newClient(gateway, { cookies: true });
    const go = async (method: string, path: string, body?: URLSearchParams) => {
      if (way === 'fetch()') return text(http, origin.url(path), body === undefined ? {} : { method, body });
      return (await http.request(method, origin.url(path), { body })).text();
    };
    const csrf = await go('GET', '/login/start');
    expect(await go('POST', '/login/check', new URLSearchParams({ csrf, user: 'ada' }))).toBe('sid=ada');
    expect(await go('GET', '/login/home')).toBe('sid=ada');
    expect(await text(http, origin.url('/login/home'), { credentials: 'omit' })).toBe('');
  });

  test('is that of one manager, not of another', async ({ gateway, origin }) => {
    const [one, two] = [newClient(gateway, { cookies: true }), newClient(gateway, { cookies: true })];
    await text(one, origin.url(wish({ set: 'sid=1; Path=/' })));
    expect(await text(two, origin.url('/login/home'))).toBe('');
    expect(await text(one, origin.url('/login/home'))).toBe('sid=1');
  });
});

describe('cookies', () => {
  test('are those of fetch() and request() alike, on every port of the host', async ({ gateway, origin }) => {
    const http = newClient(gateway, { cookies: true });
    const other = await newOrigin();
    await http.request('GET', origin.url(wish({ set: ['a=1', 'b=2; Path=/'] })));
    await http.fetch(origin.url(wish({ set: 'a=3' })));
    expect(await text(http, other.url('/cookies'))).toBe('a=3; b=2');
    await http.connectionFromUrl(origin.url('/')).request('GET', wish());
    expect(await cookiesAt(origin)).toEqual(['', 'a=1; b=2', 'a=3; b=2']);
  });

  test('of a pool of its own', async ({ gateway, origin }) => {
    const { url, token } = gateway;
    const pool = new HTTPConnectionPool('127.0.0.1', origin.port, { gateway: url, token, cookies: true });
    onTestFinished(() => pool.close());
    await pool.request('GET', wish({ set: 'a=1' }));
    expect(await (await pool.request('GET', '/cookies')).text()).toBe('a=1');
  });

  test('of a response that has very many', async ({ gateway, origin }) => {
    const http = newClient(gateway, { cookies: true });
    const set = Array.from({ length: 150 }, (_, i) => `c${i}=${'v'.repeat(i)}`);
    const response = await http.fetch(origin.url(wish({ set })));
    expect(response.headers.getSetCookie()).toEqual(set);
    expect(await text(http, origin.url('/cookies'))).toBe(set.join('; '));
  });

  test('of many requests at once', async ({ gateway, origin }) => {
    const http = newClient(gateway, { cookies: true, maxsize: 4 });
    const set = Array.from({ length: 60 }, (_, i) => `c${i}=1`);
    await Promise.all(set.map((line) => text(http, origin.url(wish({ set: line })))));
    const all = await Promise.all(set.map(() => text(http, origin.url('/cookies'))));
    for (const cookies of all) expect(cookies.split('; ').toSorted()).toEqual(set.toSorted());
  });

  test('that are bad never cost the response', async ({ gateway, origin }) => {
    const http = newClient(gateway, { cookies: true });
    const set = [
      ...[
        '',
        '=',
        ';',
        'a=1; Domain=com',
        '__Host-a=1',
        'a=1; Secure',
        'a=1; Domain=%%%',
        `a=${'v'.repeat(5_000)}`,
      ],
      ...[
        'a=1; Expires=never; Max-Age=x; Path',
        `good=1; ${'x'.repeat(3_000)}`,
        'voil\u00c3\u00a0=\u00c3\u00a0',
      ],
    ];
    const response = await http.fetch(origin.url(wish({ set })));
    expect(response.status).toBe(200);
    expect((await http.request('GET', origin.url(wish({ set })))).status).toBe(200);
    expect(await text(http, origin.url('/cookies'))).toBe('a=1; good=1; voil\u00c3\u00a0=\u00c3\u00a0');
  });

  test('that are Secure go over TLS alone', async ({ gateway, origin, pki }) => {
    const tls = await newTlsOrigin();
    const jar = new CookieJar();
    const http = newClient(gateway, { cookies: jar, caCerts: pki.root.certificate });
    const set = ['__Host-a=1; Secure; Path=/', 'b=2'];
    await text(http, tls.url(wish({ set })));
    expect(await text(http, tls.url('/cookies'))).toBe('__Host-a=1; b=2');
    expect(await text(http, origin.url('/cookies'))).toBe('b=2');
    await text(http, origin.url(wish({ set: ['__Host-a=9; Path=/', 'c=3; Secure', 'b=4'] })));
    expect(await text(http, tls.url('/cookies'))).toBe('__Host-a=1; b=4');
  });
});

describe('by domain', () => {
  test('cookies go to hosts under it, and not to other sites', async ({ origin }) => {
    const jar = new CookieJar();
    const http = await anyHost(origin, jar);
    const set = ['own=1', 'all=1; Domain=shop.test', 'tld=1; Domain=test', 'theirs=1; Domain=other.test'];
    await text(http, `http://www.shop.test${wish({ set })}`);
    const hosts = ['www.shop.test', 'shop.test', 'other.test', 'example.com'];
    const got = await Promise.all(hosts.map((host) => text(http, `http://${host}/cookies`)));
    expect(got).toEqual(['own=1; all=1', 'all=1', '', '']);
    expect(await jar.getAllCookies()).toHaveLength(2);
  });
});

describe('a redirect to another site', () => {
  test('takes no cookie there, and each hop keeps its own', async ({ origin }) => {
    const http = await anyHost(origin);
    await text(http, `http://other.test${wish({ set: ['strict=1; SameSite=Strict', 'lax=1'] })}`);
    const there = `http://other.test${wish({ set: 'fresh=1' })}`;
    const first = `http://shop.test${wish({ set: 'a=1', to: there })}`;
    expect(await text(http, first, { headers: { cookie: 'mine=1' } })).toBe('lax=1');
    expect(await (await http.request('GET', first, { headers: { cookie: 'mine=1' } })).text()).toBe(
      'lax=1; fresh=1',
    );
    expect(await text(http, 'http://other.test/cookies')).toBe('strict=1; lax=1; fresh=1');
    expect(await cookiesAt(origin)).toHaveLength(0); // a proxy is asked for whole URLs
  });

  test('with a method that changes something takes none but SameSite=None', async ({ origin }) => {
    const http = await anyHost(origin);
    await text(http, `http://other.test${wish({ set: ['lax=1; SameSite=Lax', 'none=1; SameSite=None'] })}`);
    const url = `http://shop.test${wish({ to: 'http://other.test/cookies', status: 307 })}`;
    expect(await text(http, url, { method: 'POST', body: 'pay' })).toBe('none=1');
    expect(await (await http.request('POST', url, { body: 'pay' })).text()).toBe('none=1');
    expect(await text(http, 'http://other.test/cookies', { method: 'POST', body: 'pay' })).toBe(
      'lax=1; none=1',
    );
  });
});

test('a jar that fails fails the request, before anything is sent', async ({ gateway, origin }) => {
  const cookies = { getCookieString: () => Promise.reject(new Error('no disk')), setCookie() {} };
  const http = newClient(gateway, { cookies });
  const error = await rejection(http.request('GET', origin.url('/hello')));
  expect(error).toMatchObject({ name: 'InvalidRequestError', sent: 'never', cause: { message: 'no disk' } });
  expect(await rejection(http.fetch(origin.url('/hello')))).toMatchObject({ name: 'TypeError' });
  expect(await origin.requests()).toEqual([]);
});
