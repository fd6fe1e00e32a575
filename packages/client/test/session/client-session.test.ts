import { TRANSPORT_ERRORS } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import type { HTTPError } from '../../src/errors.ts';
import { SessionError } from '../../src/errors.ts';
import { closeError } from '../../src/session/client-session.ts';
import { connected, rejection } from '../support/client.ts';
import { CONTEXT, send, sessionsTo } from '../support/exchanges.ts';
import type { GatewaySide } from '../support/gateway-side.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

describe('the control stream', () => {
  const text = new TextEncoder();
  const breaches: [string, (side: GatewaySide) => void, RegExp][] = [
    ['ends', (side) => side.sayBytes(new Uint8Array(), true), /control stream must stay open/],
    ['says what is no JSON', (side) => side.sayBytes(text.encode('\x04nope')), /must be JSON/],
    ['says what is no message', (side) => side.sayBytes(text.encode('\x02{}')), /control message.type/],
    [
      'announces a monster',
      (side) => side.sayBytes(Uint8Array.of(0xbf, 0xff, 0xff, 0xff)),
      /at most \d+ bytes/,
    ],
  ];
  it.each(breaches)('of a gateway that %s ends the session', async (_, breach, message) => {
    const gateway = await ScriptedGateway.start();
    const sessions = sessionsTo({ gateway: gateway.url });
    const failed = rejection(send(sessions));
    await gateway.exchange();
    const [side] = gateway.sessions.all;
    breach(side!);
    const error = (await failed) as HTTPError;
    expect(error).toBeInstanceOf(SessionError);
    expect(error.code).toBe('session_lost');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('we closed it with transport error 10');
    expect(await side!.closed).toMatchObject({
      initiator: 'peer',
      code: TRANSPORT_ERRORS.PROTOCOL_VIOLATION,
    });
  });

  it('may say more than this version knows', async () => {
    const gateway = await ScriptedGateway.start({
      hello: (_, side) =>
        side.say({
          type: 'ready',
          protocol: 1,
          gateway: 'newer',
          limits: { maxHeadBytes: 1, maxStreams: 1, ['more' as never]: 1 },
          features: ['levitation'],
        }),
      exchange: (exchange) => exchange.answer(),
    });
    await send(sessionsTo({ gateway: gateway.url }));
  });

  it('says release when a manager is closed', async () => {
    const { gateway, http } = await connected({ exchange: (exchange) => exchange.answer() });
    await http.request('GET', 'http://origin.test/');
    const side = await gateway.sessions.next();
    await http.close();
    await side.closed;
    expect(side.messages.all.at(-1)).toEqual({ type: 'release', id: 1 });
  });
});

describe('a gateway without room', () => {
  it('for even a control stream is an error', async () => {
    const gateway = await ScriptedGateway.start({ parameters: { initialMaxStreamsBidi: 0 } });
    const sessions = sessionsTo({ gateway: gateway.url });
    const failed = rejection(send(sessions));
    const side = await gateway.sessions.next();
    expect(await side.closed).toMatchObject({ initiator: 'peer', code: TRANSPORT_ERRORS.STREAM_LIMIT_ERROR });
    sessions.close();
    await failed;
  });

  it('that opens streams itself is told that none are allowed', async () => {
    const gateway = await ScriptedGateway.start();
    const sessions = sessionsTo({ gateway: gateway.url });
    const response = send(sessions);
    const exchange = await gateway.exchange();
    expect(gateway.sessions.all[0]!.core.streamsAvailable).toBe(0);
    exchange.answer();
    await response;
  });
});

describe('a failure on the control stream', () => {
  it('of the session is why it fails', async () => {
    const gateway = await ScriptedGateway.start({ maxStreams: 0 });
    const sessions = sessionsTo({ gateway: gateway.url, token: 'secret' });
    const failed = rejection(send(sessions));
    const side = await gateway.sessions.next();
    await side.messages.next();
    side.say({ type: 'failure', name: 'unauthenticated', detail: 'expired yesterday' });
    side.close('unauthenticated', 'goodbye');
    expect(await failed).toMatchObject({ code: 'unauthenticated', message: 'expired yesterday' });
  });

  it('of a context does not colour what happens to the session later', async () => {
    const gateway = await ScriptedGateway.start();
    const sessions = sessionsTo({ gateway: gateway.url });
    const first = rejection(send(sessions));
    const exchange = await gateway.exchange();
    const [side] = gateway.sessions.all;
    side!.say({ type: 'failure', name: 'unsupported_option', detail: 'numPools', context: 1 });
    exchange.fail('unsupported_option', 'numPools must be at most 5');
    expect(await first).toMatchObject({
      code: 'unsupported_option',
      message: expect.stringContaining('numPools must be at most 5'),
    });
    const second = rejection(send(sessions, { context: { ...CONTEXT, name: 'other' } }));
    await side!.exchanges.next();
    gateway.sockets[0]!.terminate();
    expect(await second).toMatchObject({ code: 'session_lost' });
  });
});

describe('closeError', () => {
  it('tells who ended the session and why', () => {
    const close = { application: false, code: TRANSPORT_ERRORS.FLOW_CONTROL_ERROR, reason: 'why' };
    expect(closeError({ ...close, initiator: 'local' }).message).toBe(
      'the session ended, we closed it with transport error 3: why',
    );
    expect(closeError({ ...close, initiator: 'peer' }).message).toBe(
      'the session ended, the gateway closed it with transport error 3: why',
    );
    expect(closeError({ ...close, initiator: 'transport' }).message).toBe(
      'the session ended, the connection broke: why',
    );
  });

  it('takes a code it does not know for a fault of the gateway', () => {
    const error = closeError({ initiator: 'peer', application: true, code: 0x3fff, reason: 'new' });
    expect(error).toMatchObject({ code: 'internal_error', sent: 'maybe', message: 'new' });
  });
});
