import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Connector } from '../../src/connect/connector.ts';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import type { OriginConnection, OriginRequest } from '../../src/pool/origin-connection.ts';
import { RequestBody } from '../../src/pool/request-body.ts';
import { onRequestHead, rawOrigin } from '../support/origins.ts';
import { connectionTo, roundTrip, send } from '../support/recorder.ts';

// urllib3: `read_timeout = max(0, min(total - what connecting and sending took, read))`. The clock of these tests stands still
// but for what they say takes time; timers are real, and none is long.

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const CONNECTOR = createRouteConnector();

/** Connects for real, and takes this long. */
function slowConnector(connectMs: number): Connector {
  return {
    async connect(target, options) {
      const made = await CONNECTOR.connect(target, options);
      vi.advanceTimersByTime(connectMs);
      return made;
    },
  };
}

async function silentOrigin(answer = ''): Promise<{ port: number }> {
  return rawOrigin((socket: Socket) => onRequestHead(socket, () => void socket.write(answer)));
}

function slowTo({ port }: { port: number }, connectMs: number): OriginConnection {
  return connectionTo(port, { connector: slowConnector(connectMs) });
}

describe('what is left to read', () => {
  test.each<[what: string, Partial<OriginRequest>, connectMs: number, readMs: number]>([
    ['the total without what connecting took', { totalTimeoutMs: 1_060, readTimeoutMs: 1_060 }, 1_000, 60],
    ['the read timeout where that is less', { totalTimeoutMs: 5_000, readTimeoutMs: 60 }, 1_000, 60],
    ['the total where there is no read timeout', { totalTimeoutMs: 1_060, readTimeoutMs: 0 }, 1_000, 60],
    ['nothing where connecting took all of it', { totalTimeoutMs: 1_000, readTimeoutMs: 1_000 }, 1_000, 0],
    ['nothing where it took more', { totalTimeoutMs: 1_000, readTimeoutMs: 60 }, 9_000, 0],
  ])('is %s', async (_, request, connectMs, readMs) => {
    const origin = await silentOrigin();
    const got = await roundTrip(slowTo(origin, connectMs), request);
    expect(got.failure).toEqual({
      name: 'connection_read_timeout',
      detail: `127.0.0.1:${origin.port} (read timeout=${readMs} ms)`,
    });
  });

  test('is all of it on a connection that is there', async () => {
    const origin = await silentOrigin('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    const connection = slowTo(origin, 1_000);
    const first = await roundTrip(connection, { totalTimeoutMs: 5_000 });
    expect([first.failure, first.text]).toEqual([undefined, 'ok']);
    const second = await roundTrip(connection, { totalTimeoutMs: 1_000 });
    expect([second.failure, second.text, second.reused]).toEqual([undefined, 'ok', true]);
  });

  test('holds for silence inside the content, too', async () => {
    const origin = await silentOrigin('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal');
    const got = await roundTrip(slowTo(origin, 1_000), { totalTimeoutMs: 1_060 });
    expect(got.failure).toEqual({
      name: 'response_read_timeout',
      detail: `127.0.0.1:${origin.port} (read timeout=60 ms)`,
    });
  });

  test('is less by what sending took', async () => {
    const origin = await silentOrigin();
    const body = new RequestBody();
    const got = send(slowTo(origin, 1_000), { method: 'POST', body, totalTimeoutMs: 3_060 });
    body.write(Buffer.from('a'));
    while (!got.events.includes('connected')) await new Promise(setImmediate);
    vi.advanceTimersByTime(2_000);
    body.end();
    await got.done;
    expect(got.failure?.detail).toContain('(read timeout=60 ms)');
  });

  test('is judged when an origin answers before it has everything', async () => {
    const origin = await silentOrigin('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal');
    const body = new RequestBody();
    const got = send(slowTo(origin, 1_000), { method: 'POST', body, totalTimeoutMs: 1_060 });
    body.write(Buffer.from('a'));
    await got.done;
    expect(got.failure).toMatchObject({ name: 'response_read_timeout' });
    expect(got.failure?.detail).toContain('(read timeout=60 ms)');
  });
});

test('a connection that takes longer than the total is a connect timeout', async () => {
  const origin = await rawOrigin(() => {});
  const connector: Connector = {
    // Until the route's own clock ends it.
    connect: (target, options) =>
      createRouteConnector({
        lookup: () => new Promise<never>(() => {}),
      }).connect({ ...target, host: 'slow.example' }, options),
  };
  const connection = connectionTo(origin.port, { connector });
  // As the plan of a request has them.
  const got = await roundTrip(connection, { connectTimeoutMs: 60, readTimeoutMs: 60, totalTimeoutMs: 60 });
  expect(got.failure).toEqual({
    name: 'connection_timeout',
    detail: `slow.example:${origin.port} (connect timeout=60 ms)`,
  });
});
