import { FAILURES, TRANSPORT_ERRORS, WIRE_LIMITS } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import * as DEFAULTS from '../../src/defaults.ts';
import { AuthenticationError, type HTTPError, SessionError } from '../../src/errors.ts';
import type { TokenSource } from '../../src/options.ts';
import type { ClientSession } from '../../src/session/client-session.ts';
import { Latch, turns } from '../support/arrivals.ts';
import { rejection } from '../support/client.ts';
import { send, sessionsTo, textOf } from '../support/exchanges.ts';
import type { GatewayScript } from '../support/gateway-side.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

async function start(script: GatewayScript = {}, token?: TokenSource) {
  const gateway = await ScriptedGateway.start(script);
  return { gateway, sessions: sessionsTo({ gateway: gateway.url, token }) };
}

describe('opening sessions', () => {
  it('opens none before the first request', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    await turns(20);
    expect(gateway.sessions.all).toHaveLength(0);
    await send(sessions);
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('opens one for many first requests at once', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    await Promise.all(Array.from({ length: 90 }, () => send(sessions)));
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('sends hello, context and first exchange in one message, before ready has come', async () => {
    const { gateway, sessions } = await start({ hello: 'hold' }, 'secret');
    const response = send(sessions, { path: '/first' });
    const side = await gateway.sessions.next();
    const exchange = await side.exchanges.next();
    expect((await exchange.head).path).toBe('/first');
    // The transport parameters leave when the socket opens; everything else together.
    expect(side.records.all).toHaveLength(2);
    const [hello, context] = await side.messages.take(2);
    expect(hello).toEqual({ type: 'hello', protocol: 1, client: DEFAULTS.userAgent, token: 'secret' });
    expect(context).toEqual({ type: 'context', id: 1, name: 'test', numPools: 10, maxsize: 1, block: false });
    expect(exchange.contextId).toBe(1);
    side.accept();
    exchange.answer();
    expect((await response).status).toBe(200);
  });

  it('declares a context once per session', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    for (let i = 0; i < 3; i++) await send(sessions);
    expect(gateway.sessions.all[0]?.contexts).toHaveLength(1);
  });

  it('opens a further one when streams run out', async () => {
    const { gateway, sessions } = await start({ maxStreams: 2 });
    const responses = [1, 2, 3].map((n) => send(sessions, { path: `/${n}` }));
    const [first, second] = await gateway.sessions.take(2);
    const exchanges = [...(await first!.exchanges.take(2)), ...(await second!.exchanges.take(1))];
    expect(await Promise.all(exchanges.map(async (exchange) => (await exchange.head).path))).toEqual([
      '/1',
      '/2',
      '/3',
    ]);
    for (const exchange of exchanges) exchange.answer();
    await Promise.all(responses);
  });

  it('opens at most so many; the rest waits and is served in order', async () => {
    const { gateway, sessions } = await start({ maxStreams: 2 });
    const room = DEFAULTS.maxSessions * 2;
    const responses = Array.from({ length: room + 4 }, (_, n) => send(sessions, { path: `/${n}` }));
    const sides = await gateway.sessions.take(DEFAULTS.maxSessions);
    const served = (await Promise.all(sides.map((side) => side.exchanges.take(2)))).flat();
    await turns(20);
    expect(gateway.sessions.all).toHaveLength(DEFAULTS.maxSessions);

    const last = sides[4]!;
    for (const exchange of last.exchanges.all.slice()) exchange.answer();
    const next = await last.exchanges.take(2);
    expect(await Promise.all(next.map(async (exchange) => (await exchange.head).path))).toEqual([
      `/${room}`,
      `/${room + 1}`,
    ]);
    for (const exchange of next) exchange.answer();
    const final = await last.exchanges.take(2);
    expect((await final[0]!.head).path).toBe(`/${room + 2}`);
    for (const exchange of [...served, ...final]) exchange.answer();
    await Promise.all(responses);
    expect(gateway.sessions.all).toHaveLength(DEFAULTS.maxSessions);
  });

  it('keeps to its own limit per session where a gateway allows more', async () => {
    const { gateway, sessions } = await start({ maxStreams: 1_000 });
    const responses = Array.from({ length: WIRE_LIMITS.maxStreams + 2 }, (_, n) =>
      send(sessions, { path: `/${n}` }),
    );
    const [first, second] = await gateway.sessions.take(2);
    const served = await first!.exchanges.take(WIRE_LIMITS.maxStreams);
    const others = await second!.exchanges.take(2);
    await turns();
    expect(first!.exchanges.all).toHaveLength(WIRE_LIMITS.maxStreams);
    // As one ends, the next one may begin.
    served[0]!.answer();
    await responses[0];
    responses.push(send(sessions));
    const next = await first!.exchanges.next();
    for (const exchange of [...served.slice(1), ...others, next]) exchange.answer();
    await Promise.all(responses);
  });

  it('serves who waits when a session is below its limit again', async () => {
    const { gateway, sessions } = await start({
      maxStreams: 1_000,
      session: (side) => {
        if (gateway.sessions.all.length > 0) side.mute();
      },
    });
    const responses = Array.from({ length: WIRE_LIMITS.maxStreams + 1 }, (_, n) =>
      send(sessions, { path: `/${n}` }),
    );
    const first = await gateway.sessions.at(0);
    const served = await first.exchanges.take(WIRE_LIMITS.maxStreams);
    await gateway.sessions.at(1);
    served[7]!.answer();
    const last = await first.exchanges.next();
    expect((await last.head).path).toBe(`/${WIRE_LIMITS.maxStreams}`);
    for (const exchange of [...served.filter((_, n) => n !== 7), last]) exchange.answer();
    await Promise.all(responses);
  });

  it('does not let a newcomer overtake those who wait', async () => {
    const { gateway, sessions } = await start({ maxStreams: 1 });
    const waiting = Array.from({ length: DEFAULTS.maxSessions + 1 }, (_, n) =>
      send(sessions, { path: `/${n}` }),
    );
    const sides = await gateway.sessions.take(DEFAULTS.maxSessions);
    for (const side of sides) await side.exchanges.next();
    const newcomer = send(sessions, { path: '/newcomer' });
    const [side] = sides;
    const order: string[] = [];
    for (let n = 0; n < 2; n++) {
      side!.exchanges.all[n]!.answer();
      order.push((await (await side!.exchanges.next()).head).path);
    }
    expect(order).toEqual([`/${DEFAULTS.maxSessions}`, '/newcomer']);
    side!.exchanges.all[2]!.answer();
    for (const other of sides.slice(1)) other.exchanges.all[0]!.answer();
    await Promise.all([...waiting, newcomer]);
  });
});

describe('losing sessions', () => {
  it('opens a new one after a loss and declares the same context', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    await send(sessions);
    const side = await gateway.sessions.next();
    gateway.sockets[0]!.terminate();
    await side.closed;
    // The client learns it from its own socket, which may be later.
    let response = await send(sessions).catch(() => undefined);
    response ??= await send(sessions);
    expect(response.status).toBe(200);
    const second = await gateway.sessions.next();
    expect(second.contexts).toEqual(side.contexts);
  });

  it('fails what was under way, and says that the origin may have seen it', async () => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    await gateway.exchange();
    gateway.sockets[0]!.terminate();
    const error = (await failed) as HTTPError;
    expect(error).toBeInstanceOf(SessionError);
    expect(error).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    expect(error.message).toMatch(/connection broke.*1006/);
  });

  it('tells a fault of the gateway by its number', async () => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    await gateway.exchange();
    gateway.sessions.all[0]!.core.fail(TRANSPORT_ERRORS.FLOW_CONTROL_ERROR, 'too much');
    expect(await failed).toMatchObject({ code: 'session_lost' });
    expect(((await failed) as Error).message).toContain('transport error 3: too much');
  });

  it.each([
    ['malformed_control', SessionError, 'never'],
    ['internal_error', Error, 'maybe'],
    ['session_lost', SessionError, 'maybe'],
  ] as const)('makes a close with %s an error of its row', async (name, errorClass, sent) => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions));
    await gateway.exchange();
    gateway.sessions.all[0]!.close(name, 'in words');
    const error = await failed;
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ code: name, sent, message: 'in words' });
  });
});

describe('a wrong token', () => {
  const refusing: GatewayScript = {
    maxStreams: 2,
    hello: (_, side) => side.close('unauthenticated', 'the gateway did not accept the token'),
  };

  it('fails everybody at once, without another try', async () => {
    const { gateway, sessions } = await start(refusing, 'wrong');
    const errors = await Promise.all(Array.from({ length: 7 }, () => rejection(send(sessions))));
    for (const error of errors) {
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({
        code: 'unauthenticated',
        sent: 'never',
        message: 'the gateway did not accept the token',
      });
    }
    await turns(20);
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('may be right the next time', async () => {
    const tokens = ['wrong', 'right'];
    const { gateway, sessions } = await start(
      {
        hello: (hello, side) => (hello.token === 'right' ? side.accept() : side.close('unauthenticated')),
        exchange: (exchange) => exchange.answer(),
      },
      () => tokens.shift() as string,
    );
    expect(await rejection(send(sessions))).toBeInstanceOf(AuthenticationError);
    expect((await send(sessions)).status).toBe(200);
    expect(gateway.sessions.all).toHaveLength(2);
  });
});

describe('a token function', () => {
  it('is called for each session', async () => {
    let calls = 0;
    const { gateway, sessions } = await start({ maxStreams: 1 }, async () => `token ${++calls}`);
    const responses = [send(sessions), send(sessions)];
    const sides = await gateway.sessions.take(2);
    const hellos = await Promise.all(sides.map((side) => side.messages.next()));
    expect(hellos.map((hello) => hello.type === 'hello' && hello.token)).toEqual(['token 1', 'token 2']);
    for (const side of sides) (await side.exchanges.next()).answer();
    await Promise.all(responses);
    expect(calls).toBe(2);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no login'))],
    [
      'throws',
      () => {
        throw new Error('no login');
      },
    ],
  ])('that %s fails everybody with its error as the cause', async (_, token) => {
    const { gateway, sessions } = await start({}, token as () => Promise<string>);
    const errors = (await Promise.all([1, 2, 3].map(() => rejection(send(sessions))))) as HTTPError[];
    for (const error of errors) {
      expect(error).toBeInstanceOf(SessionError);
      expect(error).toMatchObject({ code: 'session_unavailable', sent: 'never' });
      expect(error.message).toContain('token function');
      expect(error.cause).toMatchObject({ message: 'no login' });
    }
    expect(gateway.sessions.all).toHaveLength(0);
  });

  it('is asked again after it failed', async () => {
    let calls = 0;
    const token = async () => {
      if (++calls === 1) throw new Error('no login');
      return 'token';
    };
    const { sessions } = await start({ exchange: (exchange) => exchange.answer() }, token);
    await rejection(send(sessions));
    expect((await send(sessions)).status).toBe(200);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 7],
  ])('that gives %s fails everybody instead of the session', async (_, value) => {
    const { gateway, sessions } = await start({}, (() => value) as unknown as () => string);
    const error = (await rejection(send(sessions))) as HTTPError;
    expect(error).toBeInstanceOf(SessionError);
    expect(error.message).toContain('token function');
    expect(gateway.sessions.all).toHaveLength(0);
  });
});

describe('a draining gateway', () => {
  it('gets no new exchanges; those under way finish', async () => {
    const { gateway, sessions } = await start();
    const old = send(sessions, { path: '/old' });
    const [first] = await gateway.sessions.take(1);
    const oldExchange = await first!.exchanges.next();
    first!.drain();
    // What the drain came before is known to have been read when this answer has been.
    oldExchange.sendHead(200);
    const oldResponse = await old;

    const fresh = send(sessions, { path: '/new' });
    const second = await gateway.sessions.next();
    const newExchange = await second.exchanges.next();
    expect((await newExchange.head).path).toBe('/new');
    newExchange.answer();
    await fresh;
    expect(first!.exchanges.all).toHaveLength(1);

    oldExchange.sendContent('finished');
    oldExchange.end();
    expect(await textOf(oldResponse)).toBe('finished');
    // The last exchange of a session that drains ends it.
    expect((await first!.closed).initiator).toBe('peer');
  });

  it('is left at once when nothing is under way', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    await send(sessions);
    const side = await gateway.sessions.next();
    side.drain();
    expect((await side.closed).initiator).toBe('peer');
  });

  it('that refuses exchanges gets none of them again; a new session does', async () => {
    const { gateway, sessions } = await start({
      exchange: (exchange, side) => {
        if (side === gateway.sessions.all[0]) {
          side.drain();
          exchange.fail('draining');
        } else {
          exchange.answer(200, [], 'moved');
        }
      },
    });
    const responses = await Promise.all([send(sessions), send(sessions, { body: 'posted' }), send(sessions)]);
    expect(await Promise.all(responses.map(textOf))).toEqual(['moved', 'moved', 'moved']);
    expect(gateway.sessions.all).toHaveLength(2);
    expect(gateway.sessions.all[0]?.exchanges.all).toHaveLength(3);
  });

  it('counts as draining for who is refused, even without a word on the control stream', async () => {
    const { gateway, sessions } = await start({
      exchange: (exchange, side) => {
        if (side === gateway.sessions.all[0]) exchange.fail('draining');
        else exchange.answer();
      },
    });
    await send(sessions);
    expect(gateway.sessions.all[0]?.exchanges.all).toHaveLength(1);
    expect(gateway.sessions.all).toHaveLength(2);
  });

  it.each(['string', 'Blob', 'long bytes'])(
    'gets a refused POST of a %s sent again elsewhere',
    async (kind) => {
      const text = kind === 'long bytes' ? 'long '.repeat(100_000) : 'short';
      const body = { string: text, Blob: new Blob([text]), 'long bytes': new TextEncoder().encode(text) }[
        kind
      ] as string;
      const { gateway, sessions } = await start();
      const response = send(sessions, { body });
      const first = await gateway.exchange();
      first.consumes = false;
      await first.head;
      first.fail('draining');
      const second = await gateway.exchange(1);
      expect((await second.body()).toString()).toBe(text);
      second.answer();
      expect((await response).status).toBe(200);
      // Whatever was still on its way to the first one has stopped.
      if (kind === 'long bytes') await first.broken;
    },
  );

  it('fails a refused POST whose stream is used up, and says it was never sent', async () => {
    const { gateway, sessions } = await start();
    const failed = rejection(send(sessions, { body: new Blob(['once']).stream() }));
    const exchange = await gateway.exchange();
    await exchange.head;
    exchange.fail('draining');
    expect(await failed).toMatchObject({ code: 'draining', sent: 'never' });
    expect(await failed).toBeInstanceOf(SessionError);
  });

  it('that closes the session makes refused exchanges move on too', async () => {
    const { gateway, sessions } = await start();
    const response = send(sessions);
    await gateway.exchange();
    gateway.sessions.all[0]!.close('draining');
    (await gateway.exchange(1)).answer();
    expect((await response).status).toBe(200);
  });

  it('never gets an exchange again that has an answer', async () => {
    const { gateway, sessions } = await start();
    const response = send(sessions);
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    const { body } = await response;
    const failed = rejection(body.next());
    exchange.reset('draining');
    expect(await failed).toMatchObject({ code: 'draining' });
    await turns();
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('makes those who wait for a stream go elsewhere as well', async () => {
    const { gateway, sessions } = await start({ maxStreams: 1, exchange: () => {} });
    const all = Array.from({ length: DEFAULTS.maxSessions + 1 }, (_, n) => send(sessions, { path: `/${n}` }));
    const sides = await gateway.sessions.take(DEFAULTS.maxSessions);
    for (const side of sides) await side.exchanges.next();
    sides[0]!.drain();
    const next = await gateway.sessions.next();
    const exchange = await next.exchanges.next();
    expect((await exchange.head).path).toBe(`/${DEFAULTS.maxSessions}`);
    for (const side of [...sides, next]) side.exchanges.all[0]!.answer();
    await Promise.all(all);
  });
});

describe('close()', () => {
  it('fails those who wait and those under way', async () => {
    const { gateway, sessions } = await start({ maxStreams: 1 });
    const all = Array.from({ length: DEFAULTS.maxSessions + 2 }, () => rejection(send(sessions)));
    for (const side of await gateway.sessions.take(DEFAULTS.maxSessions)) await side.exchanges.next();
    sessions.close();
    const errors = (await Promise.all(all)) as HTTPError[];
    expect(errors.slice(0, -2).every((error) => error.code === 'session_lost')).toBe(true);
    expect(errors.slice(-2).every((error) => error.code === 'session_unavailable')).toBe(true);
    expect(errors.every((error) => error instanceof SessionError)).toBe(true);
    expect(errors[0]?.message).toContain('we closed it');
    expect(errors.at(-1)?.message).toContain('close()');
  });

  it('fails those who come later', async () => {
    const { sessions } = await start();
    sessions.close();
    expect(await rejection(send(sessions))).toMatchObject({ code: 'session_unavailable', sent: 'never' });
  });

  it('tells the gateway, with a code', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    await send(sessions);
    sessions.close();
    const side = await gateway.sessions.next();
    expect(await side.closed).toMatchObject({
      initiator: 'peer',
      application: true,
      code: FAILURES.cancelled.code,
    });
  });

  it('ends a connection that is still being made', async () => {
    const { gateway, sessions } = await start({ hello: 'hold', session: (side) => side.mute() });
    const failed = rejection(send(sessions));
    const side = await gateway.sessions.next();
    sessions.close();
    expect(await failed).toMatchObject({ code: 'session_unavailable' });
    await side.closed;
  });

  it('may be called twice', async () => {
    const { sessions } = await start({ exchange: (exchange) => exchange.answer() });
    await send(sessions);
    sessions.close();
    sessions.close();
  });
});

describe('a waiter', () => {
  it('that has gone is not served', async () => {
    const { gateway, sessions } = await start({ exchange: (exchange) => exchange.answer() });
    const controller = new AbortController();
    const gone = rejection(send(sessions, { path: '/gone', signal: controller.signal }));
    const other = send(sessions, { path: '/other' });
    controller.abort('changed my mind');
    expect(await gone).toBe('changed my mind');
    await other;
    const paths = gateway.sessions.all[0]!.exchanges.all.map(async (exchange) => (await exchange.head).path);
    expect(await Promise.all(paths)).toEqual(['/other']);
  });

  it('of its own kind gets sessions as well', async () => {
    const { sessions } = await start();
    const latch = new Latch<ClientSession>();
    sessions.acquire({
      use: (session) => {
        latch.open(session);
        return true;
      },
      fail: () => {},
    });
    const session = await latch.promise;
    expect(session.ageMs).toBeLessThan(10_000);
  });
});
