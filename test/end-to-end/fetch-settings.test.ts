import { createFetch } from '@hip/client';
import { describe, expect } from 'vitest';
import { fieldsOf } from '../support/fields.ts';
import { newOrigin, test } from '../support/fixtures.ts';

/** SHA-256 of what `/hello` answers with. */
const HELLO_SHA256 = 'sha256-hT/5N2Kgbdv3IsTr6d3WbY9j3a6pf1IcPswg2nyXYCA=';
const HELLO_SHA512_WRONG = `sha512-${'A'.repeat(86)}==`;

interface Echo {
  rawHeaders: string[];
}

async function sentFields(response: Promise<Response>): Promise<Map<string, string>> {
  return fieldsOf(((await (await response).json()) as Echo).rawHeaders);
}

describe('integrity', () => {
  test('lets through what it describes, as a response like any other', async ({ http, origin }) => {
    const response = await http.fetch(origin.url('/hello'), { integrity: HELLO_SHA256 });
    expect(response).toMatchObject({ status: 200, url: origin.url('/hello'), bodyUsed: false });
    expect(await response.text()).toBe('hello, world\n');
  });

  test('refuses everything else', async ({ http, origin }) => {
    for (const integrity of [HELLO_SHA512_WRONG, `${HELLO_SHA256} ${HELLO_SHA512_WRONG}`]) {
      await expect(http.fetch(origin.url('/hello'), { integrity })).rejects.toThrow(/integrity/);
    }
    await expect(http.fetch('data:text/plain,other', { integrity: HELLO_SHA256 })).rejects.toThrow(TypeError);
  });

  test('takes one match of the strongest hashes, and ignores what it does not know', async ({
    http,
    origin,
  }) => {
    const known = [`sha256-${'A'.repeat(43)}= ${HELLO_SHA256}?option`, `md5-x ${HELLO_SHA256}`, 'md5-x', ' '];
    for (const integrity of known) {
      expect((await http.fetch(origin.url('/hello'), { integrity })).status).toBe(200);
    }
  });
});

describe('cache', () => {
  test.for([
    ['no-store', 'no-cache', 'no-cache'],
    ['reload', 'no-cache', 'no-cache'],
    ['no-cache', 'max-age=0', undefined],
    ['default', undefined, undefined],
    ['force-cache', undefined, undefined],
  ] as const)(
    '%s says to caches on the way what it means',
    async ([cache, control, pragma], { http, origin }) => {
      const fields = await sentFields(http.fetch(origin.url('/echo'), { cache }));
      expect([fields.get('cache-control'), fields.get('pragma')]).toEqual([control, pragma]);
    },
  );

  test('leaves the fields of the caller', async ({ http, origin }) => {
    const init: RequestInit = { cache: 'no-store', headers: { 'cache-control': 'max-age=7' } };
    expect((await sentFields(http.fetch(origin.url('/echo'), init))).get('cache-control')).toBe('max-age=7');
  });

  test('only-if-cached has nothing to answer with', async ({ http, origin }) => {
    const init: RequestInit = { cache: 'only-if-cached', mode: 'same-origin' };
    const asked = createFetch(http, { page: origin.url('/') })(origin.url('/hello'), init);
    await expect(asked).rejects.toThrow(/no cache/);
  });
});

describe('mode', () => {
  test('same-origin keeps to the origin of the page, also when redirected', async ({ http, origin }) => {
    const other = await newOrigin();
    const fetch = createFetch(http, { page: origin.url('/page') });
    const init: RequestInit = { mode: 'same-origin' };
    expect((await fetch('/hello', init)).status).toBe(200);
    await expect(fetch(other.url('/hello'), init)).rejects.toThrow(/same-origin/);
    const away = `/redirect/302?to=${encodeURIComponent(other.url('/hello'))}`;
    await expect(fetch(origin.url(away), init)).rejects.toThrow(/same-origin/);
    expect(await other.counts()).toMatchObject({ requests: [] });
  });
});

describe('a manager’s fetch is nobody’s', () => {
  test('it says nothing of a page, and shows redirects', async ({ http, origin }) => {
    const fields = await sentFields(http.fetch(origin.url('/echo'), { method: 'POST' }));
    expect([fields.has('origin'), fields.has('referer'), fields.has('accept-language')]).toEqual([
      false,
      false,
      false,
    ]);
    const response = await http.fetch(origin.url('/redirect/302?to=/hello'), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/hello']);
    expect((await http.fetch(origin.url('/hello'), { mode: 'no-cors' })).status).toBe(200);
  });
});

describe('createFetch() on behalf of a page', () => {
  test('says where a request comes from, as a browser does', async ({ http, origin }) => {
    const other = await newOrigin();
    const page = origin.url('/dir/page?q#part');
    const fetch = createFetch(http, { page });
    const own = await sentFields(fetch(origin.url('/echo')));
    expect([own.get('origin'), own.get('referer')]).toEqual([undefined, origin.url('/dir/page?q')]);
    const posted = await sentFields(fetch(origin.url('/echo'), { method: 'POST' }));
    expect(posted.get('origin')).toBe(origin.url(''));
    const foreign = await sentFields(fetch(other.url('/echo')));
    expect([foreign.get('origin'), foreign.get('referer')]).toEqual([origin.url(''), origin.url('/')]);
    expect((await fetch(origin.url('/hello'))).type).toBe('basic');
    expect((await fetch(other.url('/hello'))).type).toBe('cors');
  });

  test('says less where referrerPolicy or referrer ask for it', async ({ http, origin }) => {
    const fetch = createFetch(http, { page: origin.url('/page') });
    const referrer = async (init: RequestInit): Promise<string | undefined> =>
      (await sentFields(fetch(origin.url('/echo'), init))).get('referer');
    expect(await referrer({ referrerPolicy: 'no-referrer' })).toBeUndefined();
    expect(await referrer({ referrerPolicy: 'origin' })).toBe(origin.url('/'));
    expect(await referrer({ referrer: '' })).toBeUndefined();
  });

  test('loses its origin between two foreign ones', async ({ http, origin }) => {
    const [first, second] = [await newOrigin(), await newOrigin()];
    const fetch = createFetch(http, { page: origin.url('/page') });
    const to = encodeURIComponent(second.url('/echo'));
    const fields = await sentFields(fetch(first.url(`/redirect/307?to=${to}`), { method: 'POST' }));
    expect(fields.get('origin')).toBe('null');
  });

  test('shows no more of a redirect than that there is one', async ({ http, origin }) => {
    const fetch = createFetch(http, { page: origin.url('/') });
    const url = origin.url('/redirect/302?to=/hello');
    const response = await fetch(url, { redirect: 'manual' });
    expect(response).toMatchObject({ type: 'opaqueredirect', status: 0, ok: false, body: null, url });
    expect([...response.headers]).toEqual([]);
  });

  test('asks no port of another protocol', async ({ http }) => {
    const fetch = createFetch(http, { page: 'http://page.test/' });
    await expect(fetch('http://127.0.0.1:25/')).rejects.toThrow(/port 25/);
  });

  test('refuses options that cannot be honoured', ({ http }) => {
    expect(() => createFetch(http, { page: 'nowhere' })).toThrow(/page/);
    expect(() => createFetch(http, { pages: 1 } as never)).toThrow(/pages/);
    expect(() => createFetch({} as never)).toThrow(TypeError);
  });
});

describe('URLs that need no tunnel', () => {
  test('data: and blob: are answered by the platform', async ({ http }) => {
    expect(await (await http.fetch('data:text/plain;base64,aGk=')).text()).toBe('hi');
    const url = URL.createObjectURL(new Blob(['blobbed'], { type: 'text/x-own' }));
    const response = await http.fetch(url);
    expect([response.headers.get('content-type'), await response.text()]).toEqual(['text/x-own', 'blobbed']);
    URL.revokeObjectURL(url);
    await expect(http.fetch(url)).rejects.toThrow(TypeError);
  });

  test('a redirect to one is not followed', async ({ http, origin }) => {
    await expect(http.fetch(origin.url('/redirect/302?to=data:,x'))).rejects.toThrow(TypeError);
  });
});
