import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { HTTPConnectionPool } from '../../src/http-connection-pool.ts';
import { checkNames, checkPoolTimeout } from '../../src/pool/check-options.ts';
import type { PoolManagerOptions } from '../../src/pool/pool-options.ts';
import type { RequestInit, UrlopenInit } from '../../src/pool/request-options.ts';
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
    expect(error.message).toMatch(
      /numPools, maxsize, block, cookies, headers, retries, timeout, certReqs, caCerts, .*, proxy, .*, proxyTls$/,
    );
  });

  it.each(['preload_content', 'encode_multipart', 'method', 'certreqs', 'numPools'])(
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

  it('about content are none of urlopen()', async () => {
    const http = new PoolManager({ gateway });
    for (const name of ['fields', 'json', 'encodeMultipart', 'multipartBoundary']) {
      const init = { [name]: undefined } as UrlopenInit;
      expectRefusal(
        await rejection(http.urlopen('GET', 'http://origin.test/', init)),
        new RegExp(`^request\\(\\) has no option "${name}"`),
      );
    }
  });

  it('about the host are none of a manager', async () => {
    const http = new PoolManager({ gateway });
    expectRefusal(
      await rejection(http.request('GET', 'http://origin.test/', { assertSameHost: true })),
      /^assertSameHost is for pools/,
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

describe('checkPoolTimeout', () => {
  it.each([
    [undefined, {}],
    [0, { poolTimeoutMs: 0 }],
    [1.5, { poolTimeoutMs: 2 }],
    [2 ** 52, { poolTimeoutMs: 2 ** 52 }],
  ])('of %s', (value, options) => {
    expect(checkPoolTimeout(value)).toEqual(options);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 2 ** 53, '5', null, true])(
    'refuses %s',
    (value) => {
      expectRefusal(
        thrown(() => checkPoolTimeout(value as number)),
        /^poolTimeout must be milliseconds/,
      );
    },
  );
});
