import { describe, expect, it } from 'vitest';
import { HTTPError, PoolError, TimeoutError } from '../../src/errors.ts';
import * as errors from '../../src/pool/retry-errors.ts';

/** urllib3's tree, and ours where it has none. */
const PARENTS: [string, new (...given: never[]) => Error][] = [
  ['RequestError', PoolError],
  ['MaxRetryError', errors.RequestError],
  ['HostChangedError', errors.RequestError],
  ['ResponseError', HTTPError],
  ['UnrewindableBodyError', HTTPError],
  ['InvalidHeader', HTTPError],
  ['DeadlineError', TimeoutError],
];
const CLASSES = errors as unknown as Record<string, new (...given: string[]) => HTTPError>;

describe('the classes', () => {
  it.each(PARENTS)('%s has its place in the tree', (name, parent) => {
    expect(Object.getPrototypeOf(CLASSES[name])).toBe(parent);
  });

  it('are all told here', () => {
    expect(Object.keys(errors).sort()).toEqual(PARENTS.map(([name]) => name).sort());
  });
});

describe('HostChangedError', () => {
  it('names the pool and where it was to go', () => {
    const pool = { host: 'origin.test' };
    expect(new errors.HostChangedError(pool, 'http://other.test/')).toMatchObject({
      name: 'HostChangedError',
      code: 'host_changed',
      message: 'Tried to open a foreign host with url: http://other.test/',
      pool,
      url: 'http://other.test/',
      sent: 'never',
    });
    expect(new errors.HostChangedError(pool, 'http://other.test/', 'always').sent).toBe('always');
  });
});

describe('MaxRetryError', () => {
  it('needs no history', () => {
    const reason = new HTTPError('dns_error', 'no such name');
    expect(new errors.MaxRetryError(undefined, undefined, reason)).toMatchObject({
      history: [],
      sent: 'never',
    });
  });
});
