import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as DEFAULTS from '../../src/defaults.ts';
import type { HTTPError } from '../../src/errors.ts';
import type { SessionManager } from '../../src/session/session-manager.ts';
import { rejection } from '../support/client.ts';
import { send, sessionsTo } from '../support/exchanges.ts';
import type { GatewaySide } from '../support/gateway-side.ts';
import { MemoryGateway, type Reception } from '../support/memory-gateway.ts';

const ANSWERING: Reception = { exchange: (exchange) => exchange.answer() };

/** A little more than a look at what was heard, in milliseconds. */
const LOOK_MS = 1_001;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(reception: Reception | ((attempt: number) => Reception)) {
  const gateway = new MemoryGateway(reception);
  const sessions = sessionsTo({ gateway: 'wss://gateway.test/session', openTransport: gateway.open });
  return { gateway, sessions };
}

/** A session that has served a request, was silent for `silenceMs`, and answers nothing any more; the next one answers. */
async function deadAfter(silenceMs: number): Promise<{ gateway: MemoryGateway; sessions: SessionManager }> {
  const started = start(ANSWERING);
  await send(started.sessions);
  started.gateway.sessions.all[0]!.mute();
  await vi.advanceTimersByTimeAsync(silenceMs);
  return started;
}

/** The only session there should be. */
function only(gateway: MemoryGateway): GatewaySide {
  expect(gateway.sessions.all).toHaveLength(1);
  return gateway.sessions.all[0]!;
}

describe('a session with work to do', () => {
  it('is lost when its gateway gives no sign of life', async () => {
    const { gateway, sessions } = start({});
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(1);
    only(gateway).mute();
    await vi.advanceTimersByTimeAsync(DEFAULTS.pingIntervalMs * 2 + DEFAULTS.pingTimeoutMs);
    const error = (await failed) as HTTPError;
    expect(error).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    expect(error.message).toContain('does not answer');
    await vi.advanceTimersByTimeAsync(1);
    expect(only(gateway).isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is kept as long as it answers', async () => {
    const { gateway, sessions } = start({});
    const response = send(sessions);
    await vi.advanceTimersByTimeAsync(60 * DEFAULTS.pingIntervalMs);
    expect(only(gateway).isClosed).toBe(false);
    gateway.sessions.all[0]!.exchanges.all[0]!.answer();
    await response;
  });

  it('is kept while what it sends gets less, however slowly', async () => {
    const { gateway, sessions } = start({});
    const response = send(sessions);
    await vi.advanceTimersByTimeAsync(1);
    only(gateway).mute();
    gateway.bufferedBytes = 1_000_000;
    for (let elapsedMs = 0; elapsedMs < 5 * DEFAULTS.pingTimeoutMs; elapsedMs += LOOK_MS) {
      await vi.advanceTimersByTimeAsync(LOOK_MS);
      gateway.bufferedBytes -= 1;
    }
    only(gateway).unmute();
    gateway.sessions.all[0]!.exchanges.all[0]!.answer();
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect((await response).status).toBe(200);
    only(gateway);
  });

  it('is not judged by the time a process has slept', async () => {
    const { gateway, sessions } = start({});
    const response = send(sessions);
    await vi.advanceTimersByTimeAsync(DEFAULTS.pingIntervalMs - 1);
    only(gateway).mute();
    await vi.advanceTimersByTimeAsync(DEFAULTS.pingIntervalMs + LOOK_MS);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    only(gateway).unmute();
    gateway.sessions.all[0]!.exchanges.all[0]!.answer();
    await vi.advanceTimersByTimeAsync(1);
    expect((await response).status).toBe(200);
  });
});

describe('a session that died while it was idle', () => {
  it('is noticed within its deadline once there is work, and what may be repeated moves on', async () => {
    const { gateway, sessions } = await deadAfter(DEFAULTS.pingIntervalMs);
    const response = send(sessions, { repeats: 1 });
    await vi.advanceTimersByTimeAsync(DEFAULTS.wakeTimeoutMs - 1);
    only(gateway);
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect((await response).status).toBe(200);
    expect(gateway.sessions.all).toHaveLength(2);
  });

  it('is not given what must not be sent twice when it was silent for long', async () => {
    const { gateway, sessions } = await deadAfter(DEFAULTS.doubtMs + 1);
    const posts = [send(sessions, { body: '1' }), send(sessions, { body: '2' })];
    await vi.advanceTimersByTimeAsync(DEFAULTS.wakeTimeoutMs - 1);
    expect(only(gateway).exchanges.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    for (const response of await Promise.all(posts)) expect(response.status).toBe(200);
    expect(gateway.sessions.all.map((side) => side.exchanges.all.length)).toEqual([1, 2]);
  });

  it('tells that a request which went there may have been seen', async () => {
    const { sessions } = await deadAfter(DEFAULTS.pingIntervalMs);
    const failed = rejection(send(sessions, { body: 'once', repeats: 1 }));
    await vi.advanceTimersByTimeAsync(DEFAULTS.wakeTimeoutMs + LOOK_MS);
    expect(await failed).toMatchObject({ code: 'session_lost', sent: 'maybe' });
  });
});

describe('a session that was silent for long and lives', () => {
  it('serves at once what may be repeated, and after a sign of life everything else', async () => {
    const { gateway, sessions } = await deadAfter(DEFAULTS.doubtMs + 1);
    const get = send(sessions);
    const post = send(sessions, { body: '1' });
    await vi.advanceTimersByTimeAsync(10);
    expect(only(gateway).exchanges.all).toHaveLength(2);
    only(gateway).unmute();
    await vi.advanceTimersByTimeAsync(10);
    expect((await get).status).toBe(200);
    expect((await post).status).toBe(200);
    expect(only(gateway).exchanges.all).toHaveLength(3);
  });

  it('keeps nobody waiting who gave up meanwhile', async () => {
    const { gateway, sessions } = await deadAfter(DEFAULTS.doubtMs + 1);
    const controller = new AbortController();
    const gone = rejection(send(sessions, { body: '1', signal: controller.signal }));
    controller.abort('enough');
    expect(await gone).toBe('enough');
    only(gateway).unmute();
    await vi.advanceTimersByTimeAsync(10);
    expect(only(gateway).exchanges.all).toHaveLength(1);
  });
});

describe('a page that comes back', () => {
  const added = new Map<string, () => void>();
  beforeEach(() => {
    vi.stubGlobal('addEventListener', (name: string, listener: () => void) => added.set(name, listener));
    vi.stubGlobal('removeEventListener', (name: string) => added.delete(name));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    added.clear();
  });

  it.each(['online', 'visibilitychange'])('finds out by %s that its session is dead', async (event) => {
    const { gateway, sessions } = await deadAfter(DEFAULTS.doubtMs + 1);
    added.get(event)!();
    await vi.advanceTimersByTimeAsync(DEFAULTS.wakeTimeoutMs + LOOK_MS);
    expect(only(gateway).isClosed).toBe(true);
    expect(added.size).toBe(0);
    const response = send(sessions, { body: 'at once' });
    await vi.advanceTimersByTimeAsync(1);
    expect((await response).status).toBe(200);
  });
});

describe('a gateway that takes connections and says nothing', () => {
  it('holds up nobody after whom it kept waiting', async () => {
    const { gateway, sessions } = start((attempt) => (attempt === 0 ? 'ignore' : ANSWERING));
    const failed = rejection(send(sessions));
    await vi.advanceTimersByTimeAsync(DEFAULTS.sessionTimeoutMs);
    expect(await failed).toMatchObject({ code: 'session_unavailable', sent: 'never' });
    const response = send(sessions);
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect((await response).status).toBe(200);
    expect(gateway.attemptsAtMs).toHaveLength(2);
  });
});
