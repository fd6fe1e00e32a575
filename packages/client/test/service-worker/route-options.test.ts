import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { installServiceWorker, type RouteOptions, routeThroughHip } from '../../src/service-worker/index.ts';
import { checkRoute } from '../../src/service-worker/route-options.ts';
import { rejection, thrown } from '../support/client.ts';

const GATEWAY = { gateway: 'ws://127.0.0.1:1/session', token: 'secret' };

/** As a worker sees it: constructors take no `navigate`. */
function request(url: string, mode = 'cors'): Request {
  return { url, mode } as Request;
}

describe('the choice of a route', () => {
  const takes = (origins: RouteOptions['origins'], url: string): boolean =>
    checkRoute({ ...GATEWAY, origins }).takes(request(url));

  it.each([
    ['https://api.internal/path?query', true],
    ['https://api.internal:443/', true],
    ['https://api.internal:8443/', false],
    ['http://api.internal/', false],
    ['https://api.internal.example/', false],
    ['https://sub.api.internal/', false],
    ['http://127.0.0.1:8080/', true],
  ])('%s: %s', (url, isTaken) => {
    expect(takes(['https://api.internal', 'http://127.0.0.1:8080'], url)).toBe(isTaken);
  });

  it('may be a function of the URL and the request', () => {
    const seen: unknown[] = [];
    const { takes } = checkRoute({
      ...GATEWAY,
      origins: (url, { mode }) => {
        seen.push(url.pathname, mode);
        return url.pathname.startsWith('/api/');
      },
    });
    expect([takes(request('https://a.example/api/1')), takes(request('https://a.example/other'))]).toEqual([
      true,
      false,
    ]);
    expect(seen).toEqual(['/api/1', 'cors', '/other', 'cors']);
  });

  it('what is no HTTP is never asked about', () => {
    for (const url of ['data:,x', 'blob:https://a.example/1', 'chrome-extension://x/y']) {
      expect(takes(() => true, url)).toBe(false);
    }
  });

  it('navigations are the browser’s, unless they are to be routed', () => {
    const page = request('https://api.internal/', 'navigate');
    const origins = ['https://api.internal'];
    expect(checkRoute({ ...GATEWAY, origins }).takes(page)).toBe(false);
    expect(checkRoute({ ...GATEWAY, origins, navigations: true }).takes(page)).toBe(true);
  });
});

describe('options that cannot be honoured', () => {
  it.each<[options: object, why: RegExp]>([
    [{}, /^origins must be an array of at least one origin/],
    [{ origins: [] }, /^origins must be an array of at least one origin/],
    [{ origins: 'https://api.internal' }, /^origins must be an array/],
    [{ origins: ['https://api.internal/'] }, /without a path: did you mean https:\/\/api\.internal\?$/],
    [{ origins: ['https://API.internal'] }, /did you mean https:\/\/api\.internal\?$/],
    [{ origins: ['https://api.internal:443'] }, /did you mean https:\/\/api\.internal\?$/],
    [{ origins: ['api.internal'] }, /without a path$/],
    [{ origins: ['ws://api.internal'] }, /^origins must be origins/],
    [{ origins: ['null'] }, /^origins must be origins/],
    [{ origins: [7] }, /^origins must be origins/],
    [{ origins: () => true, more: {} }, /^more must be a function/],
    [{ origins: () => true, navigations: 'yes' }, /^navigations must be true or false/],
    [{ origins: () => true, bufferUploads: 1 }, /^bufferUploads must be true or false/],
  ])('%j', (options, why) => {
    const error = thrown(() => checkRoute({ ...GATEWAY, ...options } as RouteOptions)) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toMatch(why);
  });
});

describe('outside their place', () => {
  it('routeThroughHip() is for workers', () => {
    const error = thrown(() => routeThroughHip({ ...GATEWAY, origins: ['https://api.internal'] }));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toContain('the script of a service worker');
  });

  it('installServiceWorker() is for pages', async () => {
    const error = (await rejection(installServiceWorker('/sw.js'))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toContain('is for pages');
    expect(await rejection(installServiceWorker('/sw.js', { scop: '/' } as object))).toBeInstanceOf(
      InvalidRequestError,
    );
    expect(await rejection(installServiceWorker('/sw.js', { type: 'script' } as object))).toBeInstanceOf(
      InvalidRequestError,
    );
  });
});
