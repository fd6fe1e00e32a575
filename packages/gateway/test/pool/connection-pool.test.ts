import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import type { FailureError } from '../../src/errors.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import { ConnectionPool, type ConnectionPoolOptions, type Lease } from '../../src/pool/connection-pool.ts';
import { httpOrigin, type Origin } from '../support/origins.ts';
import { connectionTo, roundTrip } from '../support/recorder.ts';

function poolTo(origin: Origin, options: Partial<ConnectionPoolOptions> = {}): ConnectionPool {
  return new ConnectionPool({
    host: 'origin.example',
    maxsize: 1,
    block: false,
    createConnection: () => connectionTo(origin.port),
    log: SILENT_LOGGER,
    ...options,
  });
}

function echo(): Promise<Origin> {
  return httpOrigin((_request, response) => void response.end('x'));
}

/** A lease that must be there at once. */
function leaseNow(pool: ConnectionPool): Lease {
  const lease = pool.acquire();
  if (lease instanceof Promise) throw new Error('acquire() did not return at once');
  return lease;
}

async function use(pool: ConnectionPool): Promise<number> {
  const lease = await pool.acquire();
  const { failure } = await roundTrip(lease.connection);
  lease.release(failure === undefined);
  return lease.connection.id;
}

describe('reuse', () => {
  test('the connection that came back last is taken first', async () => {
    const pool = poolTo(await echo(), { maxsize: 3 });
    const [a, b, c] = [leaseNow(pool), leaseNow(pool), leaseNow(pool)];
    for (const lease of [b, c, a]) lease.release(true);
    const order = [leaseNow(pool), leaseNow(pool), leaseNow(pool)].map(({ connection }) => connection.id);
    expect(order).toEqual([a, c, b].map(({ connection }) => connection.id));
  });

  test('requests one after the other share one socket', async () => {
    const origin = await echo();
    const pool = poolTo(origin, { maxsize: 5 });
    const ids = [await use(pool), await use(pool), await use(pool)];
    expect(new Set(ids).size).toBe(1);
    expect([origin.sockets.length, pool.numConnections, pool.numRequests]).toEqual([1, 1, 3]);
  });

  test('a connection that dropped is not a new one', async () => {
    const origin = await echo();
    const pool = poolTo(origin);
    await use(pool);
    origin.sockets[0]?.destroy();
    await once(origin.sockets[0] as Socket, 'close');
    await use(pool);
    expect([origin.sockets.length, pool.numConnections, pool.numRequests]).toEqual([2, 1, 2]);
  });

  test('an attempt is counted before anything is connected', async () => {
    const pool = poolTo(await echo());
    leaseNow(pool);
    expect([pool.numConnections, pool.numRequests]).toEqual([1, 1]);
  });

  test('after a failure the connection is gone and its slot is not', async () => {
    const pool = poolTo(await echo(), { block: true });
    const lease = leaseNow(pool);
    lease.release(false);
    const next = leaseNow(pool);
    expect(next.connection.id).not.toBe(lease.connection.id);
    expect(pool.numConnections).toBe(2);
  });

  test('a lease gives its slot back once', async () => {
    const pool = poolTo(await echo(), { maxsize: 2, block: true });
    const [a, b] = [leaseNow(pool), leaseNow(pool)];
    a.release(true);
    a.release(true);
    a.release(false);
    expect(pool.idleCount).toBe(1);
    b.release(true);
    expect(pool.idleCount).toBe(2);
  });
});

describe('without block', () => {
  test('an extra connection is made, and discarded with a warning', async () => {
    const warn = vi.fn();
    const origin = await echo();
    const pool = poolTo(origin, { maxsize: 2, log: { ...SILENT_LOGGER, warn } });
    const leases = [leaseNow(pool), leaseNow(pool), leaseNow(pool)];
    await Promise.all(leases.map(({ connection }) => roundTrip(connection)));
    for (const lease of leases) lease.release(true);
    expect([pool.idleCount, pool.numConnections, warn.mock.calls.length]).toEqual([2, 3, 1]);
    expect(warn.mock.calls[0]?.[1]).toBe(
      'Connection pool is full, discarding connection: origin.example. Connection pool size: 2',
    );
    const extra = leases[2]?.connection;
    expect([extra?.isConnected, leases[0]?.connection.isConnected]).toEqual([false, true]);
  });

  test('an extra connection that failed is discarded without one', async () => {
    const warn = vi.fn();
    const pool = poolTo(await echo(), { log: { ...SILENT_LOGGER, warn } });
    const [a, b] = [leaseNow(pool), leaseNow(pool)];
    a.release(true);
    b.release(false);
    expect([pool.idleCount, warn.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('with block', () => {
  test('never more than maxsize sockets are open', async () => {
    let open = 0;
    let most = 0;
    const origin = await httpOrigin((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        response.end('x');
      });
    });
    const pool = poolTo(origin, { maxsize: 3, block: true });
    await Promise.all(Array.from({ length: 30 }, () => use(pool)));
    expect(most).toBeLessThanOrEqual(3);
    expect([origin.sockets.length, pool.numConnections, pool.numRequests]).toEqual([3, 3, 30]);
  });

  test('whoever waits longest is served first', async () => {
    const pool = poolTo(await echo(), { block: true });
    let held = leaseNow(pool);
    const order: number[] = [];
    const waiting = [0, 1, 2].map(async (place) => {
      const lease = await pool.acquire();
      order.push(place);
      held = lease;
    });
    for (let round = 0; round < 3; round += 1) {
      held.release(true);
      await waiting[round];
    }
    expect(order).toEqual([0, 1, 2]);
    expect(pool.numConnections).toBe(1);
  });

  test('a wait ends after the pool timeout, and leaks no slot', async () => {
    const pool = poolTo(await echo(), { block: true });
    const held = leaseNow(pool);
    const refused = (await expectRefused(pool.acquire({ poolTimeoutMs: 20 }))).failure;
    expect(refused).toEqual({ name: 'pool_timeout', detail: 'origin.example' });
    expect([pool.waitingCount, pool.numRequests]).toEqual([0, 1]);
    held.release(true);
    expect(pool.idleCount).toBe(1);
    leaseNow(pool);
    await expectRefused(pool.acquire({ poolTimeoutMs: 20 }));
  });

  test('an aborted waiter leaves the queue, and the next one is served', async () => {
    const pool = poolTo(await echo(), { block: true });
    const held = leaseNow(pool);
    const controller = new AbortController();
    const first = pool.acquire({ signal: controller.signal, poolTimeoutMs: 10_000 });
    const second = pool.acquire();
    controller.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    held.release(true);
    expect((await second).connection.id).toBe(held.connection.id);
    await expect(pool.acquire({ signal: AbortSignal.abort(new Error('gone before')) })).rejects.toThrow(
      'gone before',
    );
  });

  test('a waiter gets a new connection after an unclean end', async () => {
    const pool = poolTo(await echo(), { block: true });
    const held = leaseNow(pool);
    const waiting = pool.acquire();
    held.release(false);
    expect((await waiting).connection.id).not.toBe(held.connection.id);
    expect(pool.numConnections).toBe(2);
  });
});

describe('close', () => {
  test('closes idle connections, refuses waiters and newcomers, and lets exchanges finish', async () => {
    const origin = await echo();
    const pool = poolTo(origin, { maxsize: 2, block: true });
    const [busy, idle] = [leaseNow(pool), leaseNow(pool)];
    await roundTrip(idle.connection);
    const waiting = pool.acquire();
    idle.release(true);
    const granted = await waiting;
    granted.release(true);
    const again = leaseNow(pool);
    const refused = pool.acquire();
    again.release(false);
    (await refused).release(true);
    const stillIdle = pool.idleCount;
    leaseNow(pool);
    const late = pool.acquire();
    pool.close();
    expect(stillIdle).toBe(1);
    expect((await expectRefused(late)).failure).toEqual({ name: 'pool_closed', detail: 'origin.example' });
    expect((await expectRefused(pool.acquire())).failure.name).toBe('pool_closed');
    const got = await roundTrip(busy.connection);
    expect(got.text).toBe('x');
    busy.release(true);
    expect([busy.connection.isConnected, pool.idleCount]).toEqual([false, 0]);
  });

  test('closes what is idle at once', async () => {
    const origin = await echo();
    const pool = poolTo(origin);
    await use(pool);
    pool.close();
    await once(origin.sockets[0] as Socket, 'close');
  });
});

describe('evict', () => {
  test('closes what is idle at once, and whoever holds the pool can use it', async () => {
    const warn = vi.fn();
    const origin = await echo();
    const pool = poolTo(origin, { log: { ...SILENT_LOGGER, warn } });
    await use(pool);
    pool.evict();
    await once(origin.sockets[0] as Socket, 'close');
    await use(pool);
    await once(origin.sockets[1] as Socket, 'close');
    expect([pool.idleCount, pool.numConnections, warn.mock.calls.length]).toEqual([0, 2, 0]);
  });
});

async function expectRefused(lease: Lease | Promise<Lease>): Promise<FailureError> {
  expect(lease).toBeInstanceOf(Promise);
  return (lease as Promise<Lease>).then(
    () => expect.unreachable(),
    (error: FailureError) => error,
  );
}
