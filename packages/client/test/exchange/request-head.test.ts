import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { extractBody } from '../../src/exchange/request-body.ts';
import { type ConnectionFieldRule, requestHead } from '../../src/exchange/request-head.ts';
import { SKIP_HEADER } from '../../src/exchange/skip-header.ts';
import { thrown } from '../support/client.ts';

const AUTOMATIC = ['user-agent', 'hip/0.1.0', 'accept-encoding', 'identity'];

function head(
  url: string,
  lines: string[] = [],
  body?: string | ReadableStream,
  rule: ConnectionFieldRule = 'refuse',
) {
  const method = body === undefined ? 'GET' : 'POST';
  return requestHead(method, new URL(url), lines, body === undefined ? undefined : extractBody(body), rule);
}

describe('requestHead', () => {
  it('takes scheme, authority, path and query from the URL', () => {
    expect(head('https://Origin.Test:8443/a%20b/ü?q=ü#fragment')).toEqual({
      method: 'GET',
      scheme: 'https',
      authority: 'origin.test:8443',
      path: '/a%20b/%C3%BC?q=%C3%BC',
      fields: AUTOMATIC,
    });
    expect(head('http://origin.test:80')).toMatchObject({ authority: 'origin.test', path: '/' });
    expect(head('http://[::1]:8080/')).toMatchObject({ authority: '[::1]:8080' });
    expect(head('http://user:secret@origin.test/')).toMatchObject({ authority: 'origin.test' });
    expect(head('http://bücher.test/')).toMatchObject({ authority: 'xn--bcher-kva.test' });
  });

  it.each(['ftp://origin.test/', 'ws://origin.test/', 'file:///etc/passwd', 'data:,x'])(
    'refuses %s',
    (url) => {
      const error = thrown(() => head(url));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toContain(new URL(url).protocol);
    },
  );

  it("sends the user's fields in their order, each as often as given", () => {
    const lines = ['cookie', 'a=1', 'host', 'other.test', 'x-twice', '1', 'x-twice', '2'];
    expect(head('http://origin.test/', lines).fields).toEqual([...lines, ...AUTOMATIC]);
  });

  it('adds no field of its own where the user has one', () => {
    const lines = ['user-agent', 'mine', 'accept-encoding', 'gzip'];
    expect(head('http://origin.test/', lines).fields).toEqual(lines);
  });

  it('adds none that is skipped', () => {
    const skipped = ['user-agent', SKIP_HEADER, 'accept-encoding', SKIP_HEADER];
    expect(head('http://origin.test/', ['a', '1', ...skipped]).fields).toEqual(['a', '1']);
    expect(thrown(() => head('http://origin.test/', ['a', SKIP_HEADER]))).toBeInstanceOf(InvalidRequestError);
  });

  it('takes the whitespace around a value away', () => {
    expect(head('http://origin.test/', ['a', ' \t b c\t\r\n']).fields.slice(0, 2)).toEqual(['a', 'b c']);
  });

  const connectionFields = [
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ];
  it.each(connectionFields)('refuses or drops %s', (name) => {
    const error = thrown(() => head('http://origin.test/', [name, 'x']));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toContain(name);
    expect(head('http://origin.test/', [name, 'x'], undefined, 'drop').fields).toEqual(AUTOMATIC);
  });

  it.each([
    ['a line break', 'a\r\nb: c'],
    ['a NUL', 'a\0b'],
    ['a character that is no byte', '中'],
  ])('refuses a value with %s, and does not repeat it', (_, value) => {
    const error = thrown(() => head('http://origin.test/', ['x-name', value]));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'http_request_error', sent: 'never' });
    expect((error as Error).message).toMatch(/^header x-name must be bytes/);
    expect((error as Error).message).not.toContain(value);
  });

  it('takes every byte that a value may hold', () => {
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const value = `!${all.replace(/[\0\r\n]/g, '')}!`;
    expect(head('http://origin.test/', ['x', value]).fields.slice(0, 2)).toEqual(['x', value]);
  });

  it.each(['x name', '', ':path', 'a:b', 'a\r\nb', 'caf\u00e9', '\u0161'])(
    'refuses a header named %j',
    (name) => {
      const error = thrown(() => head('http://origin.test/', [name, 'value']));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(error).toMatchObject({
        code: 'http_request_error',
        sent: 'never',
        message: expect.stringContaining(JSON.stringify(name)),
      });
    },
  );

  it.each(['GE T', '', 'GET\r\nX: y', 'G\u0145T', 'a:b'])('refuses the method %j', (method) => {
    const error = thrown(() => requestHead(method, new URL('http://origin.test/'), [], undefined, 'refuse'));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toMatch(/^method must be a token/);
  });

  it.each(['GET', 'M-SEARCH', 'patch', "!#$%&'*+-.^_`|~"])('takes the method %s', (method) => {
    expect(requestHead(method, new URL('http://origin.test/'), [], undefined, 'refuse').method).toBe(method);
  });

  describe('content fields', () => {
    it('are added where the body tells', () => {
      expect(head('http://origin.test/', [], 'abc').fields).toEqual([
        ...AUTOMATIC,
        'content-type',
        'text/plain;charset=UTF-8',
        'content-length',
        '3',
      ]);
      expect(head('http://origin.test/', [], '').fields.slice(-2)).toEqual(['content-length', '0']);
      expect(head('http://origin.test/', [], new ReadableStream()).fields).toEqual(AUTOMATIC);
      expect(requestHead('PUT', new URL('http://origin.test/'), [], undefined, 'refuse').fields).toEqual([
        ...AUTOMATIC,
        'content-length',
        '0',
      ]);
    });

    it('of the user are kept where they are true', () => {
      const lines = ['content-type', 'application/json', 'content-length', '3'];
      expect(head('http://origin.test/', lines, 'abc').fields).toEqual([...lines, ...AUTOMATIC]);
      // The length of a stream is known to nobody else; the gateway holds the user to it.
      expect(head('http://origin.test/', ['content-length', '9'], new ReadableStream()).fields).toContain(
        'content-length',
      );
      expect(head('http://origin.test/', ['content-length', '0']).fields).toContain('content-length');
    });

    it.each([
      ['shorter', ['content-length', '2'], 'abc'],
      ['longer', ['content-length', '4'], 'abc'],
      ['no number', ['content-length', 'three'], 'abc'],
      ['contradicted', ['content-length', '3', 'content-length', '5'], 'abc'],
      ['for no body', ['content-length', '5'], undefined],
    ])('with a length that is %s are refused', (_, lines, body) => {
      const error = thrown(() => head('http://origin.test/', lines, body));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toMatch(/^header content-length must be \d/);
    });

    it('are not mistaken for values that read like names', () => {
      const lines = ['access-control-request-headers', 'content-length', 'content-length', '3'];
      expect(head('http://origin.test/', lines, 'abc').fields).toEqual([
        ...lines,
        ...AUTOMATIC,
        'content-type',
        'text/plain;charset=UTF-8',
      ]);
    });
  });
});
