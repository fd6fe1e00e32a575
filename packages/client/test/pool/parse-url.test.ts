import { describe, expect, it } from 'vitest';
import { InvalidRequestError, LocationParseError } from '../../src/errors.ts';
import { encodeTarget, parseUrl } from '../../src/pool/parse-url.ts';
import { Url } from '../../src/pool/url.ts';
import { thrown } from '../support/client.ts';
import { NORMALIZED, PARTS, REFUSED } from './url-vectors.ts';

const NO_PARTS = {
  scheme: undefined,
  auth: undefined,
  host: undefined,
  port: undefined,
  path: undefined,
  query: undefined,
  fragment: undefined,
};

describe('parseUrl', () => {
  it.each(PARTS)('takes %j apart', (url, parts) => {
    const parsed = parseUrl(url);
    expect(parsed).toBeInstanceOf(Url);
    expect({ ...parsed }).toEqual({ ...NO_PARTS, ...parts });
  });

  it.each(NORMALIZED)('normalises %j to %j', (url, normalized) => {
    expect(parseUrl(url).url).toBe(normalized);
  });

  it.each(NORMALIZED)('changes nothing more when it is given what it made of %j', (_, normalized) => {
    // An escaped percent sign in front of a zone is none the second time.
    if (normalized.includes('%25]') || normalized.includes('%%')) return;
    expect(parseUrl(normalized).url).toBe(normalized);
  });

  it.each(REFUSED)('refuses %j', (url, message) => {
    const error = thrown(() => parseUrl(url));
    expect(error).toBeInstanceOf(LocationParseError);
    expect(error).toMatchObject({ code: 'invalid_option', message: `Failed to parse: ${message}` });
  });

  it.each([[undefined], [null], [80], [new URL('http://host/')], [new Uint8Array(1)]])(
    'refuses %s',
    (url) => {
      const error = thrown(() => parseUrl(url as unknown as string));
      expect(error).toBeInstanceOf(InvalidRequestError);
      expect((error as Error).message).toMatch(/^url must be a string, got \w+$/);
    },
  );

  it('never tells what may be a password', () => {
    for (const url of ['http://user:secret/x@host/', 'http://secret%/@host/', 'http://u:s@a secret/']) {
      expect((thrown(() => parseUrl(url)) as Error).message).not.toContain('secret');
    }
  });

  it('takes a lone surrogate for what UTF-8 makes of it', () => {
    expect(parseUrl('http://host/\ud800').path).toBe('/%EF%BF%BD');
  });

  it('needs no more than linear time', () => {
    const size = 200_000;
    for (const text of ['@', ':', '[', '%', '/..', '%25', '1.', '::', 'ü', '-.']) {
      const url = `http://${text.repeat(size)}`;
      const path = `http://host/${text.repeat(size)}`;
      for (const each of [url, path]) {
        try {
          parseUrl(each);
        } catch (error) {
          expect(error).toBeInstanceOf(LocationParseError);
        }
      }
    }
  });
});

describe('encodeTarget', () => {
  it.each([
    ['/', '/'],
    ['/a/../b/./c', '/a/../b/./c'],
    ['/a b?c d', '/a%20b?c%20d'],
    ['/?', '/?'],
    ['/?a?b', '/?a?b'],
    ['/a#b', '/a'],
    ['/a?b#c', '/a?b'],
    ['/a#b?c', '/a'],
    ['//a', '//a'],
    ['/%7e%', '/%257E%25'],
    ['/%7e?%', '/%7E?%25'],
    ['/[ü]', '/%5B%C3%BC%5D'],
    ['/\r\nx: y', '/%0D%0Ax:%20y'],
  ])('encodes %j', (target, encoded) => {
    expect(encodeTarget(target)).toBe(encoded);
  });

  it.each(['', 'a', '?a', '#a', '*', 'http://host/'])('refuses %j', (target) => {
    const error = thrown(() => encodeTarget(target));
    expect(error).toBeInstanceOf(LocationParseError);
    expect((error as Error).message).toBe('Failed to parse: target must begin with a slash');
  });
});
