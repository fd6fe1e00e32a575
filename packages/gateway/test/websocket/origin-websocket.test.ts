import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OriginWebSocket } from '../../src/websocket/origin-websocket.ts';
import { rawOrigin } from '../support/origins.ts';
import { type ClientFrame, clientFrames, frame } from '../support/websocket-frames.ts';

/** An open WebSocket: both ends, and what each has heard. */
interface Link {
  readonly webSocket: OriginWebSocket;
  /** The gateway's end. */
  readonly socket: Socket;
  /** The origin's end. */
  readonly peer: Socket;
  readonly heard: unknown[][];
  /** Whether the handler wants no more. */
  isFull: boolean;
  /** Frames that came to the origin, once there are so many. */
  frames(count: number): Promise<ClientFrame[]>;
  /** What was heard, once there is so much of it. */
  events(count: number): Promise<unknown[][]>;
}

async function link(
  first: Buffer = Buffer.alloc(0),
  maxMessageBytes = Number.POSITIVE_INFINITY,
): Promise<Link> {
  const taken = Promise.withResolvers<Socket>();
  const { port } = await rawOrigin((accepted) => taken.resolve(accepted));
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const peer = await taken.promise;
  let received: Buffer = Buffer.alloc(0);
  const heard: unknown[][] = [];
  const link: Link = {
    socket,
    peer,
    heard,
    isFull: false,
    webSocket: new OriginWebSocket(
      socket,
      {
        data: (opcode, isFirst, isLast, bytes) => {
          heard.push(['data', opcode, isFirst, isLast, Buffer.from(bytes).toString('latin1')]);
          return !link.isFull;
        },
        writable: () => heard.push(['writable']),
        close: (status) => heard.push(['close', status]),
        failed: (why) => heard.push(['failed', why]),
        ended: () => heard.push(['ended']),
      },
      maxMessageBytes,
    ),
    frames: (count) =>
      vi.waitUntil(
        () => {
          const { frames } = clientFrames(received);
          return frames.length >= count ? frames : undefined;
        },
        { timeout: 10_000 },
      ),
    events: (count) => vi.waitUntil(() => (heard.length >= count ? heard : undefined), { timeout: 10_000 }),
  };
  peer.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
  });
  link.webSocket.start(first);
  return link;
}

function send({ webSocket }: Link, text: string): boolean {
  const bytes = Buffer.from(text);
  webSocket.begin(1, true, true, bytes.length);
  return webSocket.payload(bytes);
}

const CLOSE = 8;
const PING = 9;
const PONG = 10;

describe('messages', () => {
  test('both ways, those that came behind the handshake first', async () => {
    const both = await link(frame(1, Buffer.from('first')));
    both.peer.write(frame(2, Buffer.from('second')));
    expect(await both.events(2)).toEqual([
      ['data', 1, true, true, 'first'],
      ['data', 2, true, true, 'second'],
    ]);
    both.webSocket.begin(2, true, false, 2);
    both.webSocket.payload(Buffer.from('ab'));
    both.webSocket.begin(2, false, true, 1);
    both.webSocket.payload(Buffer.from('c'));
    expect(await both.frames(2)).toEqual([
      { opcode: 2, isFinal: false, payload: Buffer.from('ab') },
      { opcode: 0, isFinal: true, payload: Buffer.from('c') },
    ]);
  });

  test('stop while nobody wants them', async () => {
    const both = await link();
    both.isFull = true;
    both.peer.write(frame(1, Buffer.from('a')));
    await both.events(1);
    both.peer.write(frame(1, Buffer.from('b')));
    await vi.waitUntil(() => both.peer.writableLength === 0);
    expect(both.socket.isPaused()).toBe(true);
    both.isFull = false;
    both.webSocket.resume();
    expect((await both.events(2)).at(-1)?.at(-1)).toBe('b');
  });

  test('tell when the origin takes no more, and when it does again', async () => {
    const both = await link();
    both.peer.pause();
    while (send(both, 'x'.repeat(65_536)));
    expect(both.socket.writableNeedDrain).toBe(true);
    both.peer.resume();
    expect(await both.events(1)).toEqual([['writable']]);
  });
});

describe('pings', () => {
  test('are answered, also in the middle of a message of the origin', async () => {
    const both = await link();
    both.peer.write(Buffer.concat([frame(1, Buffer.from('a'), false), frame(PING, Buffer.from('p'))]));
    expect(await both.frames(1)).toEqual([{ opcode: PONG, isFinal: true, payload: Buffer.from('p') }]);
  });

  test('wait for the end of the frame that is being written', async () => {
    const both = await link();
    both.webSocket.begin(2, true, true, 2);
    both.webSocket.payload(Buffer.from('a'));
    both.peer.write(
      Buffer.concat([
        frame(PING, Buffer.from('1')),
        frame(PING, Buffer.from('2')),
        frame(1, Buffer.alloc(0)),
      ]),
    );
    await both.events(1);
    both.webSocket.payload(Buffer.from('b'));
    expect(await both.frames(2)).toEqual([
      { opcode: 2, isFinal: true, payload: Buffer.from('ab') },
      // The latest stands for the earlier ones.
      { opcode: PONG, isFinal: true, payload: Buffer.from('2') },
    ]);
  });

  test('of an origin that does not read are not answered for ever', async () => {
    const both = await link();
    both.peer.pause();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(PING, Buffer.alloc(125))));
    for (let round = 0; round < 200; round++) {
      if (!both.peer.write(pings)) await once(both.peer, 'drain');
    }
    both.peer.write(frame(1, Buffer.from('done')));
    await both.events(1);
    // 26 MB of answers were asked for.
    expect(both.socket.writableLength).toBeLessThan(200_000);
  });
});

describe('a close', () => {
  test('of the origin is answered with its code, and ends the connection', async () => {
    const both = await link();
    both.peer.write(frame(CLOSE, Buffer.concat([Buffer.from([0x0f, 0xa0]), Buffer.from('why')])));
    expect((await both.events(1))[0]).toEqual(['close', { code: 4000, reason: 'why' }]);
    const [answer] = await both.frames(1);
    expect(answer).toMatchObject({ opcode: CLOSE, payload: Buffer.from([0x0f, 0xa0, 0x77, 0x68, 0x79]) });
    // The origin, a socket of Node's, ends the connection in turn.
    expect((await both.events(2)).at(-1)).toEqual(['ended']);
  });

  test('of ours is passed on, and the answer given back; messages in between are for nobody', async () => {
    const both = await link();
    both.isFull = true;
    both.peer.write(frame(1, Buffer.from('before')));
    await both.events(1);
    both.webSocket.close({ code: 3000, reason: 'r' });
    send(both, 'too late');
    expect((await both.frames(1))[0]).toMatchObject({
      opcode: CLOSE,
      payload: Buffer.from([0x0b, 0xb8, 0x72]),
    });
    both.peer.write(Buffer.concat([frame(1, Buffer.from('late')), frame(CLOSE, Buffer.from([0x0b, 0xb8]))]));
    both.peer.end();
    expect((await both.events(3)).slice(1)).toEqual([['close', { code: 3000, reason: '' }], ['ended']]);
    expect(await both.frames(1)).toHaveLength(1);
  });

  test('that the origin never answers comes to an end', async () => {
    const both = await link();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    both.webSocket.close({ code: 1000, reason: '' });
    vi.advanceTimersByTime(9_999);
    expect(both.heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(both.heard).toEqual([['failed', 'it did not close within 10000 ms']]);
    vi.useRealTimers();
    expect((await both.events(2)).at(-1)).toEqual(['ended']);
  });

  test('after which the origin does not end the connection comes to an end, too', async () => {
    const both = await link();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    both.peer.write(frame(CLOSE, Buffer.alloc(0)));
    await once(both.socket, 'data');
    expect(both.heard).toEqual([['close', { code: undefined, reason: '' }]]);
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    expect((await both.events(2)).at(-1)).toEqual(['ended']);
  });
});

describe('an end without a close', () => {
  test.each<[what: string, end: (peer: Socket) => void, why: RegExp]>([
    ['FIN', (peer) => void peer.end(), /ended the connection without closing/],
    ['RST', (peer) => void peer.resetAndDestroy(), /ended without a close \(ECONNRESET\)/],
  ])('%s', async (_what, end, why) => {
    const both = await link();
    both.peer.write(frame(1, Buffer.from('last')));
    await both.events(1);
    end(both.peer);
    expect((await both.events(3)).slice(1)).toEqual([['failed', expect.stringMatching(why)], ['ended']]);
  });

  test('while the close is awaited', async () => {
    const both = await link();
    both.webSocket.close({ code: 1000, reason: '' });
    await both.frames(1);
    both.peer.end();
    expect(await both.events(2)).toEqual([['failed', expect.stringMatching(/without closing/)], ['ended']]);
  });
});

describe('frames that break the rules', () => {
  test.each([
    [Buffer.from([0xc1, 0]), 1002, /reserved bit/],
    [frame(2, Buffer.alloc(101)), 1009, /at most 100 bytes/],
  ])('%#: the origin is told the code', async (bytes, code, why) => {
    const both = await link(undefined, 100);
    both.peer.write(bytes);
    expect((await both.events(1))[0]).toEqual(['failed', expect.stringMatching(why)]);
    const [answer] = await both.frames(1);
    expect(answer?.opcode).toBe(CLOSE);
    expect(answer?.payload.readUInt16BE()).toBe(code);
    both.peer.end();
    expect((await both.events(2)).at(-1)).toEqual(['ended']);
  });
});

test('who leaves in the middle of a frame drops the connection; otherwise the origin is told', async () => {
  const cut = await link();
  cut.webSocket.begin(2, true, true, 10);
  cut.webSocket.payload(Buffer.from('abc'));
  cut.webSocket.leave({ code: 1001, reason: '' });
  expect((await cut.events(2)).at(-1)).toEqual(['ended']);
  expect(await cut.frames(0)).toEqual([]);

  const whole = await link();
  send(whole, 'abc');
  whole.webSocket.leave({ code: 1001, reason: '' });
  expect((await whole.frames(2))[1]).toMatchObject({ opcode: CLOSE, payload: Buffer.from([0x03, 0xe9]) });
});
