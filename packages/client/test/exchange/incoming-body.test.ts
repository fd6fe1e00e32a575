import { clientParameters, FAILURES, WIRE_LIMITS } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import { bodyStream } from '../../src/exchange/body-stream.ts';
import type { ExchangeResponse } from '../../src/exchange/exchange.ts';
import type { SessionManager } from '../../src/session/session-manager.ts';
import { turns } from '../support/arrivals.ts';
import { send, sessionsTo } from '../support/exchanges.ts';
import type { GatewayExchange } from '../support/gateway-exchange.ts';
import type { GatewayScript } from '../support/gateway-side.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

const SESSION_WINDOW = clientParameters().initialMaxData;
const STREAM_WINDOW = WIRE_LIMITS.streamWindowBytes;

async function start(script: GatewayScript = {}) {
  const gateway = await ScriptedGateway.start(script);
  return { gateway, sessions: sessionsTo({ gateway: gateway.url }) };
}

/** A response under way, and the gateway's end of it. */
async function begin(
  gateway: ScriptedGateway,
  sessions: SessionManager,
): Promise<[ExchangeResponse, GatewayExchange]> {
  const pending = send(sessions);
  const exchange = await gateway.exchange();
  exchange.sendHead(200);
  return [await pending, exchange];
}

/** Bytes of content read until `total` have come. */
async function drain({ body }: ExchangeResponse, total: number): Promise<void> {
  let read = 0;
  while (read < total) read += (await body.next())?.length ?? Number.NaN;
  expect(read).toBe(total);
}

/** Whether a body of `bytes` still gets through. */
async function expectToFlow(
  gateway: ScriptedGateway,
  sessions: SessionManager,
  bytes: number,
): Promise<void> {
  const [response, exchange] = await begin(gateway, sessions);
  const pumped = exchange.pump(bytes).then(() => exchange.end());
  await drain(response, bytes);
  await pumped;
  expect(await response.body.next()).toBeUndefined();
}

// Each of these moves more than the session's window, which takes a busy machine its time.
describe('credit', { timeout: 60_000 }, () => {
  it('is not used up by small responses, read or not', async () => {
    const content = new Uint8Array(Math.ceil((1.1 * SESSION_WINDOW) / 10_000));
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer(200, [], content) });
    const kept: ExchangeResponse[] = [];
    for (let round = 0; round < 250; round++) {
      kept.push(...(await Promise.all(Array.from({ length: 40 }, () => send(sessions)))));
    }
    expect(kept.length * content.length).toBeGreaterThan(SESSION_WINDOW);
    expect(gateway.sessions.all).toHaveLength(1);
    // None was read; all can be.
    for (const response of [kept[0]!, kept.at(-1)!]) await drain(response, content.length);
  });

  it('is not used up by responses that are read in part and given up', async () => {
    const content = new Uint8Array(200_000);
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer(200, [], content) });
    for (let given = 0; given < 1.2 * SESSION_WINDOW; given += content.length) {
      const { body } = await send(sessions);
      expect((await body.next(100))?.length).toBe(100);
      body.cancel();
    }
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('comes back from responses that are given up before their end', async () => {
    const { gateway, sessions } = await start();
    for (let given = 0; given < 1.2 * SESSION_WINDOW; given += STREAM_WINDOW) {
      const [{ body }, exchange] = await begin(gateway, sessions);
      exchange.pump(STREAM_WINDOW).catch(() => {});
      expect((await body.next(10))?.length).toBe(10);
      body.cancel();
      expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
    }
    await expectToFlow(gateway, sessions, 1_000_000);
  });

  it('comes back from responses that break off', async () => {
    const { gateway, sessions } = await start();
    for (let given = 0; given < 1.2 * SESSION_WINDOW; given += STREAM_WINDOW) {
      const [response, exchange] = await begin(gateway, sessions);
      await exchange.pump(STREAM_WINDOW - 1_000);
      exchange.reset('http_response_incomplete');
      await expect(drain(response, STREAM_WINDOW)).rejects.toMatchObject({
        code: 'http_response_incomplete',
      });
    }
    await expectToFlow(gateway, sessions, 1_000_000);
  });

  it('of a body that nobody reads is its window; others flow past it', async () => {
    const { gateway, sessions } = await start();
    const [unread, exchange] = await begin(gateway, sessions);
    const side = gateway.sessions.all[0]!;
    const pumped = exchange.pump(5_000_000);
    await turns(20);
    expect(side.sentBytes).toBeLessThan(STREAM_WINDOW + 5_000);
    const before = side.sentBytes;
    await expectToFlow(gateway, sessions, 5_000_000);
    expect(side.sentBytes - before).toBeLessThan(5_100_000);
    expect(exchange.seen.stopped).toBe(false);
    // Once it is read, it flows as well.
    await drain(unread, 5_000_000);
    expect(await pumped).toBe(5_000_000);
  });
});

describe('next()', () => {
  it('gives no more than is asked for, and nothing twice', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    exchange.sendContent('abcdefghij');
    exchange.end();
    const pieces: string[] = [];
    for (const limit of [3, 1, 100, 5]) pieces.push(Buffer.from((await body.next(limit)) ?? []).toString());
    expect(pieces).toEqual(['abc', 'd', 'efghij', '']);
    expect(body.isFinished).toBe(true);
  });

  it('gives bytes nobody else has a view of', async () => {
    const { gateway, sessions } = await start();
    const [first, firstExchange] = await begin(gateway, sessions);
    const [second, secondExchange] = await begin(gateway, sessions);
    // In one record.
    firstExchange.sendContent('first');
    secondExchange.sendContent('second');
    await turns();
    const a = (await first.body.next(2))!;
    structuredClone(a.buffer, { transfer: [a.buffer as ArrayBuffer] });
    const b = (await first.body.next())!;
    expect(Buffer.from(b).toString()).toBe('rst');
    b.fill(0);
    structuredClone(b.buffer, { transfer: [b.buffer as ArrayBuffer] });
    expect(Buffer.from((await second.body.next())!).toString()).toBe('second');
  });

  it('serves several readers, each piece to one of them', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    const readers = [1, 2, 3].map(() => body.next());
    exchange.sendContent('one');
    await turns();
    exchange.sendContent('two');
    exchange.end();
    const pieces = (await Promise.all(readers)).map((piece) => piece && Buffer.from(piece).toString());
    expect(pieces.sort()).toEqual(['one', 'two', undefined]);
  });
});

describe('cancel()', () => {
  it('lets whoever reads know', async () => {
    const { gateway, sessions } = await start();
    const [{ body }] = await begin(gateway, sessions);
    const reading = body.next();
    body.cancel();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('of a complete body asks nobody to stop', async () => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    exchange.answer(200, [], 'whole');
    const { body } = await pending;
    body.cancel();
    body.cancel();
    expect(await body.next()).toBeUndefined();
    await turns();
    expect(exchange.seen.stopped).toBe(false);
  });
});

describe('bodyStream', () => {
  it('gives the content, then ends', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    exchange.sendContent('some ');
    exchange.sendContent('content');
    exchange.end();
    expect(await new Response(bodyStream(body)).text()).toBe('some content');
  });

  it('takes nothing that nobody asks for', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    const stream = bodyStream(body);
    const pumped = exchange.pump(3 * STREAM_WINDOW);
    await turns(20);
    expect(gateway.sessions.all[0]!.sentBytes).toBeLessThan(STREAM_WINDOW + 5_000);
    const reader = stream.getReader();
    let read = 0;
    while (read < 3 * STREAM_WINDOW) read += (await reader.read()).value?.length ?? Number.NaN;
    await pumped;
  });

  it('fills the buffer of a reader that brings one', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    const reader = bodyStream(body).getReader({ mode: 'byob' });
    exchange.sendContent('abcdef');
    const first = await reader.read(new Uint8Array(4));
    expect(Buffer.from(first.value!).toString()).toBe('abcd');
    const second = await reader.read(new Uint8Array(4));
    expect(Buffer.from(second.value!).toString()).toBe('ef');
    const last = reader.read(new Uint8Array(4));
    exchange.end();
    expect(await last).toMatchObject({ done: true });
  });

  it('gives the exchange up when it is cancelled', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    await bodyStream(body).cancel('enough');
    expect(await exchange.stopped).toBe(FAILURES.cancelled.code);
  });

  it('fails as the content does', async () => {
    const { gateway, sessions } = await start();
    const [{ body }, exchange] = await begin(gateway, sessions);
    const reading = bodyStream(body).getReader().read();
    exchange.reset('http_response_incomplete');
    await expect(reading).rejects.toMatchObject({ code: 'http_response_incomplete' });
  });
});
