import type { FieldLines, RequestHead } from '@hip/wire';
import { CookieJar as ToughJar } from 'tough-cookie';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CookieJar } from '../../src/cookies.ts';
import { InvalidRequestError } from '../../src/errors.ts';
import type { CookieJarLike } from '../../src/options.ts';
import type { PoolManagerOptions } from '../../src/pool/pool-options.ts';
import type { PoolManager } from '../../src/pool-manager.ts';
import { setLogger } from '../../src/set-logger.ts';
import { connected, managerOf, rejection, thrown } from '../support/client.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

/** Every origin there is. `?set=LINE` sets a cookie, `?to=URL` redirects, `?status=N` is the status. */
class Origins {
  /** Requests in order. */
  readonly heads: RequestHead[] = [];
  readonly http: PoolManager;
  readonly gateway: ScriptedGateway;

  private constructor(gateway: ScriptedGateway, http: PoolManager, heads: RequestHead[]) {
    this.gateway = gateway;
    this.http = http;
    this.heads = heads;
  }

  static async start(options: PoolManagerOptions): Promise<Origins> {
    const heads: RequestHead[] = [];
    const { gateway, http } = await connected(
      {
        exchange: async (exchange) => {
          const head = await exchange.head;
          heads.push(head);
          const { searchParams } = new URL(head.path, 'http://any');
          const fields: FieldLines = searchParams.getAll('set').flatMap((line) => ['set-cookie', line]);
          const to = searchParams.get('to');
          if (to !== null) fields.push('location', to);
          exchange.answer(Number(searchParams.get('status') ?? (to === null ? 200 : 302)), fields, 'hello');
        },
      },
      options,
    );
    return new Origins(gateway, http, heads);
  }

  /** The `cookie` fields of each request so far, and forgets them. */
  sent(): string[] {
    return this.heads.splice(0).map(({ fields }) => valuesOf(fields, 'cookie').join(' | '));
  }
}

function valuesOf(fields: FieldLines, name: string): string[] {
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === name);
}

function url(base: string, parameters: Record<string, string | string[]>): string {
  const result = new URL(base);
  for (const [name, values] of Object.entries(parameters)) {
    for (const value of [values].flat()) result.searchParams.append(name, value);
  }
  return result.href;
}

const HERE = 'https://www.shop.example/';

describe('cookies', () => {
  it('are neither kept nor sent unless asked for', async () => {
    for (const options of [{}, { cookies: false }, { cookies: undefined }]) {
      const origins = await Origins.start(options);
      await origins.http.fetch(url(HERE, { set: 'a=1' }));
      await origins.http.request('GET', HERE);
      expect(origins.sent()).toEqual(['', '']);
    }
  });

  it('are those of fetch() and request() alike, and of the pools of a manager', async () => {
    const origins = await Origins.start({ cookies: true });
    const response = await origins.http.fetch(
      url(HERE, { set: ['a=1', 'b=2; Secure', 'c=3; Domain=other.example'] }),
    );
    expect(response.headers.getSetCookie()).toHaveLength(3);
    await origins.http.request('GET', url(HERE, { set: 'd=4' }));
    await origins.http.fetch('http://www.shop.example/');
    await origins.http.connectionFromHost('www.shop.example', 443, 'https').request('GET', '/');
    await origins.http.fetch('https://other.example/');
    expect(origins.sent()).toEqual(['', 'a=1; b=2', 'a=1; d=4', 'a=1; b=2; d=4', '']);
  });

  it('of two managers are never the same, unless they have the same jar', async () => {
    const origins = await Origins.start({ cookies: true });
    const other = managerOf(origins.gateway, { cookies: true });
    await origins.http.fetch(url(HERE, { set: 'a=1' }));
    await other.fetch(HERE);
    expect(origins.sent()).toEqual(['', '']);
    const cookies = new CookieJar();
    for (const http of [managerOf(origins.gateway, { cookies }), managerOf(origins.gateway, { cookies })]) {
      await http.fetch(url(HERE, { set: 'a=1' }));
    }
    expect(origins.sent()).toEqual(['', 'a=1']);
  });

  it('of requests that are sent at the same time are in one jar', async () => {
    const origins = await Origins.start({ cookies: true });
    const names = Array.from({ length: 20 }, (_, i) => `c${i}=1`);
    await Promise.all(names.map((set) => origins.http.fetch(url(HERE, { set }))));
    origins.sent();
    await origins.http.fetch(HERE);
    expect(origins.sent()[0]?.split('; ').toSorted()).toEqual(names.toSorted());
  });

  it('are neither kept nor sent with credentials: omit', async () => {
    const origins = await Origins.start({ cookies: true });
    await origins.http.fetch(url(HERE, { set: 'a=1' }));
    await origins.http.fetch(url(HERE, { set: 'a=2' }), { credentials: 'omit' });
    await origins.http.fetch(new Request(url(HERE, { set: 'a=3' }), { credentials: 'omit' }));
    await origins.http.fetch(HERE, { credentials: 'omit', headers: { cookie: 'mine=1' } });
    await origins.http.fetch(HERE, { credentials: 'same-origin' });
    await origins.http.fetch(new Request(HERE, { credentials: 'omit' }), { credentials: 'include' });
    expect(origins.sent()).toEqual(['', '', '', 'mine=1', 'a=1', 'a=1']);
    const error = await rejection(origins.http.fetch(HERE, { credentials: 'yes' as 'omit' }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      message: /credentials must be one of omit, same-origin, include, got yes/,
    });
  });

  it('that stand in the header count instead of those of the same name, in one field', async () => {
    const origins = await Origins.start({ cookies: true });
    await origins.http.fetch(url(HERE, { set: ['a=1', 'b=1', 'c'] }));
    await origins.http.fetch(HERE, { headers: { cookie: 'x=9; b=2' } });
    await origins.http.request('GET', HERE, {
      headers: [
        ['Cookie', 'c=3;'],
        ['COOKIE', 'a='],
      ],
    });
    await origins.http.fetch(HERE, { headers: { cookie: '' } });
    expect(origins.sent()).toEqual(['', 'a=1; c; x=9; b=2', 'b=1; c; c=3; a=', 'a=1; b=1; c']);
  });
});

describe('on a redirect', () => {
  const there = 'https://other.test/';
  const ways = [
    ['fetch()', (http: PoolManager, at: string, method = 'GET') => http.fetch(at, { method })],
    ['request()', (http: PoolManager, at: string, method = 'GET') => http.request(method, at)],
  ] as const;

  it.each(ways)('every hop of %s keeps cookies, and has its own', async (_, go) => {
    const origins = await Origins.start({ cookies: true });
    await go(origins.http, url(there, { set: 'theirs=1' }));
    origins.sent();
    const last = url(HERE, { set: 'third=3' });
    const second = url(there, { set: 'second=2', to: last });
    await go(origins.http, url(HERE, { set: 'first=1', to: second }));
    expect(origins.sent()).toEqual(['', 'theirs=1', 'first=1']);
    await go(origins.http, HERE);
    await go(origins.http, there);
    expect(origins.sent()).toEqual(['first=1; third=3', 'theirs=1; second=2']);
  });

  it.each(ways)('of %s a cookie that stands in the header does not go to another origin', async (_, go) => {
    const origins = await Origins.start({ cookies: true, headers: { cookie: 'mine=1' } });
    const send = (at: string) =>
      go === ways[0][1]
        ? origins.http.fetch(at, { headers: { cookie: 'mine=1' } })
        : origins.http.request('GET', at);
    await send(url(HERE, { to: url(there, { to: HERE }) }));
    expect(origins.sent()).toEqual(['mine=1', '', '']);
    await send(url(HERE, { to: '/same' }));
    expect(origins.sent()).toEqual(['mine=1', 'mine=1']);
  });

  it.each(ways)('of %s by another site SameSite holds', async (_, go) => {
    const origins = await Origins.start({ cookies: true });
    const lines = ['s=1; SameSite=Strict', 'l=1; SameSite=Lax', 'd=1', 'n=1; SameSite=None; Secure'];
    await go(origins.http, url(HERE, { set: lines }));
    origins.sent();
    const all = 's=1; l=1; d=1; n=1';
    const cases: [hops: string[], method: string, status: string, last: string][] = [
      [[HERE], 'GET', '302', all],
      [[HERE], 'POST', '307', all],
      [['https://a.b.shop.example/', HERE], 'POST', '308', all],
      [[there, HERE], 'GET', '302', 'l=1; d=1; n=1'],
      [[there, HERE], 'HEAD', '302', 'l=1; d=1; n=1'],
      [[there, HERE], 'POST', '303', 'l=1; d=1; n=1'],
      [[there, HERE], 'POST', '307', 'n=1'],
      [[HERE, there, HERE], 'DELETE', '308', 'n=1'],
      // Another scheme is another site.
      [['http://www.shop.example/', HERE], 'GET', '302', 'l=1; d=1; n=1'],
    ];
    for (const [hops, method, status, last] of cases) {
      const first = hops.reduceRight((to, hop) => (to === '' ? hop : url(hop, { to, status })), '');
      await go(origins.http, first, method);
      expect(origins.sent().at(-1), `${method} ${hops.join(' → ')}`).toBe(last);
    }
  });

  it('not followed, the cookies it came with are kept', async () => {
    const origins = await Origins.start({ cookies: true });
    await origins.http.fetch(url(HERE, { set: 'a=1', to: there }), { redirect: 'manual' });
    await rejection(origins.http.fetch(url(HERE, { set: 'b=1', to: there }), { redirect: 'error' }));
    await origins.http.request('GET', url(HERE, { set: 'c=1', to: there }), { redirect: false });
    origins.sent();
    await origins.http.fetch(HERE);
    expect(origins.sent()).toEqual(['a=1; b=1; c=1']);
  });

  it('of an earlier request SameSite knows nothing, whatever the Retry', async () => {
    const origins = await Origins.start({ cookies: true });
    await origins.http.fetch(url(HERE, { set: 's=1; SameSite=Strict' }));
    const { retries } = await origins.http.request('GET', url(there, { to: HERE }));
    expect(retries.history).toHaveLength(1);
    await origins.http.request('GET', HERE, { retries });
    expect(origins.sent()).toEqual(['', '', '', 's=1']);
  });
});

it('each retry has the cookies there are by then', async () => {
  const sent: string[] = [];
  const gateway = await ScriptedGateway.start({
    exchange: async (exchange) => {
      sent.push(...(await exchange.header('cookie')));
      exchange.answer(503, ['set-cookie', `n=${sent.length}`, 'retry-after', '0'], '');
    },
  });
  const http = managerOf(gateway, { cookies: true });
  const headers = { cookie: 'mine=1' };
  expect((await http.request('GET', HERE, { retries: 2, headers })).status).toBe(503);
  expect(sent).toEqual(['mine=1', 'n=1; mine=1', 'n=2; mine=1']);
});

describe('a jar', () => {
  it('of tough-cookie will do', async () => {
    const cookies = new ToughJar();
    const origins = await Origins.start({ cookies });
    await origins.http.fetch(url(HERE, { set: ['a=1', 'bad; Domain=com', '', 'b=2; SameSite=Strict'] }));
    await origins.http.fetch(HERE);
    await origins.http.fetch(url('https://other.test/', { to: HERE }));
    expect(origins.sent()).toEqual(['', 'a=1; b=2', '', 'a=1']);
    expect((await cookies.getCookies(HERE)).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('that is none is refused at once', async () => {
    for (const cookies of ['a=1', 1, null, {}, { getCookieString() {} }, []]) {
      const error = thrown(() =>
        managerOf({ url: 'ws://127.0.0.1:9/' } as ScriptedGateway, { cookies: cookies as never }),
      );
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error).toMatchObject({
        message: 'cookies must be true, false or a jar with getCookieString() and setCookie()',
      });
    }
  });

  it('that cannot say which cookies to send fails the request, and nothing is sent', async () => {
    const broken: CookieJarLike[] = [
      { getCookieString: () => Promise.reject(new Error('on fire')), setCookie() {} },
      { getCookieString: () => undefined as never, setCookie() {} },
    ];
    for (const cookies of broken) {
      const origins = await Origins.start({ cookies });
      const error = await rejection(origins.http.request('GET', HERE));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error).toMatchObject({ message: /^cookies: /, sent: 'never' });
      expect(await rejection(origins.http.fetch(HERE))).toBeInstanceOf(TypeError);
      expect(origins.heads).toEqual([]);
    }
  });

  it('that cannot keep a cookie does not cost the response; the logger is told, not of the cookie', async () => {
    const said: unknown[] = [];
    const note = (message: unknown): void => void said.push(message);
    setLogger({ debug: note, info: note, warn: note, error: note });
    onTestFinished(() => setLogger(undefined));
    const cookies: CookieJarLike = {
      getCookieString: async () => '',
      setCookie: (line) => Promise.reject(new RangeError(`no room for ${line}`)),
    };
    const origins = await Origins.start({ cookies });
    const response = await origins.http.fetch(url(HERE, { set: 'canary=1' }));
    expect(await response.text()).toBe('hello');
    expect(said).toEqual([
      'Cookies of https://www.shop.example are not kept: the jar failed with RangeError',
    ]);
  });

  it('tells the logger why it does not keep a cookie', async () => {
    const said: unknown[] = [];
    const note = (message: unknown): void => void said.push(message);
    setLogger({ debug: note, info: note, warn: note, error: note });
    onTestFinished(() => setLogger(undefined));
    const origins = await Origins.start({ cookies: true });
    await origins.http.fetch(url(HERE, { set: ['canary=1; Domain=example', '\u0001canary', 'good=canary'] }));
    expect(said).toEqual([
      'A cookie of https://www.shop.example is not kept: its Domain is a public suffix',
      'A cookie of https://www.shop.example is not kept: it has characters that no cookie may have',
    ]);
  });

  it('that takes its time is not waited for when the signal aborts', async () => {
    const asked = Promise.withResolvers<void>();
    const never = new Promise<never>(() => {});
    const silent: CookieJarLike = {
      getCookieString: () => {
        asked.resolve();
        return never;
      },
      setCookie: () => never,
    };
    const origins = await Origins.start({ cookies: silent });
    const abort = new AbortController();
    const pending = rejection(origins.http.fetch(HERE, { signal: abort.signal }));
    await asked.promise;
    abort.abort(new Error('enough'));
    expect(await pending).toMatchObject({ message: 'enough' });
    expect(origins.heads).toEqual([]);

    const keeping = Promise.withResolvers<void>();
    const slow: CookieJarLike = {
      getCookieString: () => '',
      setCookie: () => {
        keeping.resolve();
        return never;
      },
    };
    const others = await Origins.start({ cookies: slow });
    const second = new AbortController();
    const later = rejection(others.http.request('GET', url(HERE, { set: 'a=1' }), { signal: second.signal }));
    await keeping.promise;
    second.abort(new Error('enough'));
    expect(await later).toMatchObject({ message: 'enough' });
  });
});
