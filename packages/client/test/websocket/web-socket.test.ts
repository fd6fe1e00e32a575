import { FAILURES } from '@hip/wire';
import { describe, expect, it } from 'vitest';
import type { WebSocketInit } from '../../src/websocket/websocket-init.ts';
import { turns } from '../support/arrivals.ts';
import { connected } from '../support/client.ts';
import type { GatewaySide } from '../support/gateway-side.ts';
import type { GatewayWebSocket } from '../support/gateway-websocket.ts';

/** A WebSocket, what it tells, and the other end of its stream. */
interface Link {
  readonly socket: WebSocket;
  readonly events: string[];
  readonly gateway: GatewayWebSocket;
  readonly side: GatewaySide;
  /** Resolves when it is closed. */
  readonly closed: Promise<void>;
}

async function link(init: WebSocketInit = {}): Promise<Link> {
  const { gateway, http } = await connected();
  const socket = new http.WebSocket('ws://origin.test/path?query', init);
  const events: string[] = [];
  socket.onopen = () => events.push(`open ${socket.protocol}`);
  socket.onmessage = ({ data }) => events.push(`message ${data}`);
  socket.onerror = (event) => events.push(`error ${(event as ErrorEvent).error?.code}`);
  const closed = new Promise<void>((resolve) => {
    socket.onclose = ({ code, reason, wasClean }) => {
      events.push(`close ${code} ${reason} ${wasClean}`);
      resolve();
    };
  });
  const side = await gateway.sessions.at(0);
  return { socket, events, gateway: await side.webSockets.next(), side, closed };
}

async function open(init?: WebSocketInit): Promise<Link> {
  const opened = await link(init);
  const { promise, resolve } = Promise.withResolvers<void>();
  opened.socket.addEventListener('open', () => resolve());
  opened.gateway.open();
  await promise;
  opened.events.length = 0;
  return opened;
}

describe('what is asked for', () => {
  it('is a GET with http for ws', async () => {
    const { gateway } = await link({
      headers: { A: 'b' },
      maxMessageBytes: 7,
      timeout: { connect: 5, read: 6 },
    });
    expect(await gateway.asked).toEqual({
      options: { connectTimeoutMs: 5, readTimeoutMs: 6, maxMessageBytes: 7 },
      head: {
        method: 'GET',
        scheme: 'http',
        authority: 'origin.test',
        path: '/path?query',
        fields: ['a', 'b', 'user-agent', expect.stringContaining('hip/')],
      },
    });
  });

  it('names subprotocols, and 100 MiB where nothing is said', async () => {
    const { gateway } = await link({ protocols: ['a', 'b'] });
    expect((await gateway.asked).options).toEqual({ subprotocols: 'a,b', maxMessageBytes: 104_857_600 });
  });
});

describe('what is received', () => {
  it('is put together from parts of any size', async () => {
    const { gateway, events, closed } = await open();
    gateway.message('hello, world', 1);
    gateway.message('');
    gateway.message('€€€', 2);
    gateway.close(1000, 'bye');
    await closed;
    expect(events).toEqual(['message hello, world', 'message ', 'message €€€', 'close 1000 bye true']);
  });

  it('comes in order with the end behind it, whatever comes in one record', async () => {
    const { gateway, events, closed } = await link();
    gateway.open();
    for (let number = 0; number < 5; number++) gateway.message(String(number));
    gateway.fail('websocket_failed', 'gone');
    await closed;
    expect(events).toEqual([
      'open ',
      ...[0, 1, 2, 3, 4].map((number) => `message ${number}`),
      'error websocket_failed',
      'close 1006  false',
    ]);
  });

  it('that is longer than the limit fails the socket here, too', async () => {
    const { gateway, events, closed } = await open({ maxMessageBytes: 10 });
    gateway.message('x'.repeat(10), 4);
    gateway.message('x'.repeat(11), 4);
    await closed;
    expect(events).toEqual([`message ${'x'.repeat(10)}`, 'error websocket_failed', 'close 1006  false']);
    expect(await gateway.closed).toEqual({ code: 1009, reason: '' });
  });

  it('that is announced too long fails before it comes', async () => {
    const { gateway, closed } = await open({ maxMessageBytes: 10 });
    gateway.bytes(0x82, 0x80, 0x10, 0, 0);
    await closed;
    expect(await gateway.closed).toMatchObject({ code: 1009 });
  });

  it('as a text that is not UTF-8 fails the socket', async () => {
    const { gateway, events, closed } = await open();
    gateway.bytes(0x81, 2, 0xc3, 0x28);
    gateway.message('behind it');
    await closed;
    expect(events).toEqual(['error websocket_failed', 'close 1006  false']);
    expect(await gateway.closed).toEqual({ code: 1007, reason: '' });
  });

  it('after a failure is read away until the gateway ends', async () => {
    const { gateway, closed, side } = await open({ maxMessageBytes: 10 });
    gateway.message('x'.repeat(11));
    await closed;
    // More than a window: it could not be sent if nobody gave credit.
    for (let round = 0; round < 40; round++) gateway.message(new Uint8Array(65_536));
    gateway.close(1009);
    await turns();
    while (side.core.streamCount > 1) await turns();
  });
});

describe('what is sent', () => {
  it('goes in parts of at most 64 KiB', async () => {
    const { socket, gateway } = await open();
    socket.send('text');
    socket.send(new Uint8Array(65_536));
    socket.send(new Uint8Array(150_000).fill(7));
    socket.send(new Blob(['a', 'b']));
    socket.send('');
    const messages = await gateway.messages.take(5);
    expect(messages.map(({ opcode, parts, content }) => [opcode, parts, content.length])).toEqual([
      [1, [4], 4],
      [2, [65_536], 65_536],
      [2, [65_536, 65_536, 18_928], 150_000],
      [2, [2], 2],
      [1, [0], 0],
    ]);
    expect(messages[2]?.content.every((byte) => byte === 7)).toBe(true);
  });

  it('of a Blob larger than a slice arrives whole, and messages behind it wait', async () => {
    const { socket, gateway } = await open();
    const content = Buffer.alloc(3 * 1_048_576 + 5, 'hip');
    socket.send(new Blob([content]));
    socket.send('behind it');
    expect(socket.bufferedAmount).toBe(content.length + 9);
    const [blob, text] = await gateway.messages.take(2);
    expect(blob?.content.equals(content)).toBe(true);
    expect(String(text?.content)).toBe('behind it');
    await turns();
    expect(socket.bufferedAmount).toBe(0);
  });

  it('counts until it has left, and what is never sent counts for ever', async () => {
    const { socket, gateway, closed } = await open();
    gateway.consumes = false;
    socket.send(new Uint8Array(1_000_000));
    expect(socket.bufferedAmount).toBe(1_000_000);
    await turns(20);
    // A window, and what the stream has in its queue.
    expect(socket.bufferedAmount).toBeGreaterThan(500_000);
    expect(socket.bufferedAmount).toBeLessThan(1_000_000);
    gateway.close(1001);
    await closed;
    const left = socket.bufferedAmount;
    socket.send('abc');
    expect(socket.bufferedAmount).toBe(left + 3);
  });

  it('by a Blob that cannot be read fails the socket', async () => {
    const { socket, gateway, events, closed } = await open();
    const blob = new Blob(['content']);
    blob.slice = () => {
      throw new Error('unreadable');
    };
    const failing = Object.assign(new Blob(['content']), {
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('unreadable')) }),
    });
    socket.send(failing as Blob);
    await closed;
    expect(events).toEqual(['error undefined', 'close 1006  false']);
    expect(await gateway.closed).toEqual({ code: 1011, reason: '' });
  });

  it('before a close leaves before it', async () => {
    const { socket, gateway } = await open();
    for (let number = 0; number < 10; number++) socket.send(new Blob([String(number)]));
    socket.close(3000, 'done');
    expect(await gateway.closed).toEqual({ code: 3000, reason: 'done' });
    expect(gateway.messages.all.map(({ content }) => String(content)).join('')).toBe('0123456789');
  });
});

describe('what no gateway does', () => {
  const CASES: [what: string, act: (gateway: GatewayWebSocket) => void, code: string][] = [
    [
      'a subprotocol that was not offered',
      (gateway) => gateway.open(['sec-websocket-protocol', 'x']),
      'malformed_answer',
    ],
    ['a message before the answer', (gateway) => gateway.message('x'), 'malformed_answer'],
    ['a close before the answer', (gateway) => gateway.close(1000), 'malformed_answer'],
    ['an end before the answer', (gateway) => gateway.stream.end(), 'malformed_answer'],
    ['a reset before the answer', (gateway) => gateway.break('internal_error'), 'internal_error'],
    [
      'a failure instead of the answer',
      (gateway) => gateway.refuse('dns_error', 'no such host'),
      'dns_error',
    ],
  ];

  it.each(CASES)('%s', async (_what, act, code) => {
    const { gateway, events, closed } = await link();
    act(gateway);
    await closed;
    expect(events).toEqual([`error ${code}`, 'close 1006  false']);
  });

  const LATER: [what: string, act: (gateway: GatewayWebSocket) => void, code: string][] = [
    ['a part that continues nothing', (gateway) => gateway.bytes(0x80, 0), 'malformed_answer'],
    ['a close with a code nobody sends', (gateway) => gateway.bytes(0x88, 2, 3, 0xee), 'malformed_answer'],
    ['an end without a close', (gateway) => gateway.stream.end(), 'malformed_answer'],
    ['anything behind a close', (gateway) => gateway.bytes(0x88, 0, 0x81, 0), 'malformed_answer'],
    ['a reset', (gateway) => gateway.break('websocket_failed'), 'websocket_failed'],
    ['a failure', (gateway) => gateway.fail('internal_error', 'x'), 'internal_error'],
  ];

  it.each(LATER)('%s, when it is open', async (what, act, code) => {
    const { gateway, events, closed, side } = await open();
    act(gateway);
    await closed;
    const isClosed = what === 'anything behind a close';
    expect(events).toEqual(isClosed ? ['close 1005  true'] : [`error ${code}`, 'close 1006  false']);
    // The session goes on.
    expect(side.isClosed).toBe(false);
  });

  it('offered subprotocols must be answered', async () => {
    const { gateway, events, closed } = await link({ protocols: ['a'] });
    gateway.open();
    await closed;
    expect(events).toEqual(['error malformed_answer', 'close 1006  false']);
  });
});

describe('a gateway that drains', () => {
  it('before it is open: the next one is asked', async () => {
    const { gateway, http } = await connected();
    const socket = new http.WebSocket('ws://origin.test/');
    const opened = new Promise((resolve) => {
      socket.onopen = resolve;
    });
    const first = await gateway.sessions.at(0);
    (await first.webSockets.next()).refuse('draining');
    const second = await gateway.sessions.at(1);
    (await second.webSockets.next()).open();
    await opened;
    expect(socket.readyState).toBe(1);
  });
});

describe('giving up', () => {
  it('before it is open breaks the stream off', async () => {
    const { socket, gateway, events, closed } = await link();
    await gateway.asked;
    socket.close();
    await closed;
    expect(events).toEqual(['error cancelled', 'close 1006  false']);
    expect(await gateway.broken).toBe(FAILURES.cancelled.code);
  });

  it('by a handler of open that closes', async () => {
    const { socket, gateway, events, closed } = await link();
    socket.addEventListener('open', () => socket.close());
    gateway.open();
    gateway.message('x');
    expect(await gateway.closed).toEqual({ code: undefined, reason: '' });
    gateway.close();
    await closed;
    expect(events).toEqual(['open ', 'close 1005  true']);
  });

  it('with the session', async () => {
    const { side, events, closed } = await open();
    side.close('internal_error');
    await closed;
    expect(events).toEqual(['error internal_error', 'close 1006  false']);
  });
});

it('leaves nothing behind: the session is idle again', async () => {
  const { gateway, side, closed, socket } = await open();
  socket.binaryType = 'arraybuffer';
  gateway.message(new Uint8Array(200_000), 50_000);
  gateway.close(1000);
  await closed;
  while (side.core.streamCount > 1) await turns();
});
