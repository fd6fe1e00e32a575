import { describe, expect, it } from 'vitest';
import { acceptEncoding } from '../src/decode/content-encoding.ts';
import { InvalidRequestError } from '../src/errors.ts';
import { type HeaderShortcuts, makeHeaders } from '../src/make-headers.ts';
import { thrown } from './support/client.ts';

describe('makeHeaders', () => {
  const vectors: [HeaderShortcuts | undefined, Record<string, string>][] = [
    [undefined, {}],
    [{}, {}],
    [{ keepAlive: true }, { connection: 'keep-alive' }],
    [{ keepAlive: false }, {}],
    [{ acceptEncoding: true }, { 'accept-encoding': acceptEncoding() }],
    [{ acceptEncoding: false }, {}],
    [{ acceptEncoding: 'br, *;q=0' }, { 'accept-encoding': 'br, *;q=0' }],
    [{ acceptEncoding: '' }, {}],
    [{ acceptEncoding: ['gzip', 'br'] }, { 'accept-encoding': 'gzip,br' }],
    [{ acceptEncoding: ['identity'] }, { 'accept-encoding': 'identity' }],
    [{ acceptEncoding: [] }, {}],
    [{ userAgent: 'banana' }, { 'user-agent': 'banana' }],
    [{ userAgent: '' }, {}],
    [{ basicAuth: 'Aladdin:open sesame' }, { authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' }],
    [{ basicAuth: '' }, {}],
    [{ basicAuth: 'test:123£' }, { authorization: 'Basic dGVzdDoxMjOj' }],
    [{ basicAuth: 'test:123£', basicAuthEncoding: 'latin-1' }, { authorization: 'Basic dGVzdDoxMjOj' }],
    [{ basicAuth: 'test:123£', basicAuthEncoding: 'utf-8' }, { authorization: 'Basic dGVzdDoxMjPCow==' }],
    [{ basicAuth: '例:😀', basicAuthEncoding: 'utf-8' }, { authorization: 'Basic 5L6LOvCfmIA=' }],
    [{ proxyBasicAuth: 'a:b' }, { 'proxy-authorization': 'Basic YTpi' }],
    [{ proxyBasicAuth: '£', proxyBasicAuthEncoding: 'utf-8' }, { 'proxy-authorization': 'Basic wqM=' }],
    [{ basicAuthEncoding: 'utf-8' }, {}],
    [{ disableCache: true }, { 'cache-control': 'no-cache' }],
    [{ disableCache: false }, {}],
    [
      { keepAlive: true, acceptEncoding: ['br'], userAgent: 'u', basicAuth: 'a', disableCache: true },
      {
        'accept-encoding': 'br',
        'user-agent': 'u',
        connection: 'keep-alive',
        authorization: 'Basic YQ==',
        'cache-control': 'no-cache',
      },
    ],
  ];
  it.each(vectors)('of %j', (shortcuts, headers) => {
    expect(makeHeaders(shortcuts)).toEqual(headers);
  });

  it.each([['basicAuth'], ['proxyBasicAuth']])('refuses characters that Latin-1 has not in %s', (name) => {
    const error = thrown(() => makeHeaders({ [name]: 'user:€' }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toBe(
      `${name} must have characters of Latin-1 only, unless ${name}Encoding is "utf-8"`,
    );
  });

  it.each([['basicAuth'], ['proxyBasicAuth']])('refuses another encoding of %s', (name) => {
    const error = thrown(() => makeHeaders({ [name]: 'a:b', [`${name}Encoding`]: 'ascii' }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toBe(`${name}Encoding must be "latin-1" or "utf-8", got ascii`);
  });
});

it('lists what can be decoded as a header does', () => {
  expect(acceptEncoding()).toMatch(/^gzip,deflate(,\w+)*$/);
});
