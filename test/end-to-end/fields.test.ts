import {
  configure,
  encodeMultipartFormdata,
  HTTPHeaderDict,
  makeHeaders,
  RequestField,
  request,
  SKIP_HEADER,
} from '@hip/client';
import { describe, expect } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { fieldsOf } from '../support/fields.ts';
import { newClient, test } from '../support/fixtures.ts';

interface Echo {
  method: string;
  target: string;
  rawHeaders: string[];
  body: string;
}

async function formOf({ rawHeaders, body }: Echo): Promise<FormData> {
  const type = fieldsOf(rawHeaders).get('content-type') ?? '';
  return new Response(body, { headers: { 'content-type': type } }).formData();
}

describe('fields', () => {
  test.for(['GET', 'DELETE', 'HEAD', 'OPTIONS'])(
    'of %s go into the URL',
    async (method, { http, origin }) => {
      await http.request(method.toLowerCase(), origin.url('/hello?a=1#part'), {
        fields: { 'b c': 'd&ü', n: 7 },
      });
      expect(await origin.request('/hello')).toMatchObject({
        method,
        target: '/hello?a=1&b+c=d%26%C3%BC&n=7',
        receivedBytes: 0,
      });
    },
  );

  test('of POST are a form with its files', async ({ http, origin }) => {
    const file = new File(['line\r\nü'], 'näme.txt', { type: 'text/markdown' });
    const response = await http.request('POST', origin.url('/echo'), {
      fields: { text: 'a', file, note: ['note.csv', '1;2'] },
    });
    const echo = (await response.json()) as Echo;
    const form = await formOf(echo);
    expect(form.get('text')).toBe('a');
    const received = form.get('file') as File;
    expect([received.name, received.type, await received.text()]).toEqual([
      'näme.txt',
      'text/markdown',
      'line\r\nü',
    ]);
    expect((form.get('note') as File).type).toBe('text/csv');
    const fields = fieldsOf(echo.rawHeaders);
    expect(fields.has('transfer-encoding')).toBe(false);
    expect(Number(fields.get('content-length'))).toBe((await origin.request('/echo')).receivedBytes);
  });

  test('may be RequestFields, with a boundary of one’s own', async ({ http, origin }) => {
    const field = RequestField.fromTuples('a', 'b');
    const init = { fields: [field], multipartBoundary: 'edge' };
    const echo = (await (await http.request('PUT', origin.url('/echo'), init)).json()) as Echo;
    expect(echo.body).toBe('--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--edge--\r\n');
    expect(new TextDecoder().decode(encodeMultipartFormdata([field], 'edge').body as Uint8Array)).toBe(
      echo.body,
    );
  });

  test('are urlencoded where that is asked for', async ({ http, origin }) => {
    const init = { fields: { a: 'b c', d: 'é' }, encodeMultipart: false };
    const echo = (await (await http.request('POST', origin.url('/echo'), init)).json()) as Echo;
    expect(echo.body).toBe('a=b+c&d=%C3%A9');
    expect(fieldsOf(echo.rawHeaders).get('content-type')).toBe('application/x-www-form-urlencoded');
  });

  test('go where requestEncodeUrl() and requestEncodeBody() say', async ({ http, origin }) => {
    const fields = { a: 'b' };
    await http.requestEncodeUrl('POST', origin.url('/hello'), { fields });
    expect((await origin.request('/hello')).target).toBe('/hello?a=b');
    const encoded = await http.requestEncodeBody('DELETE', origin.url('/echo'), { fields });
    expect((await formOf((await encoded.json()) as Echo)).get('a')).toBe('b');
  });

  test('and a body are one too many', async ({ http, origin }) => {
    const init = { fields: { a: 'b' }, body: 'c' };
    expect(await rejection(http.request('POST', origin.url('/hello'), init))).toMatchObject({
      code: 'invalid_option',
    });
  });
});

test('json is sent as such', async ({ http, origin }) => {
  const url = origin.url('/echo');
  const echo = (await (await http.request('POST', url, { json: { a: ['ü', null] } })).json()) as Echo;
  expect(echo.body).toBe('{"a":["ü",null]}');
  expect(fieldsOf(echo.rawHeaders).get('content-type')).toBe('application/json');
  const headers = { 'Content-Type': 'application/problem+json' };
  const other = (await (await http.request('PATCH', url, { json: null, headers })).json()) as Echo;
  expect(other.body).toBe('null');
  expect(fieldsOf(other.rawHeaders).get('content-type')).toBe('application/problem+json');
});

test('a FormData is a body of known length, for fetch() too', async ({ http, origin }) => {
  const form = new FormData();
  form.append('file', new File(['content'], 'a.txt'));
  const requested = (await (await http.request('POST', origin.url('/echo'), { body: form })).json()) as Echo;
  const fetched = (await (
    await http.fetch(origin.url('/echo'), { method: 'POST', body: form })
  ).json()) as Echo;
  for (const echo of [requested, fetched]) {
    expect(fieldsOf(echo.rawHeaders).has('content-length')).toBe(true);
    expect(await ((await formOf(echo)).get('file') as File).text()).toBe('content');
  }
});

describe('headers', () => {
  test('of a manager are those of requests that have none', async ({ gateway, origin }) => {
    const http = newClient(gateway, { headers: makeHeaders({ basicAuth: 'a:b', userAgent: 'me' }) });
    const own = await http.request('GET', origin.url('/echo'));
    expect(fieldsOf(((await own.json()) as Echo).rawHeaders).get('authorization')).toBe('Basic YTpi');
    const merged = new HTTPHeaderDict(http.headers).merge({ 'X-Own': 'yes' });
    const replaced = await http.request('GET', origin.url('/echo'), { headers: { 'X-Own': 'yes' } });
    const both = await http.request('GET', origin.url('/echo'), { headers: merged });
    const [first, second] = [replaced, both].map(async (response) =>
      fieldsOf(((await response.json()) as Echo).rawHeaders).has('authorization'),
    );
    expect([await first, await second]).toEqual([false, true]);
  });

  test('that are added by themselves need not be', async ({ http, origin }) => {
    const headers = { 'User-Agent': SKIP_HEADER, 'Accept-Encoding': SKIP_HEADER };
    const echo = (await (await http.request('GET', origin.url('/echo'), { headers })).json()) as Echo;
    const fields = fieldsOf(echo.rawHeaders);
    expect([fields.has('user-agent'), fields.has('accept-encoding')]).toEqual([false, false]);
  });
});

test('a header of any length arrives as it is', async ({ http, origin }) => {
  const headers = Object.fromEntries(
    [63, 64, 127, 128, 200, 256, 400, 8_000].map((n) => [`x-${n}`, 'v'.repeat(n)]),
  );
  const echo = (await (await http.request('GET', origin.url('/echo'), { headers })).json()) as Echo;
  const fields = fieldsOf(echo.rawHeaders);
  for (const [name, value] of Object.entries(headers)) expect(fields.get(name)).toBe(value);
});

test('request() of the module goes to the gateway that was configured', async ({ gateway, origin }) => {
  configure({ gateway: gateway.url, token: gateway.token });
  const response = await request('POST', origin.url('/echo'), { json: 1 });
  expect(((await response.json()) as Echo).body).toBe('1');
});
