import { expect } from 'vitest';
import { eventually, within } from './eventually.ts';
import { LOOPBACK, test as plainTest } from './fixtures.ts';
import { exchange, stream } from './raw-frames.ts';
import type { RawSession } from './raw-session.ts';
import { SteadyClient } from './steady-client.ts';

/** Median of the well-behaved client. Idle it is 1–3 ms; the attacker shares its thread and the machine's cores. */
const MEDIAN_MS = 100;

/** Most that a gateway may hold while it is attacked: twice what it holds anyway. */
export const MEMORY_BYTES = 256 * 1024 * 1024;

/** How long a session may go without hello; long enough for the well-behaved client on a busy machine. */
export const HELLO_TIMEOUT_MS = 2_000;

/**
 * `test` for hostile clients: beside each there is a well-behaved session on the same gateway. At the end it must have
 * had only right answers, without waiting for them, and the gateway must be alive and no larger than a bound.
 */
export const test = plainTest.extend(
  'steady',
  { auto: true },
  async ({ gateway, http, origin }, { onCleanup }) => {
    const steady = new SteadyClient(http, origin);
    onCleanup(async () => {
      const { medianMs } = await within(30_000, 'the well-behaved client', steady.stop());
      expect(medianMs).toBeLessThan(MEDIAN_MS);
      const { isRunning, rssBytes } = await gateway.status();
      expect(isRunning).toBe(true);
      expect(rssBytes).toBeLessThan(MEMORY_BYTES);
    });
    return steady;
  },
);

test.override('gatewaySetup', { scope: 'file' }, () => ({
  ...LOOPBACK,
  config: { timeouts: { helloTimeoutMs: HELLO_TIMEOUT_MS } },
}));

/** The id of the `n`th stream that a client opens, from 0 (RFC 9000 §2.1). */
export function streamId(n: number): number {
  return n * 4;
}

/** Resolves when the gateway has closed the session. */
export async function closes(session: RawSession): Promise<void> {
  await within(8_000, 'the end of the hostile session', session.closed);
}

/** Fails unless a request on stream `n` of this session is answered. */
export async function stillServes(session: RawSession, authority: string, n = 2): Promise<void> {
  session.send(stream(streamId(n), exchange({ authority, path: '/echo?still-serves' }), { fin: true }));
  await eventually(() => expect(session.received.includes('/echo?still-serves')).toBe(true));
  expect(session.isOpen).toBe(true);
}
