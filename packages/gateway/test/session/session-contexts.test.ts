import type { ContextMessage, Failure, SettingsMessage } from '@hip/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS, INTERNALS } from '../../src/defaults.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import { createEgressPolicy } from '../../src/policy/egress-policy.ts';
import { createSettingsCompiler } from '../../src/pool/compile-settings.ts';
import type { ConnectionPool } from '../../src/pool/connection-pool.ts';
import { OriginPools } from '../../src/pool/origin-pools.ts';
import { poolKey } from '../../src/pool/pool-key.ts';
import type { PoolSettings } from '../../src/pool/pool-settings.ts';
import { ContextStore } from '../../src/session/context-store.ts';
import { SessionContexts } from '../../src/session/session-contexts.ts';
import { connectionTo } from '../support/recorder.ts';
import { ANYWHERE } from '../support/settings.ts';

const CONTEXT: ContextMessage = { type: 'context', id: 1, name: 'a', numPools: 10, maxsize: 1, block: false };
const SETTINGS: SettingsMessage = { type: 'settings', id: 2, context: 1, maxsize: 1, block: false };

let store: ContextStore;
let contexts: SessionContexts;

/** The contexts of a session; sessions of one test have the same subject. */
function newSession(): SessionContexts {
  const session = new SessionContexts({
    contexts: store,
    compileSettings: createSettingsCompiler({ identities: new Map(), trust: undefined }),
    limits: DEFAULTS.limits,
    timeouts: DEFAULTS.timeouts,
  });
  session.accept({ name: 'default', identities: [], policy: createEgressPolicy({ allow: [] }) });
  return session;
}

beforeEach(() => {
  store = new ContextStore({
    lingerMs: 60_000,
    createPools: (numPools) =>
      new OriginPools({
        numPools,
        log: SILENT_LOGGER,
        createConnection: ({ target }) => connectionTo(target.port),
      }),
  });
  contexts = newSession();
});

afterEach(() => store.closeAll());

/** The pool of an origin under a context or settings. */
function pool(id: number, host: string): ConnectionPool {
  const answer = found(id);
  if (!('pools' in answer)) throw new Error(`context ${id} was refused`);
  return answer.pools.poolFor(poolKey({ scheme: 'http', host, port: 80 }, answer.settings, false, ANYWHERE));
}

function found(contextId: number): { pools: OriginPools; settings: PoolSettings } | Failure {
  let answer: { pools: OriginPools; settings: PoolSettings } | Failure | undefined;
  contexts.find({
    contextId,
    grant: (pools, settings) => {
      answer = { pools, settings };
    },
    refuse: (failure) => {
      answer = failure;
    },
  });
  if (answer === undefined) throw new Error(`context ${contextId} is being waited for`);
  return answer;
}

test('settings lead to the pools of their context, with a key of their own', () => {
  contexts.declare(CONTEXT);
  contexts.declare({ ...SETTINGS, tls: { certReqs: 'CERT_NONE' } });
  const one = found(1);
  const other = found(2);
  if (!('pools' in one) || !('pools' in other)) throw new Error('both must be granted');
  expect(other.pools).toBe(one.pools);
  expect(other.settings.key).not.toBe(one.settings.key);
});

test('settings of a context that is not there are what no client sends', () => {
  expect(contexts.fault(SETTINGS)).toBe('settings.context must be a context declared before, got 1');
  contexts.declare(CONTEXT);
  expect(contexts.fault(SETTINGS)).toBeUndefined();
  expect(contexts.fault({ ...SETTINGS, id: 1 })).toBe('settings 1 was declared twice');
});

test('settings of a context that was refused are refused as well', () => {
  contexts.declare({ ...CONTEXT, numPools: DEFAULTS.limits.maxPoolsPerContext + 1 });
  expect(contexts.declare(SETTINGS)).toMatchObject({
    name: 'unsupported_option',
    detail: expect.stringMatching(/^numPools/),
  });
  expect(found(2)).toMatchObject({ name: 'unsupported_option' });
});

test('an identity that is not the subject’s is refused, in words that tell nobody whether there is one', () => {
  const tls = { identity: 'billing' };
  expect(contexts.declare({ ...CONTEXT, tls })).toEqual({
    name: 'request_denied',
    detail: 'identity "billing" is none that the operator lets this subject use',
  });
});

test('there may be so many settings, and more contexts do not count among them', () => {
  contexts.declare(CONTEXT);
  for (let id = 2; id < 2 + INTERNALS.maxSettingsPerSession; id++) contexts.declare({ ...SETTINGS, id });
  expect(contexts.fault({ ...SETTINGS, id: 5_000 })).toBe('a session must declare at most 1024 settings');
  expect(contexts.fault({ ...CONTEXT, id: 5_000, name: 'b' })).toBeUndefined();
  contexts.release(2);
  expect(contexts.fault({ ...SETTINGS, id: 5_000 })).toBeUndefined();
});

test('a session may hold so many characters of certificates; giving some up makes room', () => {
  contexts.declare(CONTEXT);
  const caCerts = 'x'.repeat(INTERNALS.maxSettingsBytesPerSession / 4);
  for (const id of [2, 3, 4]) expect(contexts.declare({ ...SETTINGS, id, tls: { caCerts } })).toBeUndefined();
  expect(contexts.declare({ ...SETTINGS, id: 5, tls: { caCerts } })).toMatchObject({
    name: 'unsupported_option',
    detail: expect.stringContaining('close managers that are not used'),
  });
  contexts.release(3);
  expect(contexts.declare({ ...SETTINGS, id: 6, tls: { caCerts } })).toBeUndefined();
});

describe('clear', () => {
  test('forgets the pools of a context, those of its settings among them', () => {
    contexts.declare(CONTEXT);
    contexts.declare({ ...SETTINGS, tls: { certReqs: 'CERT_NONE' } });
    const before = [pool(1, 'a.test'), pool(2, 'a.test')];
    contexts.clear({ type: 'clear', id: 1, generation: 1 });
    expect(pool(1, 'a.test')).not.toBe(before[0]);
    expect(pool(2, 'a.test')).not.toBe(before[1]);
  });

  test('is done once for each generation, whichever session says it first', () => {
    const other = newSession();
    for (const session of [contexts, other]) session.declare(CONTEXT);
    other.clear({ type: 'clear', id: 1, generation: 2 });
    const since = pool(1, 'a.test');
    for (const generation of [0, 1, 2]) contexts.clear({ type: 'clear', id: 1, generation });
    expect(pool(1, 'a.test')).toBe(since);
    contexts.clear({ type: 'clear', id: 1, generation: 3 });
    expect(pool(1, 'a.test')).not.toBe(since);
  });

  test('is told with the declaration where there was no session to tell it on', () => {
    contexts.declare(CONTEXT);
    const before = pool(1, 'a.test');
    contexts.close();
    contexts = newSession();
    contexts.declare(CONTEXT);
    expect(pool(1, 'a.test')).toBe(before);
    contexts.close();
    contexts = newSession();
    contexts.declare({ ...CONTEXT, generation: 1 });
    const since = pool(1, 'a.test');
    expect(since).not.toBe(before);
    contexts.clear({ type: 'clear', id: 1, generation: 1 });
    expect(pool(1, 'a.test')).toBe(since);
  });
});

describe('close', () => {
  test('forgets one pool of a context', () => {
    contexts.declare(CONTEXT);
    contexts.declare({ ...SETTINGS, tls: { certReqs: 'CERT_NONE' } });
    const before = [pool(1, 'a.test'), pool(2, 'a.test'), pool(1, 'b.test')];
    contexts.clear({ type: 'close', id: 2, scheme: 'http', authority: 'A.test' });
    expect(pool(1, 'a.test')).toBe(before[0]);
    expect(pool(2, 'a.test')).not.toBe(before[1]);
    expect(pool(1, 'b.test')).toBe(before[2]);
  });

  test.each([
    ['ftp', 'a.test'],
    ['http', 'not an authority'],
    ['http', '127.0.0.1'],
    ['http', 'never-asked.test'],
  ])('of %s and %s, which can have no pool, does nothing', (scheme, authority) => {
    contexts.declare(CONTEXT);
    const before = pool(1, 'a.test');
    contexts.clear({ type: 'close', id: 1, scheme, authority });
    expect(pool(1, 'a.test')).toBe(before);
  });
});

test('only what was declared can be emptied', () => {
  expect(contexts.fault({ type: 'clear', id: 1, generation: 1 })).toBe(
    'clear.id must be declared before, got 1',
  );
  expect(contexts.fault({ type: 'close', id: 1, scheme: 'http', authority: 'a.test' })).toBe(
    'close.id must be declared before, got 1',
  );
  contexts.declare({ ...CONTEXT, maxsize: 0 });
  expect(contexts.fault({ type: 'clear', id: 1, generation: 1 })).toBeUndefined();
  contexts.clear({ type: 'clear', id: 1, generation: 1 });
  expect(found(1)).toMatchObject({ name: 'unsupported_option' });
});
