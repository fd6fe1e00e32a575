import { describe, expect, it } from 'vitest';
import type { HTTPError } from '../../src/errors.ts';
import { rejection } from '../support/client.ts';
import { send, sessionsTo, type TestRequest, textOf } from '../support/exchanges.ts';
import { ScriptedGateway } from '../support/scripted-gateway.ts';

function request(method: string, more: TestRequest = {}): TestRequest {
  return {
    head: { method, scheme: 'http', authority: 'origin.test', path: '/', fields: [] },
    repeats: 2,
    ...more,
  };
}

/** Sends a request to a gateway that has it whole when its connection breaks. */
async function cut(sent: TestRequest) {
  const gateway = await ScriptedGateway.start();
  const sessions = sessionsTo({ gateway: gateway.url });
  const response = send(sessions, sent);
  const exchange = await gateway.exchange();
  await exchange.body();
  gateway.sockets[0]!.terminate();
  return { gateway, sessions, response };
}

describe('a request whose session ends before its response', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('is sent again with %s', async (method) => {
    const { gateway, response } = await cut(request(method));
    (await gateway.exchange(1)).answer(200, [], '');
    expect((await response).status).toBe(200);
  });

  it('is sent again with the same content', async () => {
    const { gateway, response } = await cut(request('PUT', { body: 'content' }));
    const again = await gateway.exchange(1);
    expect(String(await again.body())).toBe('content');
    again.answer(201, [], 'stored');
    expect(await textOf(await response)).toBe('stored');
  });

  it.each(['POST', 'PATCH', 'QUERY', 'get'])('is not sent again with %s', async (method) => {
    const { gateway, response } = await cut(request(method));
    expect(await rejection(response)).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('is not sent again unless somebody asked for it', async () => {
    const { gateway, response } = await cut(request('GET', { repeats: undefined }));
    expect(await rejection(response)).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('is not sent again when its body is gone', async () => {
    const body = new Blob(['content']).stream();
    const { gateway, response } = await cut(request('PUT', { body }));
    expect(await rejection(response)).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    expect(gateway.sessions.all).toHaveLength(1);
  });

  it('is sent as often as was asked for, and no more', async () => {
    const { gateway, response } = await cut(request('GET'));
    for (const session of [1, 2]) {
      await (await gateway.exchange(session)).body();
      gateway.sockets[session]!.terminate();
    }
    expect(await rejection(response)).toMatchObject({ code: 'session_lost', sent: 'maybe' });
    expect(gateway.sessions.all).toHaveLength(3);
  });

  it('is not sent again when it was the client that ended the session', async () => {
    const gateway = await ScriptedGateway.start();
    const sessions = sessionsTo({ gateway: gateway.url });
    const response = send(sessions, request('GET'));
    await gateway.exchange();
    sessions.close();
    expect(await rejection(response)).toMatchObject({ code: 'session_lost', sent: 'maybe' });
  });

  it('is not said to be unseen when no session comes back', async () => {
    const gateway = await ScriptedGateway.start();
    const sessions = sessionsTo({ gateway: gateway.url });
    const response = rejection(send(sessions, request('GET')));
    await (await gateway.exchange()).body();
    await gateway.stop();
    sessions.close();
    const error = (await response) as HTTPError;
    expect(error).toMatchObject({ code: 'session_lost', sent: 'maybe' });
  });
});
