import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { framing } from '../../src/exchange/framing.ts';
import { extractBody } from '../../src/exchange/request-body.ts';
import {
  encodeInBody,
  encodeInUrl,
  encodeRequest,
  type RequestContent,
} from '../../src/pool/encode-request.ts';
import { HTTPHeaderDict } from '../../src/pool/http-header-dict.ts';
import { thrown } from '../support/client.ts';
import { textOf } from '../support/multipart.ts';

const FORM = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1 2\r\n--b--\r\n';
const MULTIPART = 'Content-Type: multipart/form-data; boundary=b';
const URLENCODED = 'Content-Type: application/x-www-form-urlencoded';
const JSON_TYPE = 'Content-Type: application/json';

/** What is to be sent, for comparison: URL, header lines, and the body as text. */
async function sent(method: string, url: string, content: RequestContent) {
  const encoded = encodeRequest(method, url, content);
  const headers = [...encoded.headers].map(([name, value]) => `${name}: ${value}`);
  const body = encoded.body as string | Uint8Array<ArrayBuffer> | Blob | undefined;
  const text = body === undefined || typeof body === 'string' ? body : await textOf(body);
  return [encoded.method, encoded.url, headers, text];
}

describe('encodeRequest', () => {
  const fields = { a: '1 2' };
  type Vector = [string, RequestContent, url: string, headers: string[], body: string | undefined];

  const inUrl: Vector[] = [
    ['nothing', {}, 'http://o/', [], undefined],
    ['fields', { fields }, 'http://o/?a=1+2', [], undefined],
    ['no fields', { fields: {} }, 'http://o/', [], undefined],
    ['null for fields', { fields: null }, 'http://o/', [], undefined],
    ['headers', { headers: { 'X-A': '1' } }, 'http://o/', ['X-A: 1'], undefined],
    ['a body', { body: 'text' }, 'http://o/', [], 'text'],
    ['no body', { body: null }, 'http://o/', [], undefined],
    ['fields and a body', { fields, body: 'text' }, 'http://o/?a=1+2', [], 'text'],
    ['JSON', { json: [1] }, 'http://o/', [JSON_TYPE], '[1]'],
    ['fields and JSON', { fields, json: [1] }, 'http://o/?a=1+2', [JSON_TYPE], '[1]'],
    [
      'pairs',
      {
        fields: [
          ['a', '1'],
          ['a', '2'],
        ],
      },
      'http://o/?a=1&a=2',
      [],
      undefined,
    ],
    ['a form without files', { fields: formData() }, 'http://o/?a=1+2', [], undefined],
  ];
  describe.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'get'])('%s', (method) => {
    it.each(inUrl)('with %s', async (_, content, url, headers, body) => {
      expect(await sent(method, 'http://o/', content)).toEqual([method.toUpperCase(), url, headers, body]);
    });
  });

  const boundary = { multipartBoundary: 'b' };
  const inBody: Vector[] = [
    ['nothing', {}, 'http://o/', [], undefined],
    ['fields', { fields, ...boundary }, 'http://o/', [MULTIPART], FORM],
    ['no fields', { fields: {} }, 'http://o/', [], undefined],
    ['null for fields', { fields: null }, 'http://o/', [], undefined],
    ['no pairs', { fields: [].values() }, 'http://o/', [], undefined],
    ['an empty form', { fields: new FormData() }, 'http://o/', [], undefined],
    ['no fields and a body', { fields: {}, body: 'text' }, 'http://o/', [], 'text'],
    ['a body', { body: 'text' }, 'http://o/', [], 'text'],
    ['an empty body', { body: '' }, 'http://o/', [], ''],
    ['no body', { body: null }, 'http://o/', [], undefined],
    ['no body and fields', { body: null, fields, ...boundary }, 'http://o/', [MULTIPART], FORM],
    [
      'fields that come once',
      { fields: Object.entries(fields).values(), ...boundary },
      'http://o/',
      [MULTIPART],
      FORM,
    ],
    ['FormData', { fields: formData(), ...boundary }, 'http://o/', [MULTIPART], FORM],
    [
      'lines of FormData',
      { fields: formData('1\n2'), ...boundary },
      'http://o/',
      [MULTIPART],
      FORM.replace('1 2', '1\r\n2'),
    ],
    ['urlencoded fields', { fields, encodeMultipart: false }, 'http://o/', [URLENCODED], 'a=1+2'],
    ['a urlencoded form', { fields: formData(), encodeMultipart: false }, 'http://o/', [URLENCODED], 'a=1+2'],
    [
      'fields and headers',
      { fields, encodeMultipart: false, headers: { 'X-A': '1' } },
      'http://o/',
      ['X-A: 1', URLENCODED],
      'a=1+2',
    ],
    [
      'fields of another type',
      { fields, ...boundary, headers: { 'content-type': 'text/x' } },
      'http://o/',
      ['content-type: text/x'],
      FORM,
    ],
    ['JSON', { json: { a: [1, null, 'ü'] } }, 'http://o/', [JSON_TYPE], '{"a":[1,null,"ü"]}'],
    [
      'JSON of another type',
      { json: 1, headers: { 'CONTENT-TYPE': 'x/y' } },
      'http://o/',
      ['CONTENT-TYPE: x/y'],
      '1',
    ],
    ['no fields and JSON', { json: 1, fields: [] }, 'http://o/', [JSON_TYPE], '1'],
    ['null', { json: null }, 'http://o/', [JSON_TYPE], 'null'],
    ['false', { json: false }, 'http://o/', [JSON_TYPE], 'false'],
    ['an empty text as JSON', { json: '' }, 'http://o/', [JSON_TYPE], '""'],
    ['no JSON', { json: undefined }, 'http://o/', [], undefined],
    ['what knows its JSON', { json: new Date(0) }, 'http://o/', [JSON_TYPE], '"1970-01-01T00:00:00.000Z"'],
  ];
  describe.each(['POST', 'PUT', 'PATCH', 'TRACE', 'CUSTOM', 'post'])('%s', (method) => {
    it.each(inBody)('with %s', async (_, content, url, headers, body) => {
      // An iterator is used up by the first method.
      const once = 'next' in (content.fields ?? {});
      if (once && method !== 'POST') return;
      expect(await sent(method, 'http://o/', content)).toEqual([method.toUpperCase(), url, headers, body]);
    });
  });

  it.each([
    ['/', '/?a=1+2'],
    ['', '?a=1+2'],
    ['/?', '/?a=1+2'],
    ['/?b=1', '/?b=1&a=1+2'],
    ['/?b=1&', '/?b=1&a=1+2'],
    ['/?b?c', '/?b?c&a=1+2'],
    ['/#f', '/?a=1+2#f'],
    ['/?b#f?g', '/?b&a=1+2#f?g'],
    ['/#f?g', '/?a=1+2#f?g'],
  ])('puts fields into the query of %j', (url, expected) => {
    expect(encodeRequest('GET', url, { fields }).url).toBe(expected);
  });

  it('leaves the headers alone that it is given', () => {
    for (const headers of [new HTTPHeaderDict({ 'X-A': '1' }), new Headers({ 'x-a': '1' }), { 'X-A': '1' }]) {
      for (const method of ['GET', 'POST']) {
        encodeRequest(method, '/', { headers, json: 1 }).headers.add('X-B', '2');
        expect(new HTTPHeaderDict(headers).size).toBe(1);
      }
    }
  });

  it.each([
    [
      'fields and a body',
      { fields, body: 'text' },
      'fields and body both say what the body is: give one of them',
    ],
    [
      'fields and an empty body',
      { fields, body: '' },
      'fields and body both say what the body is: give one of them',
    ],
    ['fields and JSON', { fields, json: 1 }, 'fields and json both say what the body is: give one of them'],
    [
      'a body and JSON',
      { body: 'text', json: 1 },
      'body and json both say what the body is: give one of them',
    ],
    ['a function as JSON', { json: () => {} }, 'json must be a value that JSON can say: got function'],
    ['a symbol as JSON', { json: Symbol('s') }, 'json must be a value that JSON can say: got symbol'],
    ['a BigInt as JSON', { json: 1n }, /^json must be a value that JSON can say: .*BigInt/],
    ['a circle as JSON', { json: circle() }, /^json must be a value that JSON can say: .*circular/],
    [
      'a boundary that is not needed',
      { fields, encodeMultipart: false, multipartBoundary: 'b' },
      'multipartBoundary is about multipart/form-data: leave it or encodeMultipart: false out',
    ],
    ['a boundary that cannot be', { fields, multipartBoundary: '' }, /^multipartBoundary must be 1 to 70/],
    [
      'a file that is not to be multipart',
      { fields: { a: ['f', 'data'] }, encodeMultipart: false },
      'field a must be text, numbers, booleans or Uint8Array where it is urlencoded, got an array',
    ],
    [
      'a Blob that is not to be multipart',
      { fields: { a: new Blob([]) }, encodeMultipart: false },
      'field a must be text, numbers, booleans or Uint8Array where it is urlencoded, got a Blob',
    ],
    ['a text for fields', { fields: 'a=1' }, 'fields must be an object, pairs or FormData, got string'],
    ['a header that is none', { headers: { a: 1 } }, 'header a must be a string, got number'],
  ] as [string, RequestContent, string | RegExp][])('refuses %s', (_, content, message) => {
    const error = thrown(() => encodeRequest('POST', '/', content));
    expect(error).toBeInstanceOf(InvalidRequestError);
    if (typeof message === 'string') expect((error as Error).message).toBe(message);
    else expect((error as Error).message).toMatch(message);
  });

  it.each([
    ['a body and JSON', { body: 'text', json: 1 }, /^body and json both/],
    ['a text for fields', { fields: 'a=1' }, /^fields must be an object, pairs or FormData, got string$/],
    ['a file', { fields: { a: ['f', 'data'] } }, /^field a must be .* got an array$/],
    ['encodeMultipart', { encodeMultipart: true }, /^encodeMultipart is about fields in a body/],
    ['a boundary', { fields, multipartBoundary: 'b' }, /^multipartBoundary is about fields in a body/],
  ] as [string, RequestContent, RegExp][])('refuses %s in a URL', (_, content, message) => {
    const error = thrown(() => encodeRequest('GET', '/', content));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(message);
  });

  it.each([
    ['text', { fields }, 'POST'],
    ['a Blob', { fields: { a: new Blob(['x']) } }, 'POST'],
    ['urlencoded fields', { fields, encodeMultipart: false }, 'PUT'],
    ['JSON', { json: {} }, 'PATCH'],
  ] as [string, RequestContent, string][])(
    'has a length and may be sent again with %s',
    async (_, content, method) => {
      const body = await extractBody(encodeRequest(method, '/', content).body!);
      expect(body.isReplayable).toBe(true);
      expect(framing(method, body)).toBe(body.length);
    },
  );
});

describe.each([
  ['encodeInUrl', encodeInUrl],
  ['encodeInBody', encodeInBody],
])('%s', (_, encode) => {
  it('takes every method, as it is written', () => {
    for (const method of ['get', 'POST']) expect(encode(method, '/', {}).method).toBe(method);
  });
});

it('encodes in the place it is told to', () => {
  expect(encodeInUrl('POST', '/', { fields: { a: 1 } })).toMatchObject({ url: '/?a=1', body: undefined });
  const inBody = encodeInBody('GET', '/', { fields: { a: 1 }, encodeMultipart: false });
  expect(inBody).toMatchObject({ url: '/', body: 'a=1' });
});

function formData(value = '1 2'): FormData {
  const form = new FormData();
  form.append('a', value);
  return form;
}

function circle(): unknown {
  const value: { itself?: unknown } = {};
  value.itself = value;
  return value;
}
