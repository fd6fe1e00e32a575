import { describe, expect, it } from 'vitest';
import { extractBody } from '../../src/exchange/request-body.ts';
import type { FetchRequest } from '../../src/fetch/fetch-request.ts';
import { redirectedRequest } from '../../src/fetch/redirect.ts';
import { redirectLocation } from '../../src/fetch/redirect-location.ts';
import { thrown } from '../support/client.ts';

function request(changes: Partial<FetchRequest> = {}): FetchRequest {
  return {
    method: 'GET',
    url: new URL('http://origin.test/dir/page?q#part'),
    lines: [],
    body: undefined,
    signal: undefined,
    redirect: 'follow',
    settings: undefined,
    ...changes,
  };
}

/** UTF-8 bytes as a field value holds them: one character per byte. */
function onWire(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('redirectLocation', () => {
  it.each([301, 302, 303, 307, 308])('of a %i is its location', (status) => {
    expect(redirectLocation(status, ['a', 'b', 'location', '/next', 'location', '/other'])).toBe('/next');
    expect(redirectLocation(status, ['a', 'location'])).toBeUndefined();
    expect(redirectLocation(status, ['location', ''])).toBe('');
  });

  it.each([200, 201, 300, 304, 305, 306, 309, 400])('of a %i is none', (status) => {
    expect(redirectLocation(status, ['location', '/next'])).toBeUndefined();
  });
});

describe('the target', () => {
  const targets: [string, string][] = [
    ['/next', 'http://origin.test/next#part'],
    ['next', 'http://origin.test/dir/next#part'],
    ['?r', 'http://origin.test/dir/page?r#part'],
    ['', 'http://origin.test/dir/page?q#part'],
    ['//other.test/x', 'http://other.test/x#part'],
    ['https://other.test', 'https://other.test/#part'],
    ['/next#own', 'http://origin.test/next#own'],
    [onWire('/grün?é'), 'http://origin.test/gr%C3%BCn?%C3%A9#part'],
    ['/gr%C3%BCn', 'http://origin.test/gr%C3%BCn#part'],
  ];
  it.each(targets)('of %j is %s', (location, url) => {
    expect(redirectedRequest(request(), 302, location).url.href).toBe(url);
  });

  it.each(['http://', 'http://a b/', 'https://origin.test:99999/'])('must be a URL: %s', (location) => {
    expect(thrown(() => redirectedRequest(request(), 302, location))).toBeInstanceOf(TypeError);
  });

  it.each([
    'ftp://x.test/',
    'javascript:alert(1)',
    'data:text/html,x',
    'about:blank',
    'blob:x',
    'file:///etc/passwd',
  ])('must be http or https: %s', (location) => {
    expect(thrown(() => redirectedRequest(request(), 302, location))).toBeInstanceOf(TypeError);
  });
});

describe('the method', () => {
  const cases: [status: number, method: string, next: string][] = [
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [303, 'PUT', 'GET'],
    [303, 'DELETE', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'HEAD', 'HEAD'],
    [303, 'GET', 'GET'],
    [302, 'post', 'post'],
  ];
  it.each(cases)('after %i to %s is %s', (status, method, next) => {
    const body = method === 'GET' || method === 'HEAD' ? undefined : extractBody('body');
    const lines = [
      'content-type',
      'text/plain',
      'content-language',
      'en',
      'x-mine',
      '1',
      'content-length',
      '4',
    ];
    const result = redirectedRequest(request({ method, body, lines }), status, '/next');
    expect(result.method).toBe(next);
    const changed = next !== method;
    expect(result.body).toBe(changed ? undefined : body);
    expect(result.lines).toEqual(changed ? ['x-mine', '1'] : lines);
  });
});

describe('a body that can be read once', () => {
  const stream = () => request({ method: 'POST', body: extractBody(new Blob(['x']).stream()) });

  // Fetch standard, HTTP-redirect fetch: whatever becomes of the method.
  it.each([301, 302, 307, 308])('cannot follow a %i', (status) => {
    expect(thrown(() => redirectedRequest(stream(), status, '/next'))).toBeInstanceOf(TypeError);
  });

  it('is left behind by a 303', () => {
    expect(redirectedRequest(stream(), 303, '/next')).toMatchObject({ method: 'GET', body: undefined });
  });
});

describe('fields', () => {
  const lines = [
    'authorization',
    'Basic x',
    'cookie',
    'a=1',
    'host',
    'virtual.test',
    'x-mine',
    '1',
    'accept',
    '*/*',
  ];

  it.each(['/next', 'http://origin.test/next', 'http://origin.test:80/next', '//ORIGIN.test/'])(
    'stay as they are toward the same origin: %s',
    (location) => {
      expect(redirectedRequest(request({ lines }), 302, location).lines).toEqual(lines);
    },
  );

  it.each(['http://other.test/', 'https://origin.test/', 'http://origin.test:8080/', '//sub.origin.test/'])(
    'that belong to an origin stay behind toward another: %s',
    (location) => {
      expect(redirectedRequest(request({ lines }), 302, location).lines).toEqual([
        'x-mine',
        '1',
        'accept',
        '*/*',
      ]);
    },
  );
});
