import { getEventListeners } from 'node:events';
import { FAILURES, type FailureName } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import * as errors from '../../src/errors.ts';
import { type HTTPError, InvalidRequestError, ProtocolError } from '../../src/errors.ts';
import type { SessionManager } from '../../src/session/session-manager.ts';
import { Latch, turns } from '../support/arrivals.ts';
import { rejection } from '../support/client.ts';
import { send, sessionsTo, textOf } from '../support/exchanges.ts';
import { collectGarbage } from '../support/garbage.ts';
import { type GatewayExchange, responseBytes } from '../support/gateway-exchange.ts';
import type { GatewayScript } from '../support/gateway-side.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

const CANCELLED = FAILURES.cancelled.code;

async function start(
  script: GatewayScript = {},
): Promise<{ gateway: ScriptedGateway; sessions: SessionManager }> {
  const gateway = await ScriptedGateway.start(script);
  return { gateway, sessions: sessionsTo({ gateway: gateway.url }) };
}

/** A body source that gives one piece, then waits; tells why it was cancelled. */
function stalling(first = new Uint8Array(10)): {
  body: ReadableStream<Uint8Array>;
  cancelled: Promise<unknown>;
} {
  let cancel: (reason: unknown) => void = () => {};
  const cancelled = new Promise<unknown>((resolve) => {
    cancel = resolve;
  });
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(first),
    cancel: (reason) => cancel(reason),
  });
  return { body, cancelled };
}

describe('a response', () => {
  it('is understood however it is cut', async () => {
    const { gateway, sessions } = await start();
    const response = send(sessions);
    const exchange = await gateway.exchange();
    const bytes = responseBytes(200, ['x-name', 'value'], 'content of it');
    for (const byte of bytes) {
      exchange.stream.write(Uint8Array.of(byte));
      // Each byte in a record of its own.
      await turns(1);
    }
    exchange.stream.end();
    const { status, fields, ...rest } = await response;
    expect({ status, fields }).toEqual({ status: 200, fields: ['x-name', 'value'] });
    expect(await textOf({ status, fields, ...rest })).toBe('content of it');
  });

  it('is there as soon as its head is', async () => {
    const { gateway, sessions } = await start();
    const response = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(404, ['a', 'b'], {
      connectionId: 7,
      reused: true,
      httpVersion: '1.1',
      reason: 'Gone fishing',
    });
    const { status, fields, metadata, body } = await response;
    expect({ status, fields }).toEqual({ status: 404, fields: ['a', 'b'] });
    expect(metadata).toEqual({ connectionId: 7, reused: true, httpVersion: '1.1', reason: 'Gone fishing' });
    expect(body.isComplete).toBe(false);
    exchange.end();
    expect(await body.next()).toBeUndefined();
  });

  it('has its informational responses and its trailers', async () => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(103, ['link', '</style.css>']);
    await turns();
    exchange.sendHead(102);
    exchange.sendHead(200);
    exchange.sendContent('body');
    exchange.end(['checksum', '1234']);
    const response = await pending;
    expect(response.informational).toEqual([
      { status: 103, fields: ['link', '</style.css>'] },
      { status: 102, fields: [] },
    ]);
    expect(await textOf(response)).toBe('body');
    expect(response.body.trailers).toEqual(['checksum', '1234']);
  });

  it('and a request may flow at the same time', async () => {
    const { gateway, sessions } = await start();
    const pieces = ['one ', 'two ', 'three'];
    let next: () => void = () => {};
    async function* talk() {
      for (const piece of pieces) {
        yield new TextEncoder().encode(piece);
        await new Promise<void>((resolve) => {
          next = resolve;
        });
      }
    }
    const pending = send(sessions, { body: talk() });
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const { body } = await pending;
    for (const piece of pieces) {
      expect(Buffer.from(await exchange.contents.next()).toString()).toBe(piece);
      exchange.sendContent(`${piece}!`);
      expect(Buffer.from((await body.next())!).toString()).toBe(`${piece}!`);
      next();
    }
    expect((await exchange.body()).toString()).toBe('one two three');
    exchange.end();
    expect(await body.next()).toBeUndefined();
  });
});

describe('aborting', () => {
  const reasons: [string, unknown][] = [
    ['an error', new Error('enough')],
    ['a string', 'enough'],
    ['null', null],
    ['zero', 0],
    ['an object', { reason: 'enough' }],
  ];

  it.each(reasons)('before it began rejects with %s and opens nothing', async (_, reason) => {
    const { gateway, sessions } = await start();
    expect(await rejection(send(sessions, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    await turns(10);
    expect(gateway.sessions.all).toHaveLength(0);
  });

  it.each(reasons)('while it waits for a session rejects with %s', async (_, reason) => {
    const { gateway, sessions } = await start({ session: (side) => side.mute() });
    const controller = new AbortController();
    const failed = rejection(send(sessions, { signal: controller.signal }));
    await gateway.sessions.next();
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it.each(reasons)('before the head rejects with %s and refuses the response', async (_, reason) => {
    const { gateway, sessions } = await start();
    const controller = new AbortController();
    const failed = rejection(send(sessions, { signal: controller.signal }));
    const exchange = await gateway.exchange();
    await exchange.body();
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await exchange.stopped).toBe(CANCELLED);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it.each(reasons)('in the body makes reading reject with %s and refuses the rest', async (_, reason) => {
    const { gateway, sessions } = await start();
    const controller = new AbortController();
    const pending = send(sessions, { signal: controller.signal });
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    exchange.sendContent('first');
    const { body } = await pending;
    expect(Buffer.from((await body.next())!).toString()).toBe('first');
    const failed = rejection(body.next());
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await rejection(body.next())).toBe(reason);
    expect(await exchange.stopped).toBe(CANCELLED);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it.each(reasons)(
    'in an upload rejects with %s, breaks the request off and cancels its source',
    async (_, reason) => {
      const { gateway, sessions } = await start();
      const controller = new AbortController();
      const { body, cancelled } = stalling();
      const failed = rejection(send(sessions, { body, signal: controller.signal }));
      const exchange = await gateway.exchange();
      await exchange.contents.next();
      controller.abort(reason);
      expect(await failed).toBe(reason);
      expect(await exchange.broken).toBe(CANCELLED);
      expect(await exchange.stopped).toBe(CANCELLED);
      expect(await cancelled).toBe(reason);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    },
  );

  it('in an upload that is held back by the gateway ends it as well', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => (exchange.consumes = false) });
    const controller = new AbortController();
    let finished: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      finished = resolve;
    });
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(50_000);
      } finally {
        finished();
      }
    }
    const failed = rejection(send(sessions, { body: endless(), signal: controller.signal }));
    const exchange = await gateway.exchange();
    while (exchange.contentBytes < 200_000) await exchange.contents.next();
    controller.abort('enough');
    expect(await failed).toBe('enough');
    await exchange.broken;
    await over;
  });

  it('after the end changes nothing', async () => {
    const { gateway, sessions } = await start();
    const controller = new AbortController();
    const pending = send(sessions, { signal: controller.signal });
    const exchange = await gateway.exchange();
    exchange.answer(200, [], 'whole');
    const response = await pending;
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    controller.abort();
    expect(await textOf(response)).toBe('whole');
    expect(exchange.seen.stopped).toBe(false);
  });

  it('disturbs nobody else', async () => {
    const { gateway, sessions } = await start();
    const controller = new AbortController();
    const failed = rejection(send(sessions, { signal: controller.signal }));
    const other = send(sessions, { path: '/other' });
    await gateway.exchange();
    const otherExchange = await gateway.exchange();
    controller.abort();
    await failed;
    otherExchange.answer(200, [], 'fine');
    expect(await textOf(await other)).toBe('fine');
    expect(gateway.sessions.all).toHaveLength(1);
  });
});

describe('listeners on the signal', () => {
  const endings: [string, (exchange: GatewayExchange, gateway: ScriptedGateway) => void][] = [
    ['a response', (exchange) => exchange.answer()],
    ['a failure', (exchange) => exchange.fail('connection_refused')],
    ['a reset', (exchange) => exchange.reset('connection_terminated')],
    ['the loss of the session', (_, gateway) => gateway.sockets[0]!.terminate()],
    ['nonsense', (exchange) => exchange.stream.end(Uint8Array.of(99))],
  ];
  it.each(endings)('are gone after %s', async (_, end) => {
    const { gateway, sessions } = await start();
    const { signal } = new AbortController();
    const settled = send(sessions, { signal }).catch(() => {});
    const exchange = await gateway.exchange();
    await exchange.body();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    end(exchange, gateway);
    await settled;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('are gone after close()', async () => {
    const { gateway, sessions } = await start();
    const { signal } = new AbortController();
    const settled = send(sessions, { signal }).catch(() => {});
    await gateway.exchange();
    sessions.close();
    await settled;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('stay as they were while an exchange moves to another session', async () => {
    const { gateway, sessions } = await start();
    const { signal } = new AbortController();
    const settled = send(sessions, { signal });
    (await gateway.exchange()).fail('draining');
    const exchange = await gateway.exchange(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    exchange.answer();
    await settled;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('an early response', () => {
  it('is given while the rest of the request is stopped', async () => {
    const { gateway, sessions } = await start();
    const { body, cancelled } = stalling();
    const pending = send(sessions, { body });
    const exchange = await gateway.exchange();
    await exchange.contents.next();
    exchange.stream.stopSending(CANCELLED);
    // The source hears of it before the response is there.
    await cancelled;
    exchange.answer(413, [], 'too much');
    const response = await pending;
    expect(response.status).toBe(413);
    expect(await textOf(response)).toBe('too much');
    expect(exchange.seen.stopped).toBe(false);
  });

  it('ends the request even when the gateway does not say stop', async () => {
    const { gateway, sessions } = await start();
    const { body, cancelled } = stalling();
    const pending = send(sessions, { body });
    const exchange = await gateway.exchange();
    await exchange.contents.next();
    exchange.answer(413, [], 'too much');
    expect(await textOf(await pending)).toBe('too much');
    await cancelled;
    expect(await exchange.broken).toBe(CANCELLED);
  });

  it('survives a source that complains about being stopped', async () => {
    const { gateway, sessions } = await start();
    let fail: (error: Error) => void = () => {};
    let pulls = 0;
    const stopped = new Latch();
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          pulls++ === 0
            ? Promise.resolve({ done: false, value: new Uint8Array(1) })
            : new Promise((_, reject) => {
                fail = reject;
              }),
        return: () => {
          stopped.open();
          fail(new Error('stopped'));
          throw new Error('stopped twice');
        },
      }),
    };
    const pending = send(sessions, { body: source });
    const exchange = await gateway.exchange();
    await exchange.contents.next();
    exchange.sendHead(200);
    const response = await pending;
    exchange.stream.stopSending(CANCELLED);
    await stopped.promise;
    exchange.sendContent('fine');
    exchange.end();
    expect(await textOf(response)).toBe('fine');
  });
});

describe('a failure', () => {
  // After these two the exchange moves to another session.
  const names = (Object.keys(FAILURES) as FailureName[]).filter(
    (name) => name !== 'draining' && name !== 'session_limit',
  );
  const classes = errors as unknown as Record<string, new (...args: never[]) => Error>;

  it.each(names)('%s becomes the error of its row', async (name) => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    (await gateway.exchange()).fail(name, 'the detail');
    const error = (await failed) as HTTPError;
    expect(error).toBeInstanceOf(classes[FAILURES[name].errorClass]);
    expect(error.name).toBe(FAILURES[name].errorClass);
    expect(error).toMatchObject({ code: name, sent: FAILURES[name].sent });
    expect(error.message).toContain('the detail');
  });

  it.each(names)('%s as a reset before the head is the same error', async (name) => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    (await gateway.exchange()).reset(name);
    const error = (await failed) as HTTPError;
    expect(error).toBeInstanceOf(classes[FAILURES[name].errorClass]);
    expect(error).toMatchObject({ code: name, sent: FAILURES[name].sent });
    expect(error.message).not.toBe('');
  });

  it('of a newer gateway is one of the gateway', async () => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    (await gateway.exchange()).stream.reset(0x3fff);
    expect(await failed).toMatchObject({ code: 'internal_error', sent: 'maybe' });
  });

  it('during an upload stops it', async () => {
    const { gateway, sessions } = await start();
    const { body, cancelled } = stalling();
    const failed = rejection(send(sessions, { body }));
    const exchange = await gateway.exchange();
    await exchange.contents.next();
    exchange.fail('connection_refused');
    expect(await failed).toMatchObject({ code: 'connection_refused' });
    await cancelled;
    expect(await exchange.broken).toBe(CANCELLED);
  });
});

describe('a response that breaks off', () => {
  const rows = [
    ['http_response_incomplete', errors.IncompleteRead],
    ['response_read_timeout', errors.ReadTimeoutError],
    ['connection_terminated', errors.ProtocolError],
    ['internal_error', errors.ProtocolError],
    ['tls_alert_received', errors.SSLError],
  ] as const;

  it.each(rows)('with %s makes reading reject', async (name, errorClass) => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    exchange.sendContent('part');
    const { body } = await pending;
    expect(Buffer.from((await body.next())!).toString()).toBe('part');
    const failed = rejection(body.next());
    exchange.reset(name);
    expect(await failed).toBeInstanceOf(errorClass);
    expect(await failed).toMatchObject({ code: name, sent: FAILURES[name].sent });
  });

  it('gives nothing of what had arrived unread: a part must never pass for the whole', async () => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    exchange.sendContent('unread');
    const { body } = await pending;
    exchange.reset('http_response_incomplete');
    // The reset has arrived when the answer of a later exchange has.
    const later = send(sessions);
    (await gateway.exchange()).answer();
    await later;
    expect(await rejection(body.next())).toBeInstanceOf(errors.IncompleteRead);
    expect(body.isComplete).toBe(false);
  });

  it('after its content was complete is whole', async () => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    const bytes = responseBytes(200, [], 'whole');
    exchange.stream.write(bytes);
    const response = await pending;
    exchange.reset('internal_error');
    await turns();
    expect(await textOf(response)).toBe('whole');
  });

  it('because the session is lost rejects with that', async () => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    exchange.sendContent('part');
    const { body } = await pending;
    await body.next();
    const failed = rejection(body.next());
    gateway.sockets[0]!.terminate();
    expect(await failed).toBeInstanceOf(errors.SessionError);
    expect(await failed).toMatchObject({ code: 'session_lost', sent: 'maybe' });
  });

  it('makes everybody who reads reject, not the last one alone', async () => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const { body } = await pending;
    const readers = [1, 2, 3].map(() => rejection(body.next()));
    exchange.reset('http_response_incomplete');
    for (const error of await Promise.all(readers)) expect(error).toBeInstanceOf(errors.IncompleteRead);
  });
});

describe('an answer that is none', () => {
  const whole = responseBytes(200, ['x-name', 'value'], 'content');
  const failure = [2, 0x44, 0x02, 0x01, 0x61];
  const answers: [string, Uint8Array][] = [
    ['is of no known kind', Uint8Array.of(99)],
    ['is empty', new Uint8Array()],
    ['ends in its metadata', Uint8Array.of(1, 10, 1)],
    ['ends in its head', whole.subarray(0, 12)],
    ['ends in its content', whole.subarray(0, whole.length - 5)],
    ['has a status that is none', Uint8Array.of(1, 0, 3, 0x43, 0xe9, 0, 0, 0)],
    ['goes on after its end', Uint8Array.of(...whole, 7, 7)],
    ['goes on after a failure', Uint8Array.of(...failure, 7)],
    ['has a head without an end', Uint8Array.of(1, 0, 3, 0x40, 0xc8, ...new Uint8Array(80_000).fill(1))],
  ];

  it.each(answers)('(%s) is an error of the gateway and disturbs nobody else', async (_, bytes) => {
    const { gateway, sessions } = await start();
    const pending = send(sessions);
    const other = send(sessions);
    const exchange = await gateway.exchange();
    const otherExchange = await gateway.exchange();
    exchange.stream.end(bytes);
    const error = (await rejection(pending.then(textOf))) as HTTPError;
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.code).toBe('malformed_answer');
    expect(error.sent).not.toBe('never');
    expect(error.cause).toBeInstanceOf(Error);
    otherExchange.answer(200, [], 'fine');
    expect(await textOf(await other)).toBe('fine');
  });

  it('is refused from where it goes wrong', async () => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    const exchange = await gateway.exchange();
    exchange.stream.write(Uint8Array.of(99));
    await failed;
    expect(await exchange.stopped).toBe(CANCELLED);
  });
});

describe('a response that is kept', () => {
  it.each(['complete', 'broken'])('and %s keeps nothing of its request', async (ending) => {
    const { gateway, sessions } = await start();
    const ask = async () => {
      const blob = new Blob(['a request that takes memory']);
      return [new WeakRef(blob), await send(sessions, { body: blob })] as const;
    };
    const asking = ask();
    const exchange = await gateway.exchange();
    await exchange.body();
    exchange.sendHead(200);
    const [request, response] = await asking;
    if (ending === 'complete') exchange.end();
    else exchange.reset('http_response_incomplete');
    // Before its stack is read, an error holds whatever the functions on it were called with.
    await response.body.next().catch((error: Error) => error.stack);
    await collectGarbage();
    expect(request.deref()).toBeUndefined();
    expect(response.status).toBe(200);
  });
});

describe('a request that cannot be sent', () => {
  it('because its stream was read meanwhile is refused and disturbs nobody else', async () => {
    const { gateway, sessions } = await start();
    const stream = new Blob(['once']).stream();
    const first = send(sessions, { body: stream });
    const second = rejection(send(sessions, { body: stream }));
    const third = send(sessions);
    expect(await second).toBeInstanceOf(InvalidRequestError);
    expect(await second).toMatchObject({ code: 'body_unreadable', sent: 'never' });
    const exchange = await gateway.exchange();
    expect((await exchange.body()).toString()).toBe('once');
    exchange.answer();
    expect((await first).status).toBe(200);
    const [, other] = gateway.sessions.all[0]!.exchanges.all;
    other!.answer();
    expect((await third).status).toBe(200);
  });
});
