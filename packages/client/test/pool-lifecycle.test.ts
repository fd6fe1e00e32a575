import { describe, expect, it, onTestFinished } from 'vitest';
import { ClosedPoolError, SessionError } from '../src/errors.ts';
import { HTTPConnectionPool } from '../src/http-connection-pool.ts';
import { PoolManager } from '../src/pool-manager.ts';
import { turns } from './support/arrivals.ts';
import { connected, rejection } from './support/client.ts';
import type { GatewayScript } from './support/gateway-side.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';
import { ANSWERING, declarations } from './support/settings-on-wire.ts';

const URL_TEXT = 'http://origin.test/path';

async function ownPool(script: GatewayScript = {}) {
  const gateway = await ScriptedGateway.start(script);
  const pool = new HTTPConnectionPool('origin.test', 80, { gateway: gateway.url });
  onTestFinished(() => pool.close());
  return { gateway, pool };
}

describe('clear()', () => {
  it('is said between the requests of before and those of afterwards', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.request('GET', URL_TEXT);
    await http.clear();
    await http.clear();
    await http.request('GET', URL_TEXT);
    expect(declarations(gateway.sessions.all[0]!)).toEqual([
      expect.objectContaining({ type: 'context', id: 1 }),
      { type: 'clear', id: 1, generation: 1 },
      { type: 'clear', id: 1, generation: 2 },
    ]);
    expect(declarations(gateway.sessions.all[0]!)[0]).not.toHaveProperty('generation');
  });

  it('is said on every session', async () => {
    const { gateway, http } = await connected({ maxStreams: 1 });
    const pending = [http.request('GET', URL_TEXT), http.request('GET', URL_TEXT)];
    const sides = await gateway.sessions.take(2);
    const exchanges = [await sides[0]!.exchanges.next(), await sides[1]!.exchanges.next()];
    await http.clear();
    for (const side of sides) {
      expect((await side.messages.take(3))[2]).toEqual({ type: 'clear', id: 1, generation: 1 });
    }
    for (const exchange of exchanges) exchange.answer();
    for (const response of await Promise.all(pending)) expect(response.status).toBe(200);
  });

  it('is told with the declaration on a session that comes later', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.clear();
    await turns();
    expect(gateway.sessions.all).toHaveLength(0);
    await http.request('GET', URL_TEXT);
    gateway.sockets[0]!.terminate();
    await http.request('GET', URL_TEXT);
    expect(gateway.sessions.all.map((side) => side.contexts)).toEqual([
      [expect.objectContaining({ generation: 1 })],
      [expect.objectContaining({ generation: 1 })],
    ]);
  });
});

describe('close() of a pool that is its own', () => {
  it('empties it, lets what is under way finish, and ends the session then', async () => {
    const { gateway, pool } = await ownPool();
    const pending = pool.request('GET', '/');
    const exchange = await gateway.exchange();
    await pool.close();
    await pool.close();
    const side = gateway.sessions.all[0]!;
    expect((await side.messages.take(3))[2]).toEqual({ type: 'clear', id: 1, generation: 1 });
    expect(await rejection(pool.request('GET', '/'))).toBeInstanceOf(ClosedPoolError);
    await turns();
    expect(side.isClosed).toBe(false);
    exchange.answer(200, [], 'still here');
    expect(await (await pending).text()).toBe('still here');
    expect(await side.messages.next()).toEqual({ type: 'release', id: 1 });
    expect(await side.closed).toMatchObject({ initiator: 'peer', application: true });
    expect(side.exchanges.all).toHaveLength(1);
  });

  it('lets a request finish that has no session yet', async () => {
    const { gateway, pool } = await ownPool(ANSWERING);
    const pending = pool.request('GET', '/');
    // Its session is being opened.
    await turns(1);
    await pool.close();
    expect(await (await pending).text()).toBe('hello');
    const side = await gateway.sessions.at(0);
    await side.closed;
    expect(declarations(side).at(-1)).toEqual({ type: 'release', id: 1 });
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('lets requests finish that wait for a stream', async () => {
    const { gateway, pool } = await ownPool({ maxStreams: 1 });
    const pending = [pool.request('GET', '/1'), pool.request('GET', '/2')];
    const exchange = await gateway.exchange();
    await pool.close();
    const next = await gateway.exchange(1);
    for (const one of [exchange, next]) one.answer();
    for (const response of await Promise.all(pending)) expect(response.status).toBe(200);
    for (const side of gateway.sessions.all) await side.closed;
    expect(gateway.sessions.all).toHaveLength(2);
  });

  it('before anything was opened opens nothing', async () => {
    const { gateway, pool } = await ownPool();
    await pool.close();
    await turns();
    expect(gateway.sessions.all).toHaveLength(0);
  });
});

describe('close() of a pool of a manager', () => {
  it('empties it alone, on one session', async () => {
    const { gateway, http } = await connected({ maxStreams: 1 });
    const pool = http.connectionFromHost('::1', 8080);
    const pending = [pool.request('GET', '/1'), pool.request('GET', '/2')];
    const sides = await gateway.sessions.take(2);
    const exchanges = [await sides[0]!.exchanges.next(), await sides[1]!.exchanges.next()];
    await pool.close();
    await pool.close();
    for (const exchange of exchanges) exchange.answer();
    await Promise.all(pending);
    const later = http.request('GET', 'http://[::1]:8080/');
    (await sides[0]!.exchanges.next()).answer();
    expect((await later).status).toBe(200);
    expect(sides.flatMap((side) => declarations(side).slice(1))).toEqual([
      { type: 'close', id: 1, scheme: 'http', authority: '[::1]:8080' },
    ]);
  });

  it('empties the one of its settings', async () => {
    const { gateway, http } = await connected(ANSWERING, { maxsize: 2 });
    const pool = http.connectionFromHost('origin.test', undefined, 'https', { maxsize: 3 });
    await http.request('GET', 'https://origin.test/');
    await pool.request('GET', '/');
    await pool.close();
    // Nothing has gone with these settings.
    await http.connectionFromHost('origin.test', 80, 'http', { maxsize: 4 }).close();
    // These are the manager's.
    await http.connectionFromHost('origin.test', 80, 'http', { maxsize: 2 }).close();
    const same = http.connectionFromHost('origin.test', 80, 'http', { maxsize: 2 });
    await same.request('GET', '/');
    await same.close();
    await http.request('GET', URL_TEXT);
    expect(declarations(gateway.sessions.all[0]!)).toEqual([
      expect.objectContaining({ type: 'context', id: 1 }),
      expect.objectContaining({ type: 'settings', id: 2, maxsize: 3 }),
      { type: 'close', id: 2, scheme: 'https', authority: 'origin.test:443' },
      { type: 'close', id: 1, scheme: 'http', authority: 'origin.test:80' },
    ]);
  });

  it('says nothing where there is no session', async () => {
    const { gateway, http } = await connected(ANSWERING);
    await http.connectionFromHost('origin.test').close();
    await http.request('GET', URL_TEXT);
    expect(declarations(gateway.sessions.all[0]!)).toHaveLength(1);
  });
});

describe('await using', () => {
  it('closes a manager at its end', async () => {
    const gateway = await ScriptedGateway.start();
    let underWay: Promise<unknown>;
    let outside: PoolManager;
    {
      await using http = new PoolManager({ gateway: gateway.url });
      outside = http;
      underWay = rejection(http.request('GET', URL_TEXT));
      await gateway.exchange();
    }
    expect(await underWay).toBeInstanceOf(SessionError);
    expect(await rejection(outside.request('GET', URL_TEXT))).toBeInstanceOf(ClosedPoolError);
    await gateway.sessions.all[0]!.closed;
    expect(declarations(gateway.sessions.all[0]!).at(-1)).toEqual({ type: 'release', id: 1 });
  });

  it('closes a pool at its end, whatever is thrown', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    const run = async (): Promise<void> => {
      await using pool = new HTTPConnectionPool('origin.test', 80, { gateway: gateway.url });
      await pool.request('GET', '/');
      throw new RangeError('mine');
    };
    expect(await rejection(run())).toBeInstanceOf(RangeError);
    await gateway.sessions.all[0]!.closed;
  });
});
