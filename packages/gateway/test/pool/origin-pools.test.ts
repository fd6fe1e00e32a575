import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { SILENT_LOGGER } from '../../src/logger.ts';
import type { ConnectionPool } from '../../src/pool/connection-pool.ts';
import { OriginPools } from '../../src/pool/origin-pools.ts';
import { type PoolKey, poolKey } from '../../src/pool/pool-key.ts';
import { httpOrigin } from '../support/origins.ts';
import { connectionTo, roundTrip } from '../support/recorder.ts';
import { ANYWHERE, poolSettings } from '../support/settings.ts';

function pools(numPools: number): OriginPools {
  return new OriginPools({
    numPools,
    createConnection: ({ target }) => connectionTo(target.port),
    log: SILENT_LOGGER,
  });
}

const settings = poolSettings();
const BLOCKING = poolSettings({ block: true });

const key = (host: string, port = 80): PoolKey =>
  poolKey({ scheme: 'http', host, port }, settings, false, ANYWHERE);

async function use(pool: ConnectionPool): Promise<string> {
  const lease = await pool.acquire();
  const got = await roundTrip(lease.connection);
  lease.release(got.failure === undefined);
  return got.text;
}

test('one pool per key', () => {
  const all = pools(10);
  expect(all.poolFor(key('a'))).toBe(all.poolFor(key('a')));
  expect(all.poolFor(key('a'))).not.toBe(all.poolFor(key('b')));
  expect(all.poolFor(key('a'))).not.toBe(all.poolFor(key('a', 81)));
  expect(all.poolFor(key('a'))).not.toBe(
    all.poolFor(poolKey({ scheme: 'https', host: 'a', port: 80 }, settings, false, ANYWHERE)),
  );
});

test('the one used longest ago goes', () => {
  const all = pools(2);
  const a = all.poolFor(key('a'));
  const b = all.poolFor(key('b'));
  all.poolFor(key('a'));
  all.poolFor(key('c'));
  expect(all.size).toBe(2);
  expect(all.poolFor(key('a'))).toBe(a);
  expect(all.poolFor(key('b'))).not.toBe(b);
});

describe('a pool that went', () => {
  test('closes its idle connections at once', async () => {
    const origin = await httpOrigin((_request, response) => void response.end('x'));
    const all = pools(1);
    await use(all.poolFor(key('127.0.0.1', origin.port)));
    all.poolFor(key('b'));
    await once(origin.sockets[0] as Socket, 'close');
  });

  test('lets exchanges finish, and serves whoever still holds it', async () => {
    const origin = await httpOrigin((_request, response) => void response.end('x'));
    const all = pools(1);
    const pool = all.poolFor(key('127.0.0.1', origin.port));
    const lease = await pool.acquire();
    all.poolFor(key('b'));
    expect((await roundTrip(lease.connection)).text).toBe('x');
    lease.release(true);
    expect(lease.connection.isConnected).toBe(false);
    expect(await use(pool)).toBe('x');
    expect(pool.idleCount).toBe(0);
  });
});

describe('clear() and forget()', () => {
  test('close idle connections at once, and serve whoever holds a pool or waits in it', async () => {
    const origin = await httpOrigin((_request, response) => void response.end('x'));
    const all = pools(10);
    const at = poolKey({ scheme: 'http', host: '127.0.0.1', port: origin.port }, BLOCKING, false, ANYWHERE);
    await use(all.poolFor(key('127.0.0.1', origin.port)));
    const lease = await all.poolFor(at).acquire();
    const waiting = all.poolFor(at).acquire();
    expect((await roundTrip(lease.connection)).text).toBe('x');
    all.clear(1);
    expect(all.size).toBe(0);
    await once(origin.sockets[0] as Socket, 'close');
    lease.release(true);
    const next = await waiting;
    expect(next.connection).toBe(lease.connection);
    expect((await roundTrip(next.connection)).text).toBe('x');
    next.release(true);
    await once(origin.sockets[1] as Socket, 'close');
    expect(await use(all.poolFor(at))).toBe('x');
    expect(origin.sockets).toHaveLength(3);
    all.forget(at.place);
    await once(origin.sockets[2] as Socket, 'close');
    expect(all.size).toBe(0);
  });

  test('forget() leaves other pools alone', () => {
    const all = pools(10);
    const a = all.poolFor(key('a'));
    const b = all.poolFor(key('b'));
    all.forget(key('b').place);
    all.forget(key('c').place);
    expect(all.poolFor(key('b'))).not.toBe(b);
    expect(all.poolFor(key('a'))).toBe(a);
  });
});

test('what was decided for connections separates pools; they are forgotten together', () => {
  const all = pools(10);
  const at = (grant: string, port = 80): PoolKey =>
    poolKey({ scheme: 'http', host: 'a', port }, settings, false, { ...ANYWHERE, key: grant });
  const [first, second, other] = [all.poolFor(at('1')), all.poolFor(at('2')), all.poolFor(at('1', 8080))];
  expect(second).not.toBe(first);
  all.forget(at('3').place);
  expect(all.poolFor(at('1'))).not.toBe(first);
  expect(all.poolFor(at('2'))).not.toBe(second);
  expect(all.poolFor(at('1', 8080))).toBe(other);
});

test('none kept is legal', async () => {
  const origin = await httpOrigin((_request, response) => void response.end('x'));
  const all = pools(0);
  expect(await use(all.poolFor(key('127.0.0.1', origin.port)))).toBe('x');
  expect(await use(all.poolFor(key('127.0.0.1', origin.port)))).toBe('x');
  expect([all.size, origin.sockets.length]).toEqual([0, 2]);
});

test('closed, it hands out closed pools only', async () => {
  const all = pools(2);
  const before = all.poolFor(key('a'));
  all.close();
  for (const pool of [before, all.poolFor(key('a')), all.poolFor(key('b'))]) {
    await expect(pool.acquire()).rejects.toMatchObject({ failure: { name: 'pool_closed' } });
  }
  expect(all.size).toBe(0);
});

test.each([-1, 1.5])('refuses to keep %d', (numPools) => {
  expect(() => pools(numPools)).toThrow(`"numPools" must be an integer >= 0, got ${numPools}`);
});
