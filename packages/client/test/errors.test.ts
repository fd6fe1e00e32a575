import { FAILURES, type FailureName } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import * as errors from '../src/errors.ts';
import { failureError, HTTPError } from '../src/errors.ts';

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
