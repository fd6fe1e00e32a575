import type { FailureName } from '@hip/wire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as DEFAULTS from '../../src/defaults.ts';
import type { HTTPError } from '../../src/errors.ts';
import type { TokenSource } from '../../src/options.ts';
import { rejection } from '../support/client.ts';
import { send, sessionsTo } from '../support/exchanges.ts';
import type { GatewayScript } from '../support/gateway-side.ts';
import { MemoryGateway, type Reception } from '../support/memory-gateway.ts';

const ANSWERING: GatewayScript = { exchange: (exchange) => exchange.answer() };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(reception: Reception | ((attempt: number) => Reception), token?: TokenSource) {
  const gateway = new MemoryGateway(reception);
  const sessions = sessionsTo({ gateway: 'wss://gateway.test/session', token, openTransport: gateway.open });
  return { gateway, sessions };
}

/** Pauses between the attempts. */
function pausesOf(gateway: MemoryGateway): number[] {
  return gateway.attemptsAtMs.slice(1).map((at, index) => at - (gateway.attemptsAtMs[index] as number));
}

/** Whether every pause lies in the upper half of a ceiling that doubles from 100 ms. */
function expectGrowing(pauses: number[]): void {
  pauses.forEach((pause, index) => {
    const ceiling = Math.min(DEFAULTS.reconnectMaxMs, 2 * DEFAULTS.reconnectBaseMs * 2 ** index);
    expect(pause, `pause ${index}`).toBeGreaterThanOrEqual(ceiling / 2);
    expect(pause, `pause ${index}`).toBeLessThanOrEqual(ceiling + 1);
  });
}

describe('trying again', () => {
  it.each(['refuse', 'hang-up'] as const)('takes growing pauses when gateways %s', async (reception) => {
    const { gateway, sessions } = start(reception);
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs - 1);
    const pauses = pausesOf(gateway);
    expect(pauses.length).toBeGreaterThanOrEqual(5);
    expectGrowing(pauses);
    await vi.advanceTimersByTimeAsync(1);
    await failed;
  });

  it('takes growing pauses when sessions open and end at once', async () => {
    const { gateway, sessions } = start({ maxStreams: 0, hello: (_, side) => side.close('internal_error') });
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    await failed;
    expectGrowing(pausesOf(gateway));
  });

  it('takes growing pauses when gateways take the token and end the session', async () => {
    const { gateway, sessions } = start({
      maxStreams: 0,
      hello: (_, side) => {
        side.accept();
        setTimeout(() => side.close('internal_error'), 1);
      },
    });
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    await failed;
    // Sessions without a stream are followed by further ones at once, up to the limit, until the first one ends.
    const pauses = pausesOf(gateway);
    expect(pauses.slice(0, DEFAULTS.maxSessions - 1).every((pause) => pause === 0)).toBe(true);
    expect(pauses[DEFAULTS.maxSessions - 1]).toBeGreaterThanOrEqual(DEFAULTS.reconnectBaseMs);
    expect(pauses.slice(DEFAULTS.maxSessions).every((pause) => pause >= DEFAULTS.reconnectMaxMs / 2)).toBe(
      true,
    );
  });

  it.each([
    ['refuse exchanges', (exchange) => exchange.fail('draining')],
    ['close', (_, side) => side.close('draining')],
    ['are full', (_, side) => side.close('session_limit'), 'session_limit'],
    [
      'do both',
      (exchange, side) => {
        exchange.fail('draining');
        side.close('draining');
      },
    ],
    [
      'say so',
      (exchange, side) => {
        side.drain();
        exchange.fail('draining');
      },
    ],
  ] as [string, GatewayScript['exchange'], FailureName?][])(
    'takes growing pauses when every gateway drains: they %s',
    async (_, leave, code = 'draining') => {
      const { gateway, sessions } = start(leave === undefined ? {} : { exchange: leave });
      const failed = rejection(send(sessions));
      await vi.advanceTimersByTimeAsync(2 * DEFAULTS.sessionTimeoutMs);
      expect(await failed).toMatchObject({ code, sent: 'never' });
      const pauses = pausesOf(gateway);
      expect(pauses.length).toBeGreaterThanOrEqual(5);
      expectGrowing(pauses);
      expect(gateway.attemptsAtMs.at(-1)).toBeLessThanOrEqual(
        gateway.attemptsAtMs[0]! + DEFAULTS.sessionTimeoutMs + DEFAULTS.reconnectMaxMs,
      );
    },
  );

  it('happens at once after a session that lived for a while', async () => {
    const { gateway, sessions } = start(ANSWERING);
    await send(sessions);
    await vi.advanceTimersByTimeAsync(DEFAULTS.reconnectMaxMs);
    gateway.sessions.all[0]!.close('draining');
    await vi.advanceTimersByTimeAsync(0);
    await send(sessions);
    expect(gateway.attemptsAtMs).toHaveLength(2);
    expect(pausesOf(gateway)[0]).toBe(DEFAULTS.reconnectMaxMs);
  });

  it('stops when nobody waits any more', async () => {
    let tokens = 0;
    const { gateway, sessions } = start('refuse', () => `token ${++tokens}`);
    const controller = new AbortController();
    const gone = rejection(send(sessions, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(0);
    controller.abort();
    await gone;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gateway.attemptsAtMs).toHaveLength(1);
    expect(tokens).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not hold up further sessions when one works', async () => {
    const { gateway, sessions } = start((attempt) => (attempt < 3 ? 'refuse' : { maxStreams: 1 }));
    const all = [send(sessions)];
    await vi.advanceTimersByTimeAsync(3_000 + DEFAULTS.reconnectMaxMs);
    all.push(send(sessions));
    await vi.advanceTimersByTimeAsync(0);
    expect(gateway.sessions.all).toHaveLength(2);
    for (const side of gateway.sessions.all) side.exchanges.all[0]!.answer();
    await Promise.all(all);
  });

  it('survives a platform that cannot make the transport', async () => {
    let attempts = 0;
    const sessions = sessionsTo({
      gateway: 'wss://gateway.test/session',
      openTransport: () => {
        attempts++;
        throw new DOMException('insecure', 'SecurityError');
      },
    });
    for (let turn = 1; turn <= 2; turn++) {
      const error = (await rejection(send(sessions))) as HTTPError;
      expect(error).toMatchObject({ code: 'session_unavailable', sent: 'never' });
      expect(error.message).toContain('insecure');
      expect(error.cause).toBeInstanceOf(DOMException);
      expect(attempts).toBe(turn);
    }
  });
});

describe('the deadline', () => {
  it('fails a request that got no session, and says what the last try met', async () => {
    const { sessions } = start('refuse');
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    const error = (await failed) as HTTPError;
    expect(error).toMatchObject({ code: 'session_unavailable', sent: 'never' });
    expect(error.message).toBe(
      'no session with wss://gateway.test/session within 10000 ms; last: the session ended, the connection broke: refused',
    );
    expect(error.cause).toMatchObject({ code: 'session_lost' });
  });

  it('says nothing of a last try when there was none', async () => {
    const { sessions } = start('ignore');
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    expect(((await failed) as Error).message).toBe(
      'no session with wss://gateway.test/session within 10000 ms',
    );
  });

  it('says nothing of what happened before the request', async () => {
    const { gateway, sessions } = start((attempt) => (attempt === 0 ? ANSWERING : 'ignore'));
    await send(sessions);
    gateway.sessions.all[0]!.close('internal_error');
    await vi.advanceTimersByTimeAsync(0);
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(2 * DEFAULTS.sessionTimeoutMs);
    expect(((await failed) as Error).message).toBe(
      'no session with wss://gateway.test/session within 10000 ms',
    );
  });

  it('says how a session ended, not what was said of a context in it', async () => {
    const { gateway, sessions } = start((attempt) => (attempt === 0 ? { maxStreams: 0 } : 'ignore'));
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(1);
    const [side] = gateway.sessions.all;
    side!.say({ type: 'failure', name: 'unsupported_option', detail: 'numPools', context: 1 });
    await vi.advanceTimersByTimeAsync(1);
    for (const other of gateway.sessions.all) other.core.transportLost('pulled');
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    expect(((await failed) as Error).message).toMatch(/last: the session ended, the connection broke/);
  });

  it('holds for each request from its own beginning', async () => {
    const { sessions } = start('ignore');
    const ended: number[] = [];
    const begunMs = performance.now();
    const note = () => ended.push(performance.now() - begunMs);
    const first = send(sessions).catch(note);
    await vi.advanceTimersByTimeAsync(4_000);
    const second = send(sessions).catch(note);
    await vi.advanceTimersByTimeAsync(20_000);
    await Promise.all([first, second]);
    expect(ended).toEqual([DEFAULTS.sessionTimeoutMs, DEFAULTS.sessionTimeoutMs + 4_000]);
  });

  it('leaves no timer behind when it was not needed', async () => {
    const { sessions } = start(ANSWERING);
    await send(sessions);
    // What is left looks after the session.
    expect(vi.getTimerCount()).toBe(1);
    sessions.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of a token function that never comes back', async () => {
    const { gateway, sessions } = start(ANSWERING, () => new Promise(() => {}));
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    expect(await failed).toMatchObject({ code: 'session_unavailable' });
    expect(gateway.attemptsAtMs).toHaveLength(0);
  });
});

describe('an idle session', () => {
  it('is closed after a while', async () => {
    const { gateway, sessions } = start(ANSWERING);
    await send(sessions);
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionIdleMs - 1);
    const [side] = gateway.sessions.all;
    expect(side!.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(1 + DEFAULTS.pingIntervalMs);
    expect(await side!.closed).toMatchObject({ initiator: 'peer', application: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is closed although no request ever used it', async () => {
    const { gateway, sessions } = start(ANSWERING);
    const controller = new AbortController();
    const gone = rejection(send(sessions, { signal: controller.signal }));
    controller.abort();
    await gone;
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionIdleMs + DEFAULTS.pingIntervalMs);
    expect(gateway.sessions.all.every((side) => side.isClosed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins to be idle anew with each request', async () => {
    const { gateway, sessions } = start(ANSWERING);
    await send(sessions);
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionIdleMs - 20_000);
    await send(sessions);
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionIdleMs - 20_000);
    await send(sessions);
    expect(gateway.sessions.all).toHaveLength(1);
    expect(gateway.sessions.all[0]!.isClosed).toBe(false);
  });

  it('is not one with an exchange under way', async () => {
    const { gateway, sessions } = start({});
    const response = send(sessions);
    await vi.advanceTimersByTimeAsync(3 * DEFAULTS.sessionIdleMs);
    gateway.sessions.all[0]!.exchanges.all[0]!.answer();
    expect((await response).status).toBe(200);
  });
});

describe('close()', () => {
  it('leaves no timer behind, whatever was going on', async () => {
    for (const reception of ['refuse', 'ignore', 'hang-up', ANSWERING, {}] as Reception[]) {
      const { sessions } = start(reception);
      const response = send(sessions).catch(() => {});
      await vi.advanceTimersByTimeAsync(1_234);
      sessions.close();
      await response;
      await vi.advanceTimersByTimeAsync(0);
      expect(vi.getTimerCount(), JSON.stringify(reception)).toBe(0);
    }
  });

  it('during a pause asks for no token any more', async () => {
    let tokens = 0;
    const { gateway, sessions } = start('refuse', () => `token ${++tokens}`);
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(0);
    sessions.close();
    await failed;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tokens).toBe(1);
    expect(gateway.attemptsAtMs).toHaveLength(1);
  });

  it('while a token is awaited opens nothing when it comes', async () => {
    let give: (token: string) => void = () => {};
    const { gateway, sessions } = start(ANSWERING, () => new Promise((resolve) => (give = resolve)));
    const failed = rejection(send(sessions));
    sessions.close();
    expect(await failed).toMatchObject({ code: 'session_unavailable' });
    give('late');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gateway.attemptsAtMs).toHaveLength(0);
  });
});

describe('a full transport', () => {
  it('holds records back until it has room', async () => {
    const { gateway, sessions } = start(ANSWERING);
    await send(sessions);
    gateway.bufferedBytes = 10_000_000;
    const response = send(sessions);
    await vi.advanceTimersByTimeAsync(100);
    expect(gateway.sessions.all[0]!.exchanges.all).toHaveLength(1);
    gateway.bufferedBytes = 0;
    await vi.advanceTimersByTimeAsync(5);
    expect((await response).status).toBe(200);
  });

  it('is not asked for ever when it breaks, and what never left goes out on the next one', async () => {
    const { gateway, sessions } = start(ANSWERING);
    await send(sessions);
    gateway.bufferedBytes = 10_000_000;
    const response = send(sessions, { body: 'not to be sent twice' });
    await vi.advanceTimersByTimeAsync(10);
    gateway.sessions.all[0]!.close('internal_error');
    gateway.bufferedBytes = 0;
    await vi.advanceTimersByTimeAsync(2 * DEFAULTS.reconnectBaseMs);
    expect((await response).status).toBe(200);
    expect(gateway.sessions.all.map((side) => side.exchanges.all.length)).toEqual([1, 1]);
    // What looks after the second session.
    expect(vi.getTimerCount()).toBe(1);
  });

  it('still takes the end of the session', async () => {
    const { gateway, sessions } = start(ANSWERING);
    await send(sessions);
    gateway.bufferedBytes = 10_000_000;
    sessions.close();
    await vi.advanceTimersByTimeAsync(10);
    expect(await gateway.sessions.all[0]!.closed).toMatchObject({ initiator: 'peer', application: true });
    expect(vi.getTimerCount()).toBe(0);
  });
});
