import { describe, expect, it } from 'vitest';
import { redirectedRequest } from '../../src/pool/redirected-request.ts';
import { Retry } from '../../src/pool/retry.ts';

const NEXT = new URL('http://origin.test/next');
const REMOVED = Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT;

function request(changes: { method?: string; lines?: string[]; body?: string | undefined } = {}) {
  return { method: 'GET', url: new URL('http://origin.test/page'), lines: [], body: undefined, ...changes };
}

const CONTENT_LINES = [
  ...[
    'content-encoding',
    'gzip',
    'content-language',
    'en',
    'content-location',
    '/x',
    'content-type',
    'text/plain',
  ],
  ...['content-length', '4', 'digest', 'sha-256=x', 'last-modified', 'Mon, 03 Jun 2019 11:30:12 GMT'],
];
const OTHER_LINES = [
  'accept',
  '*/*',
  'content',
  '1',
  'content-types',
  '2',
  'x-content-type',
  '3',
  'x-mine',
  '4',
];

describe('a redirect that makes it a GET', () => {
  const methods: [method: string, next: string][] = [
    ['POST', 'GET'],
    ['PUT', 'GET'],
    ['DELETE', 'GET'],
    ['GET', 'GET'],
    // urllib3 makes a GET of this, too.
    ['HEAD', 'HEAD'],
  ];
  it.each(methods)('makes %s %s and leaves the content behind', (method, next) => {
    const lines = [...OTHER_LINES.slice(0, 4), ...CONTENT_LINES, ...OTHER_LINES.slice(4)];
    const given = request({ method, lines, body: 'text' });
    expect(redirectedRequest(given, NEXT, true, REMOVED)).toEqual({
      method: next,
      url: NEXT,
      lines: OTHER_LINES,
      body: undefined,
    });
    expect(given.lines).toEqual([...OTHER_LINES.slice(0, 4), ...CONTENT_LINES, ...OTHER_LINES.slice(4)]);
  });
});

describe('any other redirect', () => {
  it.each(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'patch'])('leaves a %s as it is', (method) => {
    const given = request({ method, lines: CONTENT_LINES, body: 'text' });
    expect(redirectedRequest(given, NEXT, false, REMOVED)).toEqual({ ...given, url: NEXT });
  });
});

describe('fields that say who asks, or whom', () => {
  const lines = [
    ...['authorization', 'Basic x', 'cookie', 'a=1', 'x-mine', '1', 'cookie', 'b=2'],
    ...['proxy-authorization', 'Basic y', 'host', 'virtual.test', 'accept', '*/*'],
  ];
  const after = (url: string, removed: ReadonlySet<string> = REMOVED) =>
    redirectedRequest(request({ lines }), new URL(url), false, removed).lines;

  it.each([
    'http://origin.test/next',
    'http://origin.test:80/',
    'http://ORIGIN.test/',
    'http://origin.test/?q#f',
  ])('go to %s', (url) => {
    expect(after(url)).toEqual(lines);
  });

  it.each([
    'http://other.test/',
    'https://origin.test/',
    'https://origin.test:80/',
    'http://origin.test:8080/',
    'http://sub.origin.test/',
    'http://origin.test./',
  ])('do not go to %s', (url) => {
    expect(after(url)).toEqual(['x-mine', '1', 'accept', '*/*']);
  });

  it('are those one names, and always host', () => {
    expect(after('http://other.test/', new Set(['x-mine']))).toEqual(
      lines.filter((_, index) => ![4, 5, 10, 11].includes(index)),
    );
    expect(after('http://other.test/', new Set())).toEqual(
      lines.filter((_, index) => ![10, 11].includes(index)),
    );
    expect(after('http://origin.test/', new Set(['x-mine']))).toEqual(lines);
  });
});
