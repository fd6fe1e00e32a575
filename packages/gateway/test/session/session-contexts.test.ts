import type { ContextMessage, Failure, SettingsMessage } from '@hip/wire';
import { beforeEach, expect, test } from 'vitest';
import { DEFAULTS, INTERNALS } from '../../src/defaults.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import { createSettingsCompiler } from '../../src/pool/compile-settings.ts';
import { OriginPools } from '../../src/pool/origin-pools.ts';
import type { PoolSettings } from '../../src/pool/pool-settings.ts';
import { ContextStore } from '../../src/session/context-store.ts';
import { SessionContexts } from '../../src/session/session-contexts.ts';
import { connectionTo } from '../support/recorder.ts';

const CONTEXT: ContextMessage = { type: 'context', id: 1, name: 'a', numPools: 10, maxsize: 1, block: false };
const SETTINGS: SettingsMessage = { type: 'settings', id: 2, context: 1, maxsize: 1, block: false };

let contexts: SessionContexts;

beforeEach(() => {
  contexts = new SessionContexts({
    contexts: new ContextStore({
      lingerMs: 0,
      createPools: (numPools) =>
        new OriginPools({
          numPools,
          log: SILENT_LOGGER,
          createConnection: ({ target }) => connectionTo(target.port),
        }),
    }),
    compileSettings: createSettingsCompiler({ identities: new Map(), trust: undefined }),
    limits: DEFAULTS.limits,
    timeouts: DEFAULTS.timeouts,
  });
  contexts.accept({ name: 'default', identities: [] });
});

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
  expect(contexts.declare(SETTINGS)).toMatchObject({ name: 'unsupported_option', detail: expect.stringMatching(/^numPools/) });
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
