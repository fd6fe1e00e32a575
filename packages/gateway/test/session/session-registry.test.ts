import { clientParameters, FAILURES, Session, type SessionClose } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { DEFAULTS, INTERNALS } from '../../src/defaults.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import { createSettingsCompiler } from '../../src/pool/compile-settings.ts';
import { OriginPools } from '../../src/pool/origin-pools.ts';
import { ContextStore } from '../../src/session/context-store.ts';
import type { RecordCarrier } from '../../src/session/record-carrier.ts';
import { SessionRegistry } from '../../src/session/session-registry.ts';
import { connectionTo } from '../support/recorder.ts';

function registry(maxSessions: number): SessionRegistry {
  return new SessionRegistry({
    authenticate: () => undefined,
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
    connector: { connect: () => expect.unreachable('nobody asks for a WebSocket') },
    limits: { ...DEFAULTS.limits, maxSessions },
    timeouts: DEFAULTS.timeouts,
    log: SILENT_LOGGER,
    software: 'test',
  });
}

/** What a client hears over a carrier. */
function listener(): { carrier: RecordCarrier; heard: { close?: SessionClose; isClosed: boolean } } {
  const heard: { close?: SessionClose; isClosed: boolean } = { isClosed: false };
  const client = new Session({
    perspective: 'client',
    parameters: clientParameters(),
    now: () => performance.now(),
    handler: {
      ready: () => {},
      stream: () => expect.unreachable('a gateway opens no streams'),
      streamsAvailable: () => {},
      wantsToSend: () => {},
      closed: (close) => {
        heard.close = close;
      },
    },
  });
  const carrier: RecordCarrier = {
    bufferedBytes: 0,
    send: (record, sent) => {
      client.receive(record);
      sent();
    },
    close: () => {
      heard.isClosed = true;
    },
  };
  return { carrier, heard };
}

describe('a registry that is full', () => {
  test('says so in a session, and keeps nothing of it', () => {
    const sessions = registry(1);
    const first = listener();
    const session = sessions.open(first.carrier);
    expect([sessions.hasRoom, sessions.mayTurnAway, sessions.size]).toEqual([false, true, 1]);
    const { carrier, heard } = listener();
    sessions.turnAway(carrier);
    expect(heard).toMatchObject({
      isClosed: true,
      close: {
        initiator: 'peer',
        application: true,
        code: FAILURES.session_limit.code,
        reason: 'the gateway holds as many sessions as it may',
      },
    });
    expect(sessions.size).toBe(1);
    expect(first.heard.close).toBeUndefined();
    session.close();
    expect(sessions.hasRoom).toBe(true);
  });

  test('says so to some at a time only', () => {
    const sessions = registry(0);
    for (let i = 0; i < INTERNALS.maxTurnedAway; i++) {
      expect(sessions.mayTurnAway).toBe(true);
      sessions.turnAway(listener().carrier);
    }
    expect(sessions.mayTurnAway).toBe(false);
    sessions.left();
    expect(sessions.mayTurnAway).toBe(true);
  });

  test('says nothing while the gateway shuts down', async () => {
    const sessions = registry(0);
    await sessions.drain(0);
    expect([sessions.hasRoom, sessions.mayTurnAway]).toEqual([false, false]);
  });
});
