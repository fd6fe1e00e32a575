import { describe, expect, test } from 'vitest';
import { FailureError } from '../../src/errors.ts';
import { forwardedRequest } from '../../src/pool/request-fields.ts';
import { responseFields, trailerFields } from '../../src/pool/response-fields.ts';

function raw(...texts: string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text, 'latin1'));
}

describe('forwardedRequest', () => {
  test.each([
    ['nothing', [], ['host', 'o'], undefined],
    [
      'order and repetition',
      ['b', '1', 'a', '2', 'b', '3'],
      ['host', 'o', 'b', '1', 'a', '2', 'b', '3'],
      undefined,
    ],
    ['a host of its own', ['a', '1', 'host', 'h'], ['host', 'h', 'a', '1'], undefined],
    ['an empty host', ['host', ''], ['host', ''], undefined],
    ['a length', ['content-length', '12'], ['host', 'o'], 12],
    ['the same length twice', ['content-length', '12', 'content-length', '12'], ['host', 'o'], 12],
    ['an option', ['connection', 'x', 'x', '1', 'y', '2'], ['host', 'o', 'y', '2'], undefined],
    [
      'options in several lines',
      ['x', '1', 'connection', 'close', 'connection', ' X , Y', 'y', '2'],
      ['host', 'o'],
      undefined,
    ],
    ['an option that names Host', ['connection', 'host, x', 'x', '1'], ['host', 'o'], undefined],
    [
      'an option that names the length',
      ['connection', 'content-length', 'content-length', '3'],
      ['host', 'o'],
      3,
    ],
    [
      'fields for proxies, and of an upgrade',
      ['proxy-authorization', 'a', 'proxy-foo', 'b', 'http2-settings', 'c', 'proxy', 'd'],
      ['host', 'o', 'proxy', 'd'],
      undefined,
    ],
    ['empty options', ['connection', ',, ', 'x', '1'], ['host', 'o', 'x', '1'], undefined],
  ])('%s', (_name, fields, expected, contentLength) => {
    expect(forwardedRequest(fields, 'o')).toEqual({ fields: expected, contentLength });
  });

  test.each([
    ['content-length', '-1'],
    ['content-length', '1, 1'],
    ['content-length', '0x1'],
    ['content-length', ''],
    ['content-length', '9999999999999999'],
    ['content-length', '+1'],
    ['content-length', '1 1'],
    [':protocol', 'websocket'],
  ])('refuses %s: %j', (name, value) => {
    expect(() => forwardedRequest([name, value], 'o')).toThrow(FailureError);
  });

  test('does not touch what it was given', () => {
    const fields = ['connection', 'x', 'x', '1'];
    forwardedRequest(fields, 'o');
    expect(fields).toEqual(['connection', 'x', 'x', '1']);
  });
});

describe('forwardedRequest to a proxy', () => {
  test.each([
    ['nothing', [], [], ['host', 'o', 'accept', '*/*']],
    ['an accept of the request', ['accept', 'a/b'], [], ['host', 'o', 'accept', 'a/b']],
    ['an accept of the proxy', ['accept', 'a/b'], ['accept', 'c/d'], ['host', 'o', 'accept', 'c/d']],
    [
      'fields of both, the proxy in the place of the request',
      ['x', '1', 'y', '2', 'x', '3'],
      ['x', '4', 'z', '5', 'z', '6'],
      ['host', 'o', 'y', '2', 'accept', '*/*', 'x', '4', 'z', '5', 'z', '6'],
    ],
    [
      'credentials: those of the proxy alone',
      ['proxy-authorization', 'Basic request'],
      ['proxy-authorization', 'Basic proxy'],
      ['host', 'o', 'accept', '*/*', 'proxy-authorization', 'Basic proxy'],
    ],
    [
      'a host of its own, which is not what the policy was asked about',
      ['host', 'internal.example'],
      [],
      ['host', 'o', 'accept', '*/*'],
    ],
    [
      'options of the request, which concern its own fields alone',
      ['connection', 'x, proxy-authorization', 'x', '1'],
      ['proxy-authorization', 'Basic proxy', 'x', '2'],
      ['host', 'o', 'accept', '*/*', 'proxy-authorization', 'Basic proxy', 'x', '2'],
    ],
  ])('%s', (_name, fields, proxyFields, expected) => {
    expect(forwardedRequest(fields, 'o', proxyFields).fields).toEqual(expected);
  });
});

describe('responseFields', () => {
  test.each([
    ['lower case', raw('Content-TYPE', 'A'), ['content-type', 'A']],
    ['every byte', raw('x', '\x01\x80\xff'), ['x', '\x01\x80\xff']],
    ['white space around', raw('x', ' \ta b\t '), ['x', 'a b']],
    ['nothing but white space', raw('x', ' \t '), ['x', '']],
    [
      'what is about the connection',
      raw('TE', '1', 'Upgrade', '2', 'a', '3', 'Transfer-Encoding', 'chunked'),
      ['a', '3'],
    ],
    ['what Connection names', raw('X', '1', 'Connection', 'keep-alive, x', 'y', '2'), ['y', '2']],
    ['an option called like a method of objects', raw('Connection', '__proto__', 'y', '2'), ['y', '2']],
  ])('%s', (_name, lines, expected) => {
    expect(responseFields(lines)).toEqual(expected);
  });
});

test('trailerFields leaves out framing and routing', () => {
  expect(trailerFields(raw('Content-Length', '3', 'Transfer-Encoding', 'x', 'Host', 'h', 'X', '1'))).toEqual([
    'x',
    '1',
  ]);
  expect(trailerFields([])).toEqual([]);
});
