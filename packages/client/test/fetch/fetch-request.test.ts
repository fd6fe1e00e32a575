import { afterEach, describe, expect, it } from 'vitest';
import { readFetchArguments } from '../../src/fetch/fetch-request.ts';
import { HTTPHeaderDict } from '../../src/pool/http-header-dict.ts';
import { thrown } from '../support/client.ts';

const URL_TEXT = 'http://origin.test/path';

type ReadRequest = ReturnType<typeof readFetchArguments>;

function read(input: RequestInfo | URL, init?: RequestInit & { duplex?: string }): ReadRequest {
  return readFetchArguments(input, init);
}

function headersOf(init: RequestInit | undefined, input: RequestInfo = URL_TEXT): [string, string][] {
  const { lines } = read(input, init);
  return lines.flatMap((text, at) =>
    at % 2 === 0 ? [[text, lines[at + 1] as string] as [string, string]] : [],
  );
}

async function textOf(request: ReadRequest): Promise<string | undefined> {
  const body = await request.body;
  if (body === undefined) return undefined;
  if (body.bytes !== undefined) return Buffer.from(body.bytes).toString();
  const source = body.open!();
  const pieces: Uint8Array[] = [];
  for (let next = await source.next(); !next.done; next = await source.next()) pieces.push(next.value);
  return Buffer.concat(pieces).toString();
}

describe('the method', () => {
  const written = [
    'get',
    'Get',
    'head',
    'delete',
    'options',
    'post',
    'put',
    'PUT',
    'patch',
    'Patch',
    'PATCH',
    'chicken',
  ];
  it.each(written)('%s is written as the standard writes it', (method) => {
    expect(read(URL_TEXT, { method }).method).toBe(new Request(URL_TEXT, { method }).method);
  });

  it('is GET when none is named', () => {
    expect(read(URL_TEXT).method).toBe('GET');
    expect(read(new Request(URL_TEXT, { method: 'PUT' })).method).toBe('PUT');
    expect(read(new Request(URL_TEXT, { method: 'PUT' }), { method: 'POST' }).method).toBe('POST');
  });

  it.each(['CONNECT', 'connect', 'TRACE', 'Track'])('%s is forbidden', (method) => {
    expect(thrown(() => read(URL_TEXT, { method }))).toBeInstanceOf(TypeError);
    expect(thrown(() => new Request(URL_TEXT, { method }))).toBeInstanceOf(TypeError);
  });

  it.each(['GET', 'HEAD', 'get'])('%s allows no body', (method) => {
    for (const body of ['text', '', new Blob()]) {
      expect(thrown(() => read(URL_TEXT, { method, body }))).toBeInstanceOf(TypeError);
      expect(thrown(() => new Request(URL_TEXT, { method, body }))).toBeInstanceOf(TypeError);
    }
  });
});

describe('the URL', () => {
  afterEach(() => {
    for (const name of ['location', 'document']) Reflect.deleteProperty(globalThis, name);
  });

  it('may be a text, a URL, a Request or anything that reads as a text', () => {
    for (const input of [URL_TEXT, new URL(URL_TEXT), new Request(URL_TEXT), { toString: () => URL_TEXT }]) {
      expect(read(input as RequestInfo).url.href).toBe(URL_TEXT);
    }
  });

  it('keeps its fragment for redirects to inherit', () => {
    expect(read(`${URL_TEXT}#part`).url.hash).toBe('#part');
  });

  it.each(['http://user@origin.test/', 'http://:secret@origin.test/', 'http://user:secret@origin.test/'])(
    'must not carry credentials: %s',
    (url) => {
      const error = thrown(() => read(url)) as Error;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).not.toContain('secret');
      expect(thrown(() => new Request(url))).toBeInstanceOf(TypeError);
    },
  );

  it.each(['/path', 'path', '', 'http://', 'http://a b/'])(
    'must be absolute where there is no page: %j',
    (url) => {
      expect(thrown(() => read(url))).toBeInstanceOf(TypeError);
      expect(thrown(() => new Request(url))).toBeInstanceOf(TypeError);
    },
  );

  it('is relative to the page where there is one', () => {
    Object.assign(globalThis, { location: { href: 'http://page.test/dir/page.html?x' } });
    expect(read('other?y').url.href).toBe('http://page.test/dir/other?y');
    expect(read('//host.test/').url.href).toBe('http://host.test/');
    expect(read('').url.href).toBe('http://page.test/dir/page.html?x');
    // A page may name another base for its URLs.
    Object.assign(globalThis, { document: { baseURI: 'http://base.test/sub/' } });
    expect(read('other').url.href).toBe('http://base.test/sub/other');
  });
});

describe('headers', () => {
  const given: [string, HeadersInit | HTTPHeaderDict][] = [
    ['an object', { 'X-One': '1', 'x-two': ' 2 ' }],
    [
      'pairs',
      [
        ['X-One', '1'],
        ['x-two', '2'],
      ],
    ],
    ['Headers', new Headers({ 'X-One': '1', 'x-two': '2' })],
    ['a HTTPHeaderDict', new HTTPHeaderDict({ 'X-One': '1', 'x-two': '2' })],
  ];
  it.each(given)('may be %s', (_, headers) => {
    expect(headersOf({ headers: headers as HeadersInit })).toEqual([
      ['x-one', '1'],
      ['x-two', '2'],
      ['accept', '*/*'],
      ['accept-encoding', 'gzip,deflate,br,zstd'],
    ]);
  });

  it('that a browser forbids are sent', () => {
    const headers = {
      cookie: 'a=1',
      host: 'virtual.test',
      'user-agent': 'me',
      referer: 'http://x.test/',
      origin: 'null',
    };
    expect(Object.fromEntries(headersOf({ headers }))).toEqual({
      ...headers,
      accept: '*/*',
      'accept-encoding': 'gzip,deflate,br,zstd',
    });
  });

  it('of one name are joined, but for set-cookie', () => {
    const headers: [string, string][] = [
      ['a', '1'],
      ['A', '2'],
      ['set-cookie', 'x=1'],
      ['set-cookie', 'y=2'],
    ];
    expect(headersOf({ headers })).toEqual([
      ['a', '1, 2'],
      ['set-cookie', 'x=1'],
      ['set-cookie', 'y=2'],
      ['accept', '*/*'],
      ['accept-encoding', 'gzip,deflate,br,zstd'],
    ]);
  });

  it('of the init replace those of the Request', () => {
    const request = new Request(URL_TEXT, { headers: { a: '1', b: '2' } });
    expect(headersOf(undefined, request)).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['accept', '*/*'],
      ['accept-encoding', 'gzip,deflate,br,zstd'],
    ]);
    expect(headersOf({ headers: { c: '3' } }, request)).toEqual([
      ['c', '3'],
      ['accept', '*/*'],
      ['accept-encoding', 'gzip,deflate,br,zstd'],
    ]);
  });

  it('keep the accept of the user', () => {
    expect(headersOf({ headers: { Accept: 'text/html' } })).toEqual([
      ['accept', 'text/html'],
      ['accept-encoding', 'gzip,deflate,br,zstd'],
    ]);
  });

  it('keep the accept-encoding of the user, and ask for no coding of a part', () => {
    expect(headersOf({ headers: { 'accept-encoding': 'br', range: 'bytes=0-' } })).toEqual([
      ['accept-encoding', 'br'],
      ['range', 'bytes=0-'],
      ['accept', '*/*'],
    ]);
    expect(headersOf({ headers: { range: 'bytes=0-9' } })).toEqual([
      ['range', 'bytes=0-9'],
      ['accept', '*/*'],
      ['accept-encoding', 'identity'],
    ]);
  });

  it.each([
    ['a bad name', { 'bad name': 'x' }],
    ['a bad value', { a: 'x\r\ny' }],
    ['a value that is not latin-1', { a: '中' }],
    ['no pairs', [['a']]],
  ])('with %s are a TypeError', (_, headers) => {
    expect(thrown(() => read(URL_TEXT, { headers: headers as HeadersInit }))).toBeInstanceOf(TypeError);
    expect(thrown(() => new Request(URL_TEXT, { headers: headers as HeadersInit }))).toBeInstanceOf(
      TypeError,
    );
  });
});

describe('the body', () => {
  const form = new FormData();
  form.append('a', 'b');
  const bodies: [string, BodyInit, string][] = [
    ['a text', 'text', 'text'],
    ['parameters', new URLSearchParams({ a: 'b' }), 'a=b'],
    ['a Blob', new Blob(['blob'], { type: 'text/csv' }), 'blob'],
    ['bytes', new TextEncoder().encode('bytes'), 'bytes'],
    ['a number', 7 as unknown as BodyInit, '7'],
    ['false', false as unknown as BodyInit, 'false'],
  ];
  it.each(bodies)('may be %s, with the type the standard gives it', async (_, body, text) => {
    const request = read(URL_TEXT, { method: 'POST', body });
    expect(await textOf(request)).toBe(text);
    const native = new Request(URL_TEXT, { method: 'POST', body });
    expect((await request.body)?.type).toBe(native.headers.get('content-type') ?? undefined);
  });

  it('of a form has a type with its boundary', async () => {
    const request = read(URL_TEXT, { method: 'POST', body: form });
    const boundary = /boundary=(.*)$/.exec((await request.body)!.type!)?.[1];
    expect(await textOf(request)).toContain(`--${boundary}`);
  });

  it('that is a stream needs duplex: half', async () => {
    const make = () => new Blob(['streamed']).stream();
    expect(thrown(() => read(URL_TEXT, { method: 'POST', body: make() }))).toBeInstanceOf(TypeError);
    expect(thrown(() => new Request(URL_TEXT, { method: 'POST', body: make() }))).toBeInstanceOf(TypeError);
    expect(await textOf(read(URL_TEXT, { method: 'POST', body: make(), duplex: 'half' }))).toBe('streamed');
  });

  it('of a Request is sent', async () => {
    const request = new Request(URL_TEXT, { method: 'POST', body: 'inner' });
    const result = read(request);
    expect(await textOf(result)).toBe('inner');
    expect(headersOf(undefined, new Request(URL_TEXT, { method: 'POST', body: 'inner' }))).toContainEqual([
      'content-type',
      'text/plain;charset=UTF-8',
    ]);
  });

  it('of the init replaces that of the Request, null does not', async () => {
    const make = () => new Request(URL_TEXT, { method: 'POST', body: 'inner' });
    expect(await textOf(read(make(), { body: 'outer' }))).toBe('outer');
    expect(await new Request(make(), { body: null }).text()).toBe('inner');
    expect(await textOf(read(make(), { body: null }))).toBe('inner');
    expect(read(URL_TEXT, { method: 'POST', body: null }).body).toBeUndefined();
  });

  it('of a Request can be used once', async () => {
    const request = new Request(URL_TEXT, { method: 'POST', body: 'inner' });
    await request.text();
    expect(thrown(() => read(request))).toBeInstanceOf(TypeError);
    expect(thrown(() => new Request(request))).toBeInstanceOf(TypeError);
    // Another body takes its place.
    expect(await textOf(read(request, { body: 'outer' }))).toBe('outer');
    expect(await new Request(request, { body: 'outer' }).text()).toBe('outer');
  });
});

describe('the signal', () => {
  it('is that of the init, else that of the Request', () => {
    const mine = new AbortController();
    const others = new AbortController();
    const request = new Request(URL_TEXT, { signal: others.signal });
    expect(read(request, { signal: mine.signal }).signal).toBe(mine.signal);
    others.abort('theirs');
    expect(read(request).signal?.reason).toBe('theirs');
    expect(read(URL_TEXT).signal).toBeUndefined();
  });

  it('of the Request is taken away by null', () => {
    const request = new Request(URL_TEXT, { signal: AbortSignal.abort() });
    expect(read(request, { signal: null }).signal).toBeUndefined();
    expect(new Request(request, { signal: null }).signal.aborted).toBe(false);
  });
});

describe('other members', () => {
  it('redirect is follow, error or manual', () => {
    expect(read(URL_TEXT).redirect).toBe('follow');
    expect(read(URL_TEXT, { redirect: 'error' }).redirect).toBe('error');
    expect(read(new Request(URL_TEXT, { redirect: 'manual' })).redirect).toBe('manual');
    for (const redirect of ['Follow', 'none', ''] as unknown as RequestRedirect[]) {
      expect(thrown(() => read(URL_TEXT, { redirect }))).toBeInstanceOf(TypeError);
      expect(thrown(() => new Request(URL_TEXT, { redirect }))).toBeInstanceOf(TypeError);
    }
  });

  it('are checked by the platform, which knows their values', () => {
    const { settings } = read(URL_TEXT, { integrity: 'sha256-AAAA', cache: 'no-store' });
    expect(settings).toMatchObject({ integrity: 'sha256-AAAA', cache: 'no-store', mode: 'cors' });
    expect(read(URL_TEXT, { method: 'POST' }).settings).toBeUndefined();
    const asked = {
      cache: 'never',
      mode: 'navigate',
      credentials: 'some',
      referrerPolicy: 'none',
      window: 1,
    };
    for (const [name, value] of Object.entries(asked)) {
      expect(thrown(() => read(URL_TEXT, { [name]: value } as RequestInit))).toBeInstanceOf(TypeError);
    }
  });

  it('of a Request are handed on, but for its referrer', () => {
    const request = new Request(URL_TEXT, { cache: 'reload', integrity: 'sha256-AAAA', mode: 'same-origin' });
    expect(read(request).settings).toMatchObject({ cache: 'reload', integrity: 'sha256-AAAA' });
    expect(read(request, { integrity: '' }).settings).toMatchObject({
      cache: 'reload',
      integrity: '',
      mode: 'same-origin',
      referrer: 'about:client',
    });
  });
});
