import { expect, it } from 'vitest';
import { InvalidRequestError } from '../src/errors.ts';
import { makeHeaders } from '../src/make-headers.ts';
import { thrown } from './support/client.ts';
import { CANARY } from './support/credentials.ts';

it.each([
  [undefined, {}],
  [{}, {}],
  [{ keepAlive: true }, { connection: 'keep-alive' }],
  [{ keepAlive: false }, {}],
  [{ acceptEncoding: 'br;q=1.0, gzip' }, { 'accept-encoding': 'br;q=1.0, gzip' }],
  [{ acceptEncoding: ['gzip', 'br'] }, { 'accept-encoding': 'gzip,br' }],
  [{ userAgent: 'me/1' }, { 'user-agent': 'me/1' }],
  [{ basicAuth: 'user:password' }, { authorization: 'Basic dXNlcjpwYXNzd29yZA==' }],
  [{ proxyBasicAuth: 'user:password' }, { 'proxy-authorization': 'Basic dXNlcjpwYXNzd29yZA==' }],
  [{ basicAuth: 'ü:é' }, { authorization: 'Basic /Drp' }],
  [{ basicAuth: 'ü:é', basicAuthEncoding: 'utf-8' }, { authorization: 'Basic w7w6w6k=' }],
  [{ proxyBasicAuth: 'ü:é' }, { 'proxy-authorization': 'Basic /Drp' }],
  [{ proxyBasicAuth: 'ü:☃', proxyBasicAuthEncoding: 'utf-8' }, { 'proxy-authorization': 'Basic w7w64piD' }],
  [{ disableCache: true }, { 'cache-control': 'no-cache' }],
  [
    { keepAlive: true, userAgent: 'me', basicAuth: 'a:b', proxyBasicAuth: 'c:d', disableCache: true },
    {
      connection: 'keep-alive',
      'user-agent': 'me',
      authorization: 'Basic YTpi',
      'proxy-authorization': 'Basic Yzpk',
      'cache-control': 'no-cache',
    },
  ],
] as const)('makeHeaders(%o)', (shortcuts, headers) => {
  expect(makeHeaders(shortcuts)).toEqual(headers);
});

it.each(['basicAuth', 'proxyBasicAuth'] as const)('%s has no characters its encoding has not', (name) => {
  const encoding = name === 'basicAuth' ? 'proxyBasicAuthEncoding' : 'basicAuthEncoding';
  const error = thrown(() => makeHeaders({ [name]: `☃:${CANARY}`, [encoding]: 'utf-8' })) as Error;
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error.message).toBe(
    `${name} must have characters of Latin-1 only, unless ${name}Encoding is "utf-8"`,
  );
});
