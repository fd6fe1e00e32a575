import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { expect } from 'vitest';
import { eventually, settled } from '../support/eventually.ts';
import { describeWith, newRawProxy, test } from '../support/fixtures.ts';
import { send, socksConnect, tunnel } from '../support/peers/plain-client.ts';
import {
  afterHead,
  CONNECT_SUCCEEDED,
  connectTo,
  oversizedConnect,
  PROXY_AUTHENTICATION_REQUIRED,
  socks4Refuses,
  socks4To,
  socks5Refuses,
  socks5Reply,
  socks5ReplyWithName,
  socks5To,
  socks5Until,
} from '../support/peers/raw-scripts.ts';

// The scripted server that stands in for proxies that misbehave, with Node's own clients and no gateway.

const describePki = await describeWith('openssl');

test('a scripted server relays for SOCKS and CONNECT, to where the script says', async ({ origin }) => {
  const somewhere = { host: 'nowhere.test', port: 1 };
  const socks5 = await newRawProxy(socks5To(origin.port, true));
  const credentials = { username: 'anna', password: 'p:ss' };
  const five = await socksConnect('socks5h', socks5.port, somewhere, credentials);
  const socks4 = await newRawProxy(socks4To(origin.port));
  const four = await socksConnect('socks4a', socks4.port, somewhere);
  const http = await newRawProxy(connectTo(origin.port));
  const tunnelled = await tunnel(http.url('http'), 'nowhere.test:1');
  expect([five.reply, four.reply, tunnelled.status]).toEqual([0, 90, 200]);
  for (const { socket } of [five, four, tunnelled]) {
    const createConnection = (): Socket => socket;
    expect(await send('http://nowhere.test/hello', { createConnection })).toMatchObject({ status: 200 });
  }
  expect(await socks5.connections()).toMatchObject([
    { received: expect.stringContaining('anna\x04p:ss\x05\x01') },
  ]);
  expect(await http.connections()).toMatchObject([
    { received: expect.stringMatching(/^CONNECT nowhere\.test:1 HTTP\/1\.1\r\n/) },
  ]);
});

test('a scripted SOCKS server replies whatever the script says', async () => {
  const target = { host: 'a.test', port: 1 };
  const five = await newRawProxy(socks5Refuses(5));
  expect(await socksConnect('socks5h', five.port, target)).toMatchObject({ reply: 5 });
  const four = await newRawProxy(socks4Refuses(92));
  expect(await socksConnect('socks4a', four.port, target)).toMatchObject({ reply: 92 });
  const late = await newRawProxy(
    socks5Until({ asksForCredentials: true, at: 'request', does: [{ write: socks5Reply(8) }] }),
  );
  const credentials = { username: 'anna', password: 'p:ss' };
  expect(await socksConnect('socks5h', late.port, target, credentials)).toMatchObject({ reply: 8 });
  const named = await newRawProxy(
    socks5Until({ at: 'request', does: [{ write: socks5ReplyWithName(0, 'b.test') }] }),
  );
  expect(await socksConnect('socks5h', named.port, target)).toMatchObject({ reply: 0 });
});

test('a scripted proxy answers whatever the script says', async () => {
  const refuses = await newRawProxy(afterHead({ write: PROXY_AUTHENTICATION_REQUIRED }));
  expect(await tunnel(refuses.url('http'), 'a.test:1')).toMatchObject({ status: 407, early: 'log in\n' });
  const early = await newRawProxy(afterHead({ write: `${CONNECT_SUCCEEDED}early` }));
  expect(await tunnel(early.url('http'), 'a.test:1')).toMatchObject({ status: 200, early: 'early' });
  const large = await newRawProxy(oversizedConnect(100));
  await expect(tunnel(large.url('http'), 'a.test:1')).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' });
  const resets = await newRawProxy([{ read: 3 }, { end: 'reset' }]);
  await expect(tunnel(resets.url('http'), 'a.test:1')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a scripted server waits until it is released', async () => {
  const waits = await newRawProxy(
    afterHead({ write: 'HTTP/1.1 200 OK\r\n' }, { wait: 'go' }, { write: 'Content-Length: 0\r\n\r\n' }),
  );
  let isAnswered = false;
  const answer = send(waits.url('http')).finally(() => {
    isAnswered = true;
  });
  expect(await settled(() => isAnswered, 200)).toBe(false);
  await waits.release('go');
  expect(await answer).toEqual({ status: 200, body: '' });
  await eventually(async () => expect(await waits.connections()).toMatchObject([{ isOpen: false }]));
});

describePki('over TLS', () => {
  test('a scripted server relays what came too early', async ({ pki, origin }) => {
    const secure = await newRawProxy([{ tls: pki.servers.good }, ...connectTo(origin.port)]);
    const socket = connectTls({ port: secure.port, host: 'localhost', ca: pki.root.certificate });
    const head = 'CONNECT a.test:1 HTTP/1.1\r\n\r\n';
    socket.write(`${head}GET /hello HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`);
    const answers = await text(socket);
    expect(answers.startsWith(`${CONNECT_SUCCEEDED}HTTP/1.1 200 OK\r\n`)).toBe(true);
    expect(answers.endsWith('hello, world\n')).toBe(true);
    expect((await secure.connections())[0]?.received.startsWith(head)).toBe(true);
  });
});
