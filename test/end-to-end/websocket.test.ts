import { InvalidRequestError, ProtocolError } from '@hip/client';
import { describe, expect } from 'vitest';
import { contentBytes, sha256 } from '../support/content.ts';
import { eventually } from '../support/eventually.ts';
import { newClient, newWebSocketOrigin, test as plainTest, unusedAddress } from '../support/fixtures.ts';
import { WebSocketOrigin } from '../support/peers/handles.ts';
import { opened, refusal, SocketEvents } from '../support/socket-events.ts';

/** With a server that the tests of this file share. */
const test = plainTest.extend(
  'peer',
  { scope: 'file' },
  async ({}, { onCleanup }): Promise<WebSocketOrigin> => {
    const peer = await WebSocketOrigin.start({ protocols: ['chat', 'superchat'] });
    onCleanup(() => peer.stop());
    return peer;
  },
);

describe('messages', () => {
  test('of text and bytes go there and back', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url());
    expect([socket.readyState, socket.url, socket.protocol, socket.binaryType]).toEqual([
      0,
      peer.url(),
      '',
      'blob',
    ]);
    const events = await opened(socket);
    expect([socket.readyState, socket.extensions, socket.bufferedAmount]).toEqual([1, '', 0]);
    for (const text of ['hello', '', 'ünïcödé €😀', '\0', '\uFEFFbom']) {
      socket.send(text);
      expect(await events.message()).toBe(text);
    }
    // Web IDL: a lone surrogate becomes U+FFFD.
    socket.send('a\uD800b');
    expect(await events.message()).toBe('a\uFFFDb');

    const bytes = contentBytes(70_000);
    for (const data of [
      bytes,
      bytes.buffer.slice(0),
      new DataView(bytes.buffer.slice(0)),
      new Blob([bytes]),
    ]) {
      socket.send(data as Uint8Array<ArrayBuffer>);
      const back = await events.message();
      expect(back).toBeInstanceOf(Blob);
      expect(await sha256(new Uint8Array(await (back as Blob).arrayBuffer()))).toBe(await sha256(bytes));
    }
    socket.binaryType = 'arraybuffer';
    socket.send(bytes.subarray(5, 9));
    const back = await events.message();
    expect(back).toBeInstanceOf(ArrayBuffer);
    expect(new Uint8Array(back as ArrayBuffer)).toEqual(bytes.slice(5, 9));
    socket.send(new Blob([]));
    expect((await events.message()) as ArrayBuffer).toHaveProperty('byteLength', 0);
    socket.close();
    expect(await events.expect('close')).toEqual({ type: 'close', code: 1005, reason: '', wasClean: true });
    expect(socket.readyState).toBe(3);
  });

  test('are sent as they were when send() was called', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url());
    socket.binaryType = 'arraybuffer';
    const events = await opened(socket);
    const bytes = new Uint8Array([1, 2, 3]);
    socket.send(bytes);
    bytes.fill(9);
    expect(new Uint8Array((await events.message()) as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
    socket.close();
  });

  test('keep their order: 10,000 of them, Blobs among them', { timeout: 120_000 }, async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url());
    const events = await opened(socket);
    const count = 10_000;
    for (let number = 0; number < count; number++) {
      socket.send(number % 1_000 === 7 ? new Blob([String(number)]) : String(number));
    }
    for (let number = 0; number < count; number++) {
      const data = await events.message();
      expect(data instanceof Blob ? await data.text() : data).toBe(String(number));
    }
    expect(socket.bufferedAmount).toBe(0);
    socket.close();
    await events.expect('close');
  });

  test('each have an event in a task of their own', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url('/messages?count=50'));
    socket.binaryType = 'arraybuffer';
    // Whoever waits for the next message in an async function must not miss one.
    for (let number = 0; number < 50; number++) {
      const { data } = await new Promise<MessageEvent>((resolve) => {
        socket.onmessage = resolve;
      });
      await Promise.resolve();
      expect(new DataView(data).getUint32(0)).toBe(number);
    }
    socket.close();
  });

  test('of 50 MB, both ways', { timeout: 120_000 }, async ({ http, peer, gateway }) => {
    const socket = new http.WebSocket(peer.url());
    const events = await opened(socket);
    const content = new Blob([contentBytes(50_000_000)]);
    await gateway.resetPeak();
    const { rssBytes } = await gateway.status();
    socket.send(content);
    expect(socket.bufferedAmount).toBe(50_000_000);
    const back = (await events.message()) as Blob;
    expect(back.size).toBe(50_000_000);
    expect(await sha256(new Uint8Array(await back.arrayBuffer()))).toBe(
      await sha256(new Uint8Array(await content.arrayBuffer())),
    );
    // The gateway has held nothing like it.
    expect((await gateway.status()).peakRssBytes - rssBytes).toBeLessThan(32 * 1024 * 1024);
    expect(socket.bufferedAmount).toBe(0);
    socket.close();
    await events.expect('close');
  });

  test('above the limit fail the socket, and the origin is told 1009', async ({ http }) => {
    const peer = await newWebSocketOrigin();
    const socket = new http.WebSocket(peer.url('/messages?count=2&bytes=1000000'), {
      maxMessageBytes: 999_999,
    });
    const events = await opened(socket);
    const { error } = await events.expect('error');
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({
      code: 'websocket_failed',
      message: expect.stringMatching(/999999 bytes \(maxMess/),
    });
    expect(await events.expect('close')).toMatchObject({ code: 1006, wasClean: false });
    await eventually(async () => expect((await peer.visit()).closeCode).toBe(1009));
    // It never came: the gateway has stopped at its first frame.
    const exact = new http.WebSocket(peer.url('/messages?count=1&bytes=1000000'), {
      maxMessageBytes: 1_000_000,
    });
    expect(((await (await opened(exact)).message()) as Blob).size).toBe(1_000_000);
    exact.close();
  });

  test('that are too long for the origin are refused by it', async ({ http }) => {
    const peer = await newWebSocketOrigin({ maxPayload: 1_000 });
    const socket = new http.WebSocket(peer.url());
    const events = await opened(socket);
    socket.send(new Uint8Array(1_001));
    expect(await events.expect('close')).toMatchObject({ code: 1009, wasClean: true });
  });
});

describe('closing', () => {
  test.for<[code: number | undefined, reason: string]>([
    [undefined, ''],
    [1000, ''],
    [1000, 'normal'],
    [3000, 'r'.repeat(123)],
    [4999, 'ünïcödé'],
  ])('with %s %s, from here', async ([code, reason], { http }) => {
    const peer = await newWebSocketOrigin();
    const socket = new http.WebSocket(peer.url());
    const events = await opened(socket);
    socket.send('last words');
    socket.close(code, reason);
    expect(socket.readyState).toBe(2);
    socket.send('nobody hears this');
    socket.close();
    // What arrives while it is closing is for nobody (WebSockets standard).
    expect(await events.expect('close')).toEqual({
      type: 'close',
      code: code ?? 1005,
      reason,
      wasClean: true,
    });
    await eventually(async () =>
      expect(await peer.visit()).toMatchObject({
        closeCode: code ?? 1005,
        closeReason: reason,
        messages: 1,
      }),
    );
    expect(socket.bufferedAmount).toBe('nobody hears this'.length);
  });

  test.for<[query: string, code: number, reason: string]>([
    ['', 1005, ''],
    ['?code=1000', 1000, ''],
    ['?code=1001&reason=going', 1001, 'going'],
    ['?code=1012&reason=restart', 1012, 'restart'],
    ['?code=4321&reason=why', 4321, 'why'],
  ])('with %s, from there', async ([query, code, reason], { http, peer }) => {
    const events = await opened(new http.WebSocket(peer.url(`/close${query}`)));
    expect(await events.expect('close')).toEqual({ type: 'close', code, reason, wasClean: true });
  });

  test('a reason without a code closes with 1000', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url());
    const events = await opened(socket);
    socket.close(undefined, 'why');
    expect(await events.expect('close')).toMatchObject({ code: 1000, reason: 'why' });
  });

  test('before it is open', async ({ http }) => {
    const peer = await newWebSocketOrigin();
    const socket = new http.WebSocket(peer.url('/hang'));
    socket.close();
    expect(socket.readyState).toBe(2);
    expect(await refusal(socket)).toMatchObject({ code: 'cancelled' });

    const later = new http.WebSocket(peer.url('/hang?later'));
    await eventually(() => peer.visit('/hang?later'));
    later.close(3000, 'too late');
    expect(await refusal(later)).toMatchObject({ code: 'cancelled' });
    await eventually(async () => expect(await peer.visit('/hang?later')).toMatchObject({ isOpen: false }));
  });

  test('with what cannot be sent', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url());
    for (const code of [0, 500, 999, 1001, 1005, 2999, 5000, 66_536, Number.NaN, null, 'text']) {
      expect(() => socket.close(code as number)).toThrow(
        expect.objectContaining({ name: 'InvalidAccessError' }),
      );
    }
    expect(() => socket.close(1000, 'r'.repeat(124))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    expect(() => socket.close(1000, '€'.repeat(42))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    expect(socket.readyState).toBe(0);
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    socket.close();
  });
});

describe('the handshake', () => {
  interface Handshake {
    target: string;
    rawHeaders: string[];
  }

  async function handshake(socket: WebSocket): Promise<Handshake & { headers: Record<string, string> }> {
    const events = await opened(socket);
    const seen = JSON.parse(String(await events.message())) as Handshake;
    socket.close();
    const headers: Record<string, string> = {};
    for (let at = 0; at < seen.rawHeaders.length; at += 2) {
      headers[(seen.rawHeaders[at] as string).toLowerCase()] = seen.rawHeaders[at + 1] as string;
    }
    return { ...seen, headers };
  }

  test('has its headers, and those of the user', async ({ http, peer }) => {
    const seen = await handshake(
      new http.WebSocket(peer.url('/handshake?a=b%20c'), {
        headers: { Cookie: 'a=1', 'X-Custom': 'yes', Authorization: 'Bearer 1', 'user-agent': 'me/1' },
      }),
    );
    expect(seen.target).toBe('/handshake?a=b%20c');
    expect(seen.headers).toMatchObject({
      host: new URL(peer.url()).host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      cookie: 'a=1',
      'x-custom': 'yes',
      authorization: 'Bearer 1',
      'user-agent': 'me/1',
    });
    expect(seen.headers).not.toHaveProperty('sec-websocket-extensions');
    expect(seen.headers).not.toHaveProperty('accept-encoding');
    // A page says where it comes from; a program is nowhere.
    const { location } = globalThis as { location?: Location };
    expect(seen.headers['origin']).toBe(location?.origin);
  });

  test('has the origin and the credentials that are given', async ({ http, peer }) => {
    const url = new URL(peer.url('/handshake'));
    url.username = 'anna';
    url.password = 'p:ä';
    const seen = await handshake(new http.WebSocket(url, { headers: [['origin', 'https://other.example']] }));
    expect(seen.headers['origin']).toBe('https://other.example');
    expect(seen.headers['authorization']).toBe('Basic YW5uYTpwOsOk');
  });

  test('has the cookies of the manager', async ({ gateway, origin, peer }) => {
    const http = newClient(gateway, { cookies: true });
    await http.fetch(origin.url('/set-cookies'));
    const seen = await handshake(
      new http.WebSocket(peer.url('/handshake'), { headers: { cookie: 'own=1' } }),
    );
    expect(seen.headers['cookie']).toMatch(/^a=1; .*own=1$/);
  });

  test('negotiates a subprotocol', async ({ http, peer }) => {
    for (const protocols of [
      'chat',
      ['other', 'chat'],
      { protocols: ['other', 'chat'] },
      { protocols: 'chat' },
    ]) {
      const socket = new http.WebSocket(peer.url('/handshake'), protocols);
      const { headers } = await handshake(socket);
      expect(socket.protocol).toBe('chat');
      expect(headers['sec-websocket-protocol']).toBe(
        protocols.toString() === 'other,chat' ? 'other, chat' : headers['sec-websocket-protocol'],
      );
    }
    const none = new http.WebSocket(peer.url());
    const events = await opened(none);
    expect(none.protocol).toBe('');
    none.close();
    await events.expect('close');
  });

  test('fails without the subprotocol that was asked for', async ({ http, peer }) => {
    const error = await refusal(new http.WebSocket(peer.url(), ['other']));
    expect(error).toMatchObject({
      code: 'http_upgrade_failed',
      message: expect.stringMatching(/it accepted none of the subprotocols/),
    });
  });

  test('fails when the origin refuses, and says with what', async ({ http, peer }) => {
    for (const status of [403, 404, 500, 200, 302, 401]) {
      const error = await refusal(new http.WebSocket(peer.url(`/status/${status}`)));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error).toMatchObject({
        code: 'http_upgrade_failed',
        message: expect.stringMatching(new RegExp(`${new URL(peer.url()).host}: it answered ${status} No`)),
      });
    }
  });

  test('fails when nobody listens, or nobody answers', async ({ http, peer }) => {
    const { host } = await unusedAddress();
    expect(await refusal(new http.WebSocket(`ws://${host}/`))).toMatchObject({ code: 'connection_refused' });
    const silent = new http.WebSocket(peer.url('/hang'), { timeout: { read: 100 } });
    expect(await refusal(silent)).toMatchObject({ code: 'connection_read_timeout' });
    const late = new http.WebSocket(peer.url('/hang'), { timeout: { deadline: 100 } });
    expect(await refusal(late)).toMatchObject({ code: 'deadline_exceeded' });
  });

  test('takes http: and https: for ws: and wss:', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url().replace('ws:', 'http:'));
    expect(socket.url).toBe(peer.url());
    (await opened(socket)).all;
    socket.close();
  });

  test('is refused for what no handshake is', async ({ http, peer }) => {
    const make =
      (...args: ConstructorParameters<typeof http.WebSocket>) =>
      () =>
        new http.WebSocket(...args);
    for (const url of [
      'mailto:x',
      'ftp://a/',
      'ws://a/#',
      'ws://a/#b',
      'ws://',
      'about:blank',
      'ws://a:99999/',
    ]) {
      expect(make(url), url).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    }
    for (const protocols of ['', 'a b', 'a,b', 'ä', ['a', 'A'], ['a', 'a'], ['a/b']]) {
      expect(make(peer.url(), protocols)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    }
    expect(make(peer.url(), { header: {} } as never)).toThrow(InvalidRequestError);
    for (const headers of [
      { 'sec-websocket-key': 'x' },
      { connection: 'close' },
      { upgrade: 'h2c' },
      { a: 'ä€' },
    ]) {
      expect(
        await refusal(new http.WebSocket(peer.url(), { headers })),
        JSON.stringify(headers),
      ).toBeInstanceOf(InvalidRequestError);
    }
    for (const init of [{ maxMessageBytes: -1 }, { timeout: 0 }, { certFile: 5 as never }]) {
      expect(await refusal(new http.WebSocket(peer.url(), init))).toBeInstanceOf(InvalidRequestError);
    }
  });
});

describe('a connection that breaks', () => {
  test('is an error, behind the messages that came before', async ({ http, peer }) => {
    const socket = new http.WebSocket(peer.url('/drop'));
    const events = await opened(socket);
    expect(await events.message()).toBe('about to go');
    socket.send('go');
    const { error } = await events.expect('error');
    expect(error).toMatchObject({
      name: 'ProtocolError',
      code: 'websocket_failed',
      sent: 'always',
      message: expect.stringMatching(/the WebSocket failed: 127\.0\.0\.1:\d+: .*without/),
    });
    expect(await events.expect('close')).toEqual({ type: 'close', code: 1006, reason: '', wasClean: false });
  });

  test('because the client is closed tells the origin 1001', async ({ gateway }) => {
    const peer = await newWebSocketOrigin();
    const http = newClient(gateway);
    const events = await opened(new http.WebSocket(peer.url()));
    await http.close();
    expect((await events.expect('error')).error).toMatchObject({ name: 'SessionError' });
    await events.expect('close');
    await eventually(async () => expect((await peer.visit()).closeCode).toBe(1001));
    expect(await refusal(new http.WebSocket(peer.url()))).toMatchObject({ code: 'pool_closed' });
  });
});

test('pings are answered', async ({ http, peer }) => {
  const events = await opened(new http.WebSocket(peer.url('/ping')));
  expect(await events.message()).toBe('pong are you there');
});

test('200 at once, beside small requests', { timeout: 120_000 }, async ({ http, peer, origin }) => {
  const sockets = Array.from({ length: 200 }, () => new http.WebSocket(peer.url()));
  const all = await Promise.all(sockets.map((socket) => opened(socket)));
  const requests = Array.from({ length: 100 }, () => http.request('GET', origin.url('/bytes/1000')));
  const echoes = sockets.map(async (socket, number) => {
    for (let round = 0; round < 5; round++) {
      socket.send(`${number}.${round}`);
      expect(await all[number]?.message()).toBe(`${number}.${round}`);
    }
  });
  await Promise.all([...echoes, ...requests]);
  for (const socket of sockets) socket.close(1000);
  await Promise.all(all.map((events) => events.expect('close')));
});

test('is an interface as the platform has it', ({ http, peer }) => {
  // It may stand wherever the platform's is expected.
  const Platform: typeof WebSocket = http.WebSocket;
  expect([Platform.CONNECTING, Platform.OPEN, Platform.CLOSING, Platform.CLOSED]).toEqual([0, 1, 2, 3]);
  expect(http.WebSocket).toBe(http.WebSocket);
  expect(http.WebSocket.name).toBe('WebSocket');
  const socket = new Platform(peer.url());
  expect(socket).toBeInstanceOf(http.WebSocket);
  expect(socket).toBeInstanceOf(EventTarget);
  expect([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]).toEqual([0, 1, 2, 3]);
  for (const name of ['onopen', 'onmessage', 'onerror', 'onclose'] as const) {
    expect(socket[name]).toBeNull();
    const handler = (): void => {};
    socket[name] = handler;
    expect(socket[name]).toBe(handler);
    socket[name] = 5 as never;
    expect(socket[name]).toBeNull();
  }
  socket.binaryType = 'wrong' as BinaryType;
  expect(socket.binaryType).toBe('blob');
  socket.close();
});

test('handlers are called in the place where one was set first', async ({ http, peer }) => {
  const socket = new http.WebSocket(peer.url());
  const called: string[] = [];
  socket.onopen = () => called.push('replaced');
  socket.addEventListener('open', () => called.push('listener'));
  socket.onopen = function (event) {
    called.push(`handler ${this === socket} ${event.type} ${event.target === socket}`);
  };
  await opened(socket);
  expect(called).toEqual(['handler true open true', 'listener']);
  socket.close();
});

test('events are those of the platform', async ({ http, peer }) => {
  const socket = new http.WebSocket(peer.url());
  const events = new SocketEvents(socket);
  const seen: Event[] = [];
  for (const type of ['open', 'message', 'close']) socket.addEventListener(type, (event) => seen.push(event));
  await events.expect('open');
  socket.send('x');
  await events.message();
  socket.close();
  await events.expect('close');
  const [open, message, close] = seen;
  expect(open?.constructor).toBe(Event);
  expect(message).toBeInstanceOf(MessageEvent);
  expect(message).toMatchObject({ origin: new URL(peer.url()).origin, lastEventId: '' });
  if (typeof CloseEvent !== 'undefined') expect(close).toBeInstanceOf(CloseEvent);
});
