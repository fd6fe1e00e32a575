import { HTTPError, type PoolManager } from '@hip/client';
import { describe, expect, inject } from 'vitest';
import type { Gateway, Origin } from '../support/control.ts';
import type { GatewaySignal } from '../support/control-api.ts';
import { newClient, newGateway, test } from '../support/fixtures.ts';

/** Requests under way at once. */
const CONCURRENCY = 48;

/** Requests answered between two restarts. */
const REQUESTS_PER_RESTART = 250;

/** What became of the request with this number: a status, or why there is none. */
type Outcome = number | HTTPError;

const total = inject('restartRequests');
/** Ten thousand requests with forty restarts take minutes, also where nothing else runs. */
const timeout = 60_000 + total * 60;

const METHODS = ['GET', 'PUT', 'POST', 'DELETE'] as const;

/** Every other request by fetch(), every fourth body as a stream that can be read once. */
function plan(id: number) {
  return {
    method: METHODS[id % METHODS.length] as (typeof METHODS)[number],
    byFetch: id % 8 < 4,
    isStreamed: id % 16 > 8,
  };
}

async function sendOne(http: PoolManager, origin: Origin, id: number): Promise<Outcome> {
  const { method, byFetch, isStreamed } = plan(id);
  const url = origin.url(`/upload/${id}`);
  const hasBody = method === 'PUT' || method === 'POST';
  try {
    if (byFetch) {
      const body = hasBody ? { body: `content of ${id}` } : {};
      return (await http.fetch(url, { method, ...body })).status;
    }
    const text = `content of ${id}`;
    const body = method === 'POST' && isStreamed ? new Blob([text]).stream() : text;
    return (await http.request(method, url, hasBody ? { body } : {})).status;
  } catch (error) {
    const reason = error instanceof TypeError ? error.cause : error;
    if (reason instanceof HTTPError) return reason;
    throw error;
  }
}

/** Sends all requests while the gateway is ended with `signal` and started again, over and over. */
async function underRestarts(gateway: Gateway, origin: Origin, signal: GatewaySignal) {
  const http = newClient(gateway);
  const outcomes: Outcome[] = [];
  let next = 0;
  let answered = 0;
  let restarts = 0;
  let restarting = Promise.resolve();
  const sendInTurn = async (): Promise<void> => {
    while (next < total) {
      const id = next++;
      outcomes[id] = await sendOne(http, origin, id);
      if (++answered % REQUESTS_PER_RESTART !== 0 || answered === total) continue;
      restarting = restarting.then(async () => {
        await gateway.signal(signal);
        await gateway.exited();
        await gateway.restart();
        restarts++;
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, sendInTurn));
  await restarting;
  const arrivals = new Array<number>(total).fill(0);
  for (const { target } of await origin.requests('/upload/')) {
    const id = Number(target.split('/').at(-1));
    arrivals[id] = (arrivals[id] ?? 0) + 1;
  }
  return { outcomes, arrivals, restarts };
}

/** Numbers of the requests for which this is true. */
function which(predicate: (id: number) => boolean): number[] {
  return Array.from({ length: total }, (_, id) => id).filter(predicate);
}

describe('a gateway that is restarted under load', () => {
  test('with SIGTERM loses no request and repeats none', { timeout }, async ({ origin }) => {
    const gateway = await newGateway();
    const { outcomes, arrivals, restarts } = await underRestarts(gateway, origin, 'SIGTERM');
    expect(outcomes.filter((outcome) => outcome !== 200)).toEqual([]);
    expect(which((id) => arrivals[id] !== 1)).toEqual([]);
    expect(restarts).toBe(Math.ceil(total / REQUESTS_PER_RESTART) - 1);
  });

  test('with SIGKILL loses no request that may be repeated, and repeats no other', { timeout }, async ({
    origin,
  }) => {
    const gateway = await newGateway();
    const { outcomes, arrivals, restarts } = await underRestarts(gateway, origin, 'SIGKILL');
    const lost = which((id) => outcomes[id] !== 200);
    expect(lost.filter((id) => plan(id).method !== 'POST')).toEqual([]);
    for (const id of lost) {
      expect(outcomes[id], `request ${id}`).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    }
    expect(which((id) => plan(id).method === 'POST' && arrivals[id] !== 1 && !lost.includes(id))).toEqual([]);
    expect(which((id) => plan(id).method === 'POST' && (arrivals[id] as number) > 1)).toEqual([]);
    expect(which((id) => outcomes[id] === 200 && arrivals[id] === 0)).toEqual([]);
    expect(restarts).toBe(Math.ceil(total / REQUESTS_PER_RESTART) - 1);
    const repeated = which((id) => (arrivals[id] as number) > 1).length;
    console.info(
      `${total} requests, ${restarts} restarts: ${lost.length} POSTs lost, ${repeated} others repeated`,
    );
  });
});
