import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { HTTPConnectionPool } from '../../src/http-connection-pool.ts';
import type { PoolManagerOptions, RequestInit } from '../../src/options.ts';
import { checkNames, requestOptions } from '../../src/pool/check-options.ts';
import { PoolManager } from '../../src/pool-manager.ts';
import { rejection, thrown } from '../support/client.ts';

const gateway = 'ws://gateway.test/session';

function expectRefusal(error: unknown, message: RegExp): void {
  expect(error).toBeInstanceOf(InvalidRequestError);
  expect(error).toMatchObject({ code: 'invalid_option', sent: 'never' });
  expect((error as Error).message).toMatch(message);
}

describe('option names', () => {
  it.each([
    ['num_pools', { num_pools: 3 }],
    ['numpools', { numpools: 3 }],
    ['certreqs', { certreqs: 'CERT_NONE' }],
    ['caCert', { caCert: '' }],
    ['__proto__', JSON.parse('{"__proto__": 1}')],
  ])('that a manager does not have are refused: %s', (name, options) => {
    const error = thrown(() => new PoolManager({ gateway, ...options }));
    expectRefusal(
      error,
      new RegExp(`^PoolManager has no option "${name}"; there are gateway, token, numPools`),
    );
  });

  it('that a pool does not have are refused', () => {
    const options = { gateway, numPools: 3 } as PoolManagerOptions;
    expectRefusal(
      thrown(() => new HTTPConnectionPool('origin.test', 80, options)),
      /no option "numPools"/,
    );
  });

  it('are all told', () => {
    const error = thrown(() => new PoolManager({ gateway, caCert: '' } as PoolManagerOptions)) as Error;
    expect(error.message).toMatch(/numPools, maxsize, block, certReqs, caCerts, .*, proxy, .*, proxyTls$/);
  });

  it.each(['preload_content', 'retries', 'redirect', 'fields', 'method', 'certreqs', 'numPools'])(
    'that a request does not have are refused: %s',
    async (name) => {
      const http = new PoolManager({ gateway });
      const init = { [name]: true } as RequestInit;
      expectRefusal(
        await rejection(http.request('GET', 'http://origin.test/', init)),
        new RegExp(`^request\\(\\) has no option "${name}"`),
      );
    },
  );

  it('that a timeout does not have are refused', () => {
    const timeout = { total: 3 } as NonNullable<RequestInit['timeout']>;
    expectRefusal(
      thrown(() => requestOptions({ timeout })),
      /^timeout has no option "total"; there are connect, read/,
    );
  });

  it('are only those of the object itself', () => {
    checkNames('x', Object.create({ inherited: 1 }) as object, []);
  });
});

describe('ranges', () => {
  const good: [keyof PoolManagerOptions, unknown[]][] = [
    ['numPools', [0, 1, 10_000, undefined]],
    ['maxsize', [1, 1_000, undefined]],
    ['block', [true, false, undefined]],
  ];
  it.each(good)('%s may be any of its range', (name, values) => {
    for (const value of values) new PoolManager({ gateway, [name]: value } as PoolManagerOptions);
  });

  const bad: [keyof PoolManagerOptions, unknown[], RegExp][] = [
    [
      'numPools',
      [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null],
      /^numPools must be an integer from 0, got /,
    ],
    ['maxsize', [0, -1, 1.5, 2 ** 53, '1', true], /^maxsize must be an integer from 1, got /],
    ['block', [1, 'yes', null], /^block must be true or false, got /],
  ];
  it.each(bad)('%s must be in its range', (name, values, message) => {
    for (const value of values) {
      const options = { gateway, [name]: value } as PoolManagerOptions;
      expectRefusal(
        thrown(() => new PoolManager(options)),
        message,
      );
      if (name !== 'numPools')
        expectRefusal(
          thrown(() => new HTTPConnectionPool('h.test', 80, options)),
          message,
        );
    }
  });
});

describe('requestOptions', () => {
  it('are none where nothing is said', () => {
    expect(requestOptions({})).toEqual({});
  });

  it('take one timeout for both', () => {
    expect(requestOptions({ timeout: 100 })).toEqual({ connectTimeoutMs: 100, readTimeoutMs: 100 });
    expect(requestOptions({ timeout: 0 })).toEqual({ connectTimeoutMs: 0, readTimeoutMs: 0 });
  });

  it('take each by itself, in whole milliseconds, never less than asked for', () => {
    expect(requestOptions({ timeout: { connect: 0.2 }, poolTimeout: 1.5 })).toEqual({
      connectTimeoutMs: 1,
      poolTimeoutMs: 2,
    });
    expect(requestOptions({ timeout: { read: 2 ** 52 } })).toEqual({ readTimeoutMs: 2 ** 52 });
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 2 ** 53, '5', null, true])(
    'refuse %s',
    (value) => {
      const ms = value as number;
      expectRefusal(
        thrown(() => requestOptions({ timeout: { connect: ms } })),
        /^timeout.connect must be milliseconds/,
      );
      expectRefusal(
        thrown(() => requestOptions({ timeout: { read: ms } })),
        /^timeout.read must be milliseconds/,
      );
      expectRefusal(
        thrown(() => requestOptions({ poolTimeout: ms })),
        /^poolTimeout must be milliseconds/,
      );
    },
  );
});
