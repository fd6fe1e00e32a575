import { FAILURES, type FailureName } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import { connectionFromUrl } from '../src/connection-from-url.ts';
import * as errors from '../src/errors.ts';
import { copyOf, failureError, HTTPError, loaded } from '../src/errors.ts';
import { parseHttpProxy, parseSocksProxy } from '../src/pool/proxy-url.ts';
import { locationUrl } from '../src/pool/redirect-location.ts';
import { rejection, thrown } from './support/client.ts';

/** urllib3's tree (and ours where it says so), each class with its parent. */
const PARENTS: [string, string][] = [
  ['InvalidRequestError', 'HTTPError'],
  ['LocationValueError', 'InvalidRequestError'],
  ['LocationParseError', 'LocationValueError'],
  ['URLSchemeUnknown', 'LocationValueError'],
  ['ProxySchemeUnknown', 'URLSchemeUnknown'],
  ['ResponseNotChunked', 'ProtocolError'],
  ['ResponseStateError', 'HTTPError'],
  ['SessionError', 'HTTPError'],
  ['AuthenticationError', 'SessionError'],
  ['EgressDeniedError', 'HTTPError'],
  ['PoolError', 'HTTPError'],
  ['EmptyPoolError', 'PoolError'],
  ['FullPoolError', 'PoolError'],
  ['ClosedPoolError', 'PoolError'],
  ['TimeoutError', 'HTTPError'],
  ['ReadTimeoutError', 'TimeoutError'],
  ['ConnectTimeoutError', 'TimeoutError'],
  ['NewConnectionError', 'ConnectTimeoutError'],
  ['NameResolutionError', 'NewConnectionError'],
  ['SSLError', 'HTTPError'],
  ['ProxyError', 'HTTPError'],
  ['ProtocolError', 'HTTPError'],
  ['IncompleteRead', 'ProtocolError'],
];
const CLASSES = errors as unknown as Record<string, typeof HTTPError>;

describe('the classes', () => {
  it.each(PARENTS)('%s extends %s', (name, parent) => {
    const error = new CLASSES[name]!('internal_error', 'message', { cause: 'why' });
    expect(Object.getPrototypeOf(CLASSES[name])).toBe(CLASSES[parent]);
    expect(error).toBeInstanceOf(HTTPError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code: 'internal_error', message: 'message', cause: 'why' });
    expect(String(error)).toBe(`${name}: message`);
  });

  it('are all told here', () => {
    const known = ['HTTPError', ...PARENTS.map(([name]) => name)].sort();
    const exported = Object.keys(errors).filter((name) => /^[A-Z]/.test(name));
    expect(exported.sort()).toEqual(known);
  });
});

describe('what a class carries', () => {
  it('is the scheme that is not supported', () => {
    for (const [url, scheme] of [
      ['ftp://a.test/', 'ftp'],
      ['a.test', undefined],
    ] as const) {
      expect(thrown(() => parseHttpProxy(url))).toMatchObject({ name: 'ProxySchemeUnknown', scheme });
      expect(thrown(() => parseSocksProxy(url))).toMatchObject({ name: 'ProxySchemeUnknown', scheme });
    }
    expect(thrown(() => connectionFromUrl('ftp://a.test/'))).toMatchObject({
      name: 'URLSchemeUnknown',
      scheme: 'ftp',
    });
    expect(thrown(() => locationUrl('ftp://a.test/', new URL('http://a.test/')))).toMatchObject({
      name: 'URLSchemeUnknown',
      scheme: 'ftp',
      sent: 'always',
    });
  });

  it('is all there in a copy', () => {
    const options = { cause: 'why', url: 'http://a.test/', partial: 5, expected: 6, sent: 'maybe' as const };
    const error = new errors.IncompleteRead('http_response_incomplete', 'short', options);
    const copy = copyOf(error);
    expect(copy).not.toBe(error);
    expect(copy).toBeInstanceOf(errors.IncompleteRead);
    expect(copy).toMatchObject({ ...options, code: 'http_response_incomplete', message: 'short' });
    expect(copyOf(new HTTPError('dns_error', ''))).not.toHaveProperty('cause');
  });
});

describe('a part of the client that cannot be loaded', () => {
  it('is an error of its own, and nothing that was sent', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module');
    const failed = (await rejection(loaded(Promise.reject(cause)))) as HTTPError;
    expect(failed).toMatchObject({ name: 'HTTPError', code: 'load_failed', sent: 'never', cause });
    expect(await rejection(loaded(Promise.reject(cause), 'always'))).toMatchObject({ sent: 'always' });
    expect(await loaded(Promise.resolve(7))).toBe(7);
  });
});

describe('failureError', () => {
  it.each(Object.keys(FAILURES) as FailureName[])('makes of %s what its row says', (name) => {
    const error = failureError({ name, detail: 'in words' });
    expect(error.constructor).toBe(CLASSES[FAILURES[name].errorClass]);
    expect(error).toMatchObject({ code: name, sent: FAILURES[name].sent, message: 'in words' });
    // A reset carries no words.
    expect(failureError({ name, detail: '' }).message).toBe(name.replaceAll('_', ' '));
  });

  it('says of a fault of the caller that nothing was sent', () => {
    for (const code of [
      'invalid_option',
      'body_unreadable',
      'response_closed',
      'response_consumed',
    ] as const) {
      expect(new HTTPError(code, '').sent).toBe('never');
    }
  });
});
