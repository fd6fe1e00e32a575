import { describe, expect, it, onTestFinished } from 'vitest';
import { ClosedPoolError, InvalidRequestError } from '../src/errors.ts';
import { HTTPConnectionPool } from '../src/http-connection-pool.ts';
import type { PoolOptions } from '../src/pool/pool-options.ts';
import { rejection, thrown } from './support/client.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';

const gateway = 'ws://gateway.test/session';

async function connectedPool(host: string, port: number | undefined, options: PoolOptions = {}) {
  const scripted = await ScriptedGateway.start();
  const pool = new HTTPConnectionPool(host, port, { gateway: scripted.url, ...options });
  onTestFinished(() => pool.close());
  return { scripted, pool };
}

describe('HTTPConnectionPool', () => {
  it.each([
    ['Origin.Test', 8080, 'origin.test', 'origin.test:8080'],
    ['origin.test', undefined, 'origin.test', 'origin.test'],
    ['127.0.0.1', 81, '127.0.0.1', '127.0.0.1:81'],
    ['::1', 8080, '[::1]', '[::1]:8080'],
    ['[::1]', 80, '[::1]', '[::1]'],
    ['bücher.test', 80, 'xn--bcher-kva.test', 'xn--bcher-kva.test'],
  ])('of %s and %s sends its requests there', async (host, port, name, authority) => {
    const { scripted, pool } = await connectedPool(host, port);
    expect(pool).toMatchObject({ host: name, port: port ?? 80 });
    const pending = pool.request('post', '/path?q#part', { body: 'x' });
    const exchange = await scripted.exchange();
    expect(await exchange.head).toMatchObject({ method: 'POST', scheme: 'http', authority, path: '/path?q' });
    exchange.answer();
    expect((await pending).status).toBe(200);
  });

  it.each([
    ['', 80],
    ['a b', 80],
    ['origin.test/path', 80],
    ['origin.test?q', 80],
    ['origin.test#part', 80],
    ['user@origin.test', 80],
    ['origin.test:8080', 80],
    ['origin.test', 65_536],
    ['origin.test', -1],
    ['origin.test', 1.5],
    ['origin.test', Number.NaN],
  ])('refuses %j and %s', (host, port) => {
    const error = thrown(() => new HTTPConnectionPool(host, port, { gateway })) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toMatch(/^host and port must name an origin/);
  });

  it.each(['', 'path', '?q', '*'])('refuses %j as a path', async (path) => {
    const pool = new HTTPConnectionPool('origin.test', 80, { gateway });
    const error = (await rejection(pool.request('GET', path))) as Error;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.message).toMatch(/^url must be absolute/);
  });

  it('never leads to another origin', async () => {
    const { scripted, pool } = await connectedPool('origin.test', 80);
    for (const path of ['//other.test/', '/\\other.test', '/@other.test/', '/../..']) {
      const pending = pool.request('GET', path);
      const exchange = await scripted.exchange();
      expect((await exchange.head).authority).toBe('origin.test');
      exchange.answer();
      await pending;
    }
  });

  it('counts as its latest response tells', async () => {
    const { scripted, pool } = await connectedPool('origin.test', 80);
    expect([pool.numConnections, pool.numRequests]).toEqual([0, 0]);
    const pending = pool.request('GET', '/');
    (await scripted.exchange()).answer(200, [], '', { numConnections: 2, numRequests: 5 });
    await pending;
    expect([pool.numConnections, pool.numRequests]).toEqual([2, 5]);
  });

  it('is a context of one pool', async () => {
    const { scripted, pool } = await connectedPool('origin.test', 80, { maxsize: 5, block: true });
    const pending = pool.request('GET', '/');
    (await scripted.exchange()).answer();
    await pending;
    expect(scripted.sessions.all[0]!.contexts).toMatchObject([{ numPools: 1, maxsize: 5, block: true }]);
  });

  it('is closed by close()', async () => {
    const { pool } = await connectedPool('origin.test', 80);
    await pool.close();
    expect(await rejection(pool.request('GET', '/'))).toBeInstanceOf(ClosedPoolError);
  });
});
