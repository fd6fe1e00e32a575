import { describe, expect, it } from 'vitest';
import { LocationParseError, LocationValueError, URLSchemeUnknown } from '../../src/errors.ts';
import { locationUrl, redirectLocation } from '../../src/pool/redirect-location.ts';
import { answer } from '../support/attempts.ts';
import { thrown } from '../support/client.ts';

const BASE = new URL('http://user:secret@origin.test/dir/page?q#part');

/** UTF-8 bytes as a field value holds them: one character per byte. */
function onWire(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('redirectLocation', () => {
  it.each([301, 302, 303, 307, 308])('of a %i is its location', (status) => {
    expect(redirectLocation(answer(status, { Location: '/next' }))).toBe('/next');
    expect(redirectLocation(answer(status, { location: '' }))).toBeUndefined();
    expect(redirectLocation(answer(status))).toBeUndefined();
  });

  it.each([200, 201, 300, 304, 305, 306, 309, 400, 503])('of a %i is none', (status) => {
    expect(redirectLocation(answer(status, { location: '/next' }))).toBeUndefined();
  });

  it.each([
    ['http://user:canary@a.test/b?c#d', 'http://a.test/b?c#d'],
    ['HTTPS://canary@a.test', 'HTTPS://a.test'],
    ['//user:canary@a.test/', '//a.test/'],
    ['http:\\\\user:canary@a.test/', 'http://a.test/'],
    ['http://a@canary@b.test/', 'http://b.test/'],
    ['/path@of/a@b', '/path@of/a@b'],
    ['http://a.test/@b?c=d@e', 'http://a.test/@b?c=d@e'],
    ['?//a@b', '?//a@b'],
  ])('of %s has no user name: histories and errors tell it', (location, told) => {
    expect(redirectLocation(answer(302, { location }))).toBe(told);
  });
});

describe('locationUrl', () => {
  const targets: [string, string][] = [
    ['/next', 'http://origin.test/next'],
    ['next', 'http://origin.test/dir/next'],
    ['../next', 'http://origin.test/next'],
    ['?r', 'http://origin.test/dir/page?r'],
    ['#other', 'http://origin.test/dir/page?q#other'],
    ['//other.test/x', 'http://other.test/x'],
    ['https://other.test', 'https://other.test/'],
    ['http://OTHER.test:80/a/../b', 'http://other.test/b'],
    ['/next#own', 'http://origin.test/next#own'],
    ['http://evil:word@other.test/', 'http://other.test/'],
    ['//evil@other.test/', 'http://other.test/'],
    [onWire('/grün?é'), 'http://origin.test/gr%C3%BCn?%C3%A9'],
    ['/gr%C3%BCn', 'http://origin.test/gr%C3%BCn'],
    ['\\\\other.test/x', 'http://other.test/x'],
  ];
  it.each(targets)('of %j is %s', (location, url) => {
    expect(locationUrl(location, BASE).href).toBe(url);
  });

  it.each(['http://', 'http://a b/', 'https://origin.test:99999/', 'http://[::1/'])(
    'must be a URL: %s',
    (text) => {
      const error = thrown(() => locationUrl(text, BASE));
      expect(error).toBeInstanceOf(LocationParseError);
      expect(error).toBeInstanceOf(LocationValueError);
      expect(error).toMatchObject({
        name: 'LocationParseError',
        code: 'invalid_location',
        sent: 'always',
        message: 'Failed to parse the location of a redirect',
      });
    },
  );

  it.each([
    ['ftp', 'ftp://other.test/'],
    ['javascript', 'javascript:alert(1)'],
    ['data', 'data:text/html,x'],
    ['about', 'about:blank'],
    ['blob', 'blob:http://origin.test/x'],
    ['file', 'file:///etc/passwd'],
    ['ws', 'ws://origin.test/'],
    ['httpx', 'httpx://origin.test/'],
  ])('must not be of the scheme %s', (scheme, text) => {
    const error = thrown(() => locationUrl(text, BASE));
    expect(error).toBeInstanceOf(URLSchemeUnknown);
    expect(error).toBeInstanceOf(LocationValueError);
    expect(error).toMatchObject({
      code: 'invalid_location',
      sent: 'always',
      message: `Not supported URL scheme ${scheme}`,
    });
  });
});
