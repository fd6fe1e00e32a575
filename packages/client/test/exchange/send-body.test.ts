import { createHash } from 'node:crypto';
import { WIRE_LIMITS } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import type { BodySource } from '../../src/options.ts';
import { Latch, turns } from '../support/arrivals.ts';
import { rejection } from '../support/client.ts';
import { send, sessionsTo } from '../support/exchanges.ts';
import type { GatewayScript } from '../support/gateway-side.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

async function start(script: GatewayScript = {}) {
  const gateway = await ScriptedGateway.start(script);
  return { gateway, sessions: sessionsTo({ gateway: gateway.url }) };
}

/** Bytes that differ from place to place. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  return bytes;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* inPieces(bytes: Uint8Array, lengths: number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const length = lengths[n % lengths.length] as number;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const MANY = pattern(3_000_000);
const ODD = [1, 0, 65_535, 65_536, 65_537, 7, 200_000, 0, 0, 3];

describe('a body', () => {
  const bodies: [string, () => BodySource, number][] = [
    ['nothing', () => '', 0],
    ['a byte', () => MANY.slice(0, 1), 1],
    ['what still leaves with the head', () => MANY.slice(0, 65_536), 65_536],
    ['what does not any more', () => MANY.slice(0, 65_537), 65_537],
    ['megabytes in memory', () => MANY, MANY.length],
    ['megabytes of a Blob', () => new Blob([MANY]), MANY.length],
    ['megabytes of a stream', () => new Blob([MANY]).stream(), MANY.length],
    ['megabytes in odd pieces', () => inPieces(MANY, ODD), MANY.length],
    [
      'an iterable in pieces',
      () => [MANY.subarray(0, 10), new Uint8Array(), MANY.subarray(10, 99_999)],
      99_999,
    ],
    ['an iterable of nothing', () => [], 0],
  ];

  it.each(bodies)('of %s arrives as it was', async (_, body, length) => {
    const { gateway, sessions } = await start();
    const reports: number[] = [];
    const response = send(sessions, { body: body(), onBodySent: (bytes) => reports.push(bytes) });
    const exchange = await gateway.exchange();
    const received = await exchange.body();
    expect(received.length).toBe(length);
    expect(digest(received)).toBe(digest(MANY.subarray(0, length)));
    exchange.answer();
    await response;
    expect(reports.at(-1) ?? 0).toBe(length);
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
  });

  it('is not read faster than the gateway takes it', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => (exchange.consumes = false) });
    let produced = 0;
    async function* produce() {
      while (produced < 20_000_000) {
        produced += 50_000;
        yield new Uint8Array(50_000);
      }
    }
    const response = send(sessions, { body: produce() });
    const exchange = await gateway.exchange();
    while (exchange.contentBytes < WIRE_LIMITS.streamWindowBytes - 1_000) await exchange.contents.next();
    await turns(20);
    expect(exchange.contentBytes).toBeLessThanOrEqual(WIRE_LIMITS.streamWindowBytes);
    // What the window holds, what waits, and the piece that made it too much.
    expect(produced).toBeLessThan(WIRE_LIMITS.streamWindowBytes + WIRE_LIMITS.sendQueueBytes + 100_001);
    exchange.consumes = true;
    exchange.stream.consume(Number.POSITIVE_INFINITY);
    expect((await exchange.body()).length).toBe(20_000_000);
    exchange.answer();
    await response;
  });

  it('that is held back leaves room for others', async () => {
    const { gateway, sessions } = await start();
    const held = send(sessions, { body: MANY });
    const exchange = await gateway.exchange();
    exchange.consumes = false;
    const other = send(sessions, { body: MANY.slice() });
    const otherExchange = await gateway.exchange();
    expect(digest(await otherExchange.body())).toBe(digest(MANY));
    otherExchange.answer();
    await other;
    exchange.consumes = true;
    exchange.stream.consume(Number.POSITIVE_INFINITY);
    expect(digest(await exchange.body())).toBe(digest(MANY));
    exchange.answer();
    await held;
  });

  it('is copied: what the caller does to its buffer afterwards is not sent', async () => {
    const { gateway, sessions } = await start();
    const bytes = pattern(300_000);
    const wanted = digest(bytes);
    const response = send(sessions, { body: bytes });
    bytes.fill(0);
    const exchange = await gateway.exchange();
    expect(digest(await exchange.body())).toBe(wanted);
    exchange.answer();
    await response;
  });

  const PIECE = 5_000;
  function* reuse() {
    const buffer = new Uint8Array(PIECE);
    for (let n = 1; n <= 20; n++) yield buffer.fill(n);
  }
  const reusing: [string, () => BodySource][] = [
    ['an iterable', reuse],
    [
      'an async iterable',
      async function* () {
        yield* reuse();
      },
    ],
    [
      'a stream',
      () => {
        const pieces = reuse();
        const pull = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => {
          const { done, value } = pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        };
        // One that made pieces ahead would spoil them itself.
        return new ReadableStream<Uint8Array<ArrayBuffer>>({ pull }, { highWaterMark: 0 });
      },
    ],
  ];
  it.each(reusing)('from %s may be written into one buffer again and again', async (_, body) => {
    const { gateway, sessions } = await start();
    const response = send(sessions, { body: body() });
    const exchange = await gateway.exchange();
    const received = await exchange.body();
    expect([...received.filter((_, at) => at % PIECE === 0)]).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    exchange.answer();
    await response;
  });
});

describe('a source', () => {
  const wrong: [string, unknown][] = [
    ['text', 'text'],
    ['a number', 7],
    ['nothing', undefined],
    ['null', null],
    ['a buffer without a view', new ArrayBuffer(4)],
    ['a wider array', new Uint16Array(4)],
  ];
  it.each(wrong)('that yields %s fails the request, which is broken off, and is closed', async (_, value) => {
    const { gateway, sessions } = await start();
    const closed = new Latch();
    async function* source() {
      try {
        yield new Uint8Array(3);
        yield value as Uint8Array;
      } finally {
        closed.open();
      }
    }
    const failed = rejection(send(sessions, { body: source() }));
    const error = await failed;
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toContain('must yield Uint8Array');
    const exchange = await gateway.exchange();
    await exchange.broken;
    await closed.promise;
    expect(exchange.seen.ended).toBe(false);
  });

  it('that fails fails the request with its own error', async () => {
    const { gateway, sessions } = await start();
    const mine = new Error('disk on fire');
    async function* source() {
      yield new Uint8Array(3);
      throw mine;
    }
    expect(await rejection(send(sessions, { body: source() }))).toBe(mine);
    const exchange = await gateway.exchange();
    await exchange.broken;
    expect(exchange.seen.ended).toBe(false);
  });

  it('that fails at once does not disturb others', async () => {
    const { gateway, sessions } = await start();
    const mine = new Error('no iterator');
    const source = {
      [Symbol.iterator]: (): Iterator<Uint8Array> => {
        throw mine;
      },
    };
    const failed = rejection(send(sessions, { body: source }));
    const other = send(sessions, { path: '/other' });
    expect(await failed).toBe(mine);
    const exchange = await gateway.exchange();
    expect((await exchange.head).path).toBe('/other');
    exchange.answer();
    expect((await other).status).toBe(200);
  });

  it('of a stream that errors fails the request with that error', async () => {
    const { sessions } = await start();
    const mine = new Error('camera unplugged');
    const body = new ReadableStream({
      pull: (controller) => controller.error(mine),
    });
    expect(await rejection(send(sessions, { body }))).toBe(mine);
  });

  it('that fails after the head came breaks the response', async () => {
    const { gateway, sessions } = await start();
    const mine = new Error('disk on fire');
    const go = new Latch();
    async function* source() {
      yield new Uint8Array(3);
      await go.promise;
      throw mine;
    }
    const pending = send(sessions, { body: source() });
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const { body } = await pending;
    go.open();
    expect(await rejection(body.next())).toBe(mine);
    await exchange.stopped;
  });

  it('is closed when the session is lost', async () => {
    const { gateway, sessions } = await start();
    const closed = new Latch<unknown>();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: (reason) => closed.open(reason),
    });
    const failed = rejection(send(sessions, { body }));
    await (await gateway.exchange()).contents.next();
    gateway.sockets[0]!.terminate();
    const error = await failed;
    expect(await closed.promise).toBe(error);
  });
});
