import { AuthenticationError, PoolManager, SessionError } from '@hip/client';
import { describe, expect, onTestFinished } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { newClient, test, unusedAddress } from '../support/fixtures.ts';

describe('toward the gateway', () => {
  test('a wrong token: AuthenticationError that says token, and nothing reaches the origin', async ({
    gateway,
    origin,
  }) => {
    const http = newClient(gateway, { token: 'not-the-token' });
    await expectFailure(http, origin.url('/hello'), AuthenticationError, /token/i);
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
  });

  test('a wrong token appears in no message and in no log line', async ({ gateway, origin }) => {
    const secret = 'wrong-but-still-a-secret';
    const error = await rejection(newClient(gateway, { token: secret }).request('GET', origin.url('/hello')));
    expect(String(error)).not.toContain(secret);
    const { stderr } = await gateway.status();
    expect(stderr).not.toContain(secret);
    expect(stderr).not.toContain(gateway.token);
  });

  test('no token: AuthenticationError', async ({ gateway, origin }) => {
    const empty = newClient(gateway, { token: '' });
    await expectFailure(empty, origin.url('/hello'), AuthenticationError, /token/i);
    const none = new PoolManager({ gateway: gateway.url });
    onTestFinished(() => none.close());
    await expectFailure(none, origin.url('/hello'), AuthenticationError, /token/i);
  });

  test('a token function that throws: its error is the cause', async ({ gateway, origin }) => {
    const failure = new Error('no token today');
    const http = newClient(gateway, { token: () => Promise.reject(failure) });
    const error = await rejection(http.request('GET', origin.url('/hello')));
    expect(error).toBeInstanceOf(SessionError);
    expect((error as Error).cause).toBe(failure);
  });

  test('after a wrong token the right one works', async ({ gateway, origin }) => {
    let token = 'not-the-token';
    const http = newClient(gateway, { token: () => token });
    await rejection(http.request('GET', origin.url('/hello')));
    token = gateway.token;
    expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
  });

  test('no gateway at that address, or a web server that is none: SessionError that names it', async ({
    gateway,
    origin,
  }) => {
    const { host } = await unusedAddress();
    const nobody = newClient(gateway, { gateway: `ws://${host}/session` });
    const webServer = newClient(gateway, { gateway: `ws://${origin.host}/session` });
    await Promise.all([
      expectFailure(nobody, origin.url('/hello'), SessionError, new RegExp(host)),
      expectFailure(webServer, origin.url('/hello'), SessionError, new RegExp(origin.host)),
    ]);
  });

  test('a WebSocket without our subprotocol is not opened', async ({ gateway }) => {
    for (const protocols of [[], ['chat'], ['qmux-99.hip-1']]) {
      const socket = new WebSocket(gateway.url, protocols);
      const opened = await new Promise<boolean>((resolve) => {
        socket.addEventListener('open', () => resolve(true));
        socket.addEventListener('error', () => resolve(false));
      });
      expect(opened, `subprotocols ${JSON.stringify(protocols)}`).toBe(false);
    }
  });

  test('a gateway URL that is no URL is refused when the manager is made', async ({ gateway }) => {
    expect(() => newClient(gateway, { gateway: 'not a url' })).toThrow(/gateway/);
    expect(() => newClient(gateway, { gateway: 'ftp://127.0.0.1/session' })).toThrow(/gateway/);
  });
});
