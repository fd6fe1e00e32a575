import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { GatewayOptions } from '../src/options.ts';
import { thrown } from './support/client.ts';
import type { GatewayScript } from './support/gateway-side.ts';
import { ScriptedGateway } from './support/scripted-gateway.ts';

const ANSWERING: GatewayScript = { exchange: (exchange) => exchange.answer() };

/** What is configured belongs to the module: each test has one of its own. */
async function fresh() {
  vi.resetModules();
  const [{ configure }, { PoolManager }, { HTTPConnectionPool }, { InvalidRequestError }] = await Promise.all(
    [
      import('../src/configure.ts'),
      import('../src/pool-manager.ts'),
      import('../src/http-connection-pool.ts'),
      import('../src/errors.ts'),
    ],
  );
  return { configure, PoolManager, HTTPConnectionPool, InvalidRequestError };
}

let client: Awaited<ReturnType<typeof fresh>>;
beforeEach(async () => {
  client = await fresh();
});

/** The token a manager made now sends to `gateway`. */
async function tokenSentTo(
  gateway: ScriptedGateway,
  options: GatewayOptions = {},
): Promise<string | undefined> {
  const http = new client.PoolManager(options);
  const before = gateway.sessions.all.length;
  await http.request('GET', 'http://origin.test/');
  await http.close();
  const [hello] = gateway.sessions.all[before]!.messages.all;
  if (hello?.type !== 'hello') throw new Error('hello must come first');
  return hello.token;
}

describe('configure()', () => {
  it('sets the gateway of who names none', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    client.configure({ gateway: gateway.url, token: 'configured' });
    expect(await tokenSentTo(gateway)).toBe('configured');
    const pool = new client.HTTPConnectionPool('origin.test');
    expect((await pool.request('GET', '/')).status).toBe(200);
    await pool.close();
  });

  it('may say gateway and token one after the other', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    client.configure({ gateway: gateway.url });
    expect(await tokenSentTo(gateway)).toBeUndefined();
    client.configure({ token: 'later' });
    expect(await tokenSentTo(gateway)).toBe('later');
    client.configure({ gateway: new URL(gateway.url) });
    expect(await tokenSentTo(gateway)).toBe('later');
    client.configure({ token: async () => 'function' });
    expect(await tokenSentTo(gateway)).toBe('function');
  });

  it('may say the token first', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    client.configure({ token: 'first' });
    client.configure({ gateway: gateway.url });
    expect(await tokenSentTo(gateway)).toBe('first');
  });

  it('changes nothing for managers that exist', async () => {
    const [one, other] = await Promise.all([
      ScriptedGateway.start(ANSWERING),
      ScriptedGateway.start(ANSWERING),
    ]);
    client.configure({ gateway: one.url });
    const http = new client.PoolManager();
    client.configure({ gateway: other.url });
    await http.request('GET', 'http://origin.test/');
    await http.close();
    expect([one.sessions.all.length, other.sessions.all.length]).toEqual([1, 0]);
  });

  it('gives the token of one gateway to no other', async () => {
    const [one, other] = await Promise.all([
      ScriptedGateway.start(ANSWERING),
      ScriptedGateway.start(ANSWERING),
    ]);
    client.configure({ gateway: one.url, token: 'secret of one' });
    // Named by a manager.
    expect(await tokenSentTo(other, { gateway: other.url })).toBeUndefined();
    // Even when it is the same gateway by name: who names the gateway names the token.
    expect(await tokenSentTo(one, { gateway: one.url })).toBeUndefined();
    expect(await tokenSentTo(one, { token: 'mine' })).toBe('mine');
    // Configured anew.
    client.configure({ gateway: other.url });
    expect(await tokenSentTo(other)).toBeUndefined();
    client.configure({ gateway: one.url, token: 'again' });
    expect(await tokenSentTo(one)).toBe('again');
  });

  it.each([
    ['ws://gateway.test/session', true],
    ['wss://gateway.test/session', true],
    ['http://gateway.test/session', true],
    ['https://gateway.test/session#part', true],
    ['gateway.test', false],
    ['/session', false],
    ['ftp://gateway.test/', false],
    ['ws://user@gateway.test/', false],
    ['ws://user:secret@gateway.test/', false],
    ['', false],
  ])('takes %j for a gateway: %s', (gateway, isOne) => {
    const attempts = [() => client.configure({ gateway }), () => new client.PoolManager({ gateway })];
    for (const attempt of attempts) {
      if (isOne) {
        attempt();
        continue;
      }
      const error = thrown(attempt) as Error;
      expect(error).toBeInstanceOf(client.InvalidRequestError);
      expect(error.message).toMatch(/^gateway must be/);
      expect(error.message).not.toContain('secret');
    }
  });

  it('takes http for ws', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    expect(await tokenSentTo(gateway, { gateway: gateway.url.replace('ws:', 'http:'), token: 't' })).toBe(
      't',
    );
  });

  it.each([[7], [null], [{}]])('takes %j for no token', (token) => {
    const options = { gateway: 'ws://gateway.test/', token: token as unknown as string };
    for (const attempt of [() => client.configure(options), () => new client.PoolManager(options)]) {
      const error = thrown(attempt) as Error;
      expect(error).toBeInstanceOf(client.InvalidRequestError);
      expect(error.message).toMatch(/^token must be/);
    }
  });

  it('knows no other options', () => {
    const error = thrown(() => client.configure({ url: 'ws://gateway.test/' } as GatewayOptions)) as Error;
    expect(error).toBeInstanceOf(client.InvalidRequestError);
    expect(error.message).toBe('configure() has no option "url"; there are gateway, token');
  });

  it('leaves what was configured when it is wrong', async () => {
    const gateway = await ScriptedGateway.start(ANSWERING);
    client.configure({ gateway: gateway.url, token: 'kept' });
    thrown(() => client.configure({ gateway: 'nonsense', token: 'other' }));
    thrown(() => client.configure({ gateway: gateway.url, token: 7 as unknown as string }));
    expect(await tokenSentTo(gateway)).toBe('kept');
  });

  it('must have been called where no gateway is named', () => {
    const error = thrown(() => new client.PoolManager()) as Error;
    expect(error).toBeInstanceOf(client.InvalidRequestError);
    expect(error.message).toContain('configure()');
  });
});
