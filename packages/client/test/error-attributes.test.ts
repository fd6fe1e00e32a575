import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  EmptyPoolError,
  type HTTPError,
  IncompleteRead,
  ProtocolError,
  ReadTimeoutError,
} from '../src/errors.ts';
import { HTTPConnectionPool } from '../src/http-connection-pool.ts';
import type { RequestInit } from '../src/pool/request-options.ts';
import { HostChangedError, type MaxRetryError } from '../src/pool/retry-errors.ts';
import { reset } from './support/broken-content.ts';
import { connected, rejection } from './support/client.ts';
import type { GatewayScript } from './support/gateway-side.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';

// What an error tells beside the URL of its request: the attempts before, the pool, how much had come.

const GIVEN = 'http://user:canary@origin.test/a?b=1#part';
const TOLD = 'http://origin.test/a?b=1';

describe('the attempts before', () => {
  const redirecting: GatewayScript = {
    exchange: async (exchange) => {
      const { path } = await exchange.head;
      if (path === '/a?b=1') exchange.answer(302, ['location', '/b']);
      else await reset('http_response_incomplete')(exchange);
    },
  };
  const before = [{ method: 'GET', url: TOLD, status: 302, redirectLocation: '/b', error: undefined }];

  it.each<[what: string, method: string, init: RequestInit, name: string]>([
    ['an error that is not repeated', 'POST', {}, 'IncompleteRead'],
    ['a body that is gone', 'PUT', { body: [new Uint8Array(1)].values() }, 'UnrewindableBodyError'],
  ])('are told by %s', async (_, method, init, name) => {
    const { http } = await connected(redirecting);
    const error = (await rejection(http.request(method, GIVEN, { retries: 5, ...init }))) as HTTPError;
    expect(error).toMatchObject({ name, history: [{ ...before[0], method }] });
  });

  it('are told by the deadline', async () => {
    const { http } = await connected({
      exchange: async (exchange) => {
        if ((await exchange.head).path !== '/b') exchange.answer(302, ['location', '/b']);
      },
    });
    const error = await rejection(http.request('GET', GIVEN, { timeout: { deadline: 100 } }));
    expect(error).toMatchObject({ name: 'DeadlineError', url: 'http://origin.test/b', history: before });
  });

  it('are told by an error of reading', async () => {
    const { http } = await connected(redirecting);
    const response = await http.request('GET', GIVEN, { preloadContent: false });
    expect(await rejection(response.read())).toMatchObject({
      name: 'IncompleteRead',
      url: 'http://origin.test/b',
      history: before,
    });
  });

  it('are told once: not by the errors that are among them', async () => {
    const { http } = await connected(redirecting);
    const error = (await rejection(http.request('GET', GIVEN, { retries: 3 }))) as MaxRetryError;
    expect(error.history.map((entry) => entry.error?.history)).toEqual([undefined, [], [], []]);
    expect(error.reason.history).toEqual([]);
  });

  it('are none of a request that had no other', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.fail('dns_error') });
    expect(await rejection(http.request('GET', GIVEN, { retries: false }))).toMatchObject({ history: [] });
  });
});

describe('the pool', () => {
  async function poolOf(exchange: NonNullable<GatewayScript['exchange']>): Promise<HTTPConnectionPool> {
    const gateway = await ScriptedGateway.start({ exchange });
    const options = { gateway: gateway.url, headers: { authorization: 'Basic canary' } };
    const pool = new HTTPConnectionPool('origin.test', 80, options);
    onTestFinished(() => pool.close());
    return pool;
  }

  function expectOf(pool: HTTPConnectionPool, error: unknown): void {
    expect((error as EmptyPoolError).pool).toBe(pool);
    expect(JSON.stringify(error) + inspect(error, { depth: 9 })).not.toContain('canary');
  }

  it('is told by its errors, and is nothing for a log', async () => {
    const pool = await poolOf((exchange) => exchange.fail('pool_timeout'));
    const error = await rejection(pool.request('GET', '/'));
    expect(error).toBeInstanceOf(EmptyPoolError);
    expectOf(pool, error);
    const foreign = (await rejection(pool.request('GET', 'http://other.test/'))) as HostChangedError;
    expect(foreign).toBeInstanceOf(HostChangedError);
    expectOf(pool, foreign);
    expect(foreign.retries).toBe(pool.retries);
    pool.close();
    expectOf(pool, await rejection(pool.request('GET', '/')));
  });

  it('is told by a read timeout, of the head and of the content', async () => {
    const late = await poolOf((exchange) => exchange.fail('connection_read_timeout'));
    const error = (await rejection(late.request('GET', '/', { retries: 1 }))) as MaxRetryError;
    expectOf(late, error);
    expectOf(late, error.reason);
    const inside = await poolOf(reset('response_read_timeout'));
    const response = await inside.request('GET', '/', { preloadContent: false });
    const broken = await rejection(response.read());
    expect(broken).toBeInstanceOf(ReadTimeoutError);
    expectOf(inside, broken);
  });

  it('is none where a manager was asked', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.fail('pool_timeout') });
    expect(((await rejection(http.request('GET', GIVEN))) as EmptyPoolError).pool).toBeUndefined();
  });
});

describe('IncompleteRead', () => {
  it.each([
    ['with a length', ['content-length', '1000'], 995],
    ['behind other fields', ['x-a', 'content-length', 'content-length', '8'], 3],
    ['without one', [], undefined],
    ['with one that is none', ['content-length', 'many'], undefined],
  ])('tells how much came and how much was to come, %s', async (_, fields, expected) => {
    const { http } = await connected({ exchange: reset('http_response_incomplete', fields) });
    const error = (await rejection(http.request('GET', GIVEN, { retries: false }))) as IncompleteRead;
    expect(error).toBeInstanceOf(IncompleteRead);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ partial: 5, expected });
    expect(error.message).toBe(
      `http response incomplete: origin.test, after 5 bytes of content${expected === undefined ? '' : `, ${expected} more expected`}`,
    );
  });
});
