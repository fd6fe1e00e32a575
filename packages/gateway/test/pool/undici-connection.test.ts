import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../src/logger.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import { closedPort, httpOrigin, onRequestHead, rawOrigin } from '../support/origins.ts';
import { connectionTo, REQUEST, Recorder, roundTrip, send } from '../support/recorder.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** An origin that answers each request with the same bytes. */
function scripted(answer: string, after?: (socket: Socket) => void): ReturnType<typeof rawOrigin> {
  return rawOrigin((socket) => {
    onRequestHead(socket, () => {
      socket.write(answer, 'latin1');
      after?.(socket);
    });
  });
}

describe('a response', () => {
  test('arrives whole: head, content, end, in this order', async () => {
    const origin = await httpOrigin((_request, response) => {
      response.writeHead(201, 'Made', { 'X-One': '1', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end('hello');
    });
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.events).toEqual(['connected', 'head', 'data', 'end']);
    expect([got.status, got.reason, got.httpVersion, got.text]).toEqual([201, 'Made', '1.1', 'hello']);
    expect(got.values('x-one')).toEqual(['1']);
    expect(got.values('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(got.reused).toBe(false);
    expect(got.info?.remotePort).toBe(origin.port);
  });

  test('keeps latin-1 values and loses the white space around them', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\nx-name:  caf\xe9 \t\r\ncontent-length: 0\r\n\r\n');
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.values('x-name')).toEqual(['caf\xe9']);
  });

  test('is passed on without the fields that are about the connection', async () => {
    const origin = await scripted(
      'HTTP/1.1 200 OK\r\nconnection: X-Hop, keep-alive\r\nkeep-alive: timeout=9\r\nx-hop: 1\r\n' +
        'proxy-authenticate: Basic\r\nx-end: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.fields).toEqual(['x-end', '2']);
  });

  test('may be chunked and have trailers', async () => {
    const origin = await scripted(
      'HTTP/1.1 200 OK\r\ntrailer: X-Sum\r\ntransfer-encoding: chunked\r\n\r\n' +
        '5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Sum:  abc \r\nHost: a\r\n\r\n',
    );
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.text).toBe('hello world');
    expect(got.fields).toEqual(['trailer', 'X-Sum']);
    expect(got.trailers).toEqual(['x-sum', 'abc']);
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', 200],
    ['HEAD', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 200],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204],
    ['GET', 'HTTP/1.1 304 Not Modified\r\netag: "1"\r\n\r\n', 304],
  ])('to %s %j has no content and keeps the connection', async (method, answer, status) => {
    const origin = await scripted(answer);
    const connection = connectionTo(origin.port);
    for (const reused of [false, true]) {
      const got = await roundTrip(connection, { method });
      expect(got.failure).toBeUndefined();
      expect([got.status, got.text, got.reused]).toEqual([status, '', reused]);
    }
    expect(origin.sockets).toHaveLength(1);
  });

  test('of HTTP/1.0 ends with the connection, and the next request takes a new one', async () => {
    const origin = await scripted('HTTP/1.0 200 OK\r\n\r\nuntil the end', (socket) => socket.end());
    const connection = connectionTo(origin.port);
    for (let round = 0; round < 2; round += 1) {
      const got = await roundTrip(connection);
      expect([got.text, got.httpVersion, got.reused]).toEqual(['until the end', '1.0', false]);
    }
    expect(origin.sockets).toHaveLength(2);
  });

  test('with Connection: close is followed by a new connection', async () => {
    const origin = await httpOrigin((_request, response) => {
      response.setHeader('connection', 'close');
      response.end('x');
    });
    const connection = connectionTo(origin.port);
    await roundTrip(connection);
    const got = await roundTrip(connection);
    expect([got.text, got.reused]).toEqual(['x', false]);
  });
});

describe('informational responses', () => {
  test('come before the head, a 100 too, however the bytes are cut', async () => {
    const whole =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' +
      'HTTP/1.1 100 Continue\r\nx-y: z\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n' +
      OK;
    for (const cut of [whole.length, 1, 11, 24, 97]) {
      const origin = await rawOrigin((socket) => {
        socket.setNoDelay(true);
        onRequestHead(socket, () => {
          const write = (at: number): void => {
            socket.write(whole.slice(at, at + cut));
            if (at + cut < whole.length) setImmediate(write, at + cut);
          };
          write(0);
        });
      });
      const connection = connectionTo(origin.port);
      for (const reused of [false, true]) {
        const got = await roundTrip(connection);
        expect(got.informationals.map(({ status }) => status)).toEqual([100, 103, 100, 102]);
        expect(got.informationals[1]?.fields).toEqual(['link', '</a>']);
        expect([got.status, got.text, got.reused]).toEqual([200, 'ok', reused]);
      }
    }
  });

  test('that never end are a failure', async () => {
    const origin = await scripted('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100));
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.failure?.name).toBe('http_protocol_error');
    expect(got.informationals.length).toBeLessThan(100);
  });

  test('101 without being asked is a failure', async () => {
    const origin = await scripted(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    );
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.failure?.name).toBe('http_protocol_error');
  });
});

describe('a connection that dropped while idle', () => {
  test('is replaced without a word when the origin has closed it', async () => {
    const debug = vi.fn();
    const origin = await scripted(OK);
    const connection = connectionTo(origin.port, { log: { ...SILENT_LOGGER, debug } satisfies Logger });
    await roundTrip(connection);
    origin.sockets[0]?.destroy();
    await once(origin.sockets[0] as Socket, 'close');
    const got = await roundTrip(connection, { method: 'POST' });
    expect([got.text, got.reused]).toEqual(['ok', false]);
    expect(origin.sockets).toHaveLength(2);
    expect(debug.mock.calls.map(([, message]) => message)).toEqual([
      'Resetting dropped connection: 127.0.0.1',
    ]);
  });

  test('is replaced when the origin has reset it', async () => {
    const origin = await scripted(OK);
    const connection = connectionTo(origin.port);
    await roundTrip(connection);
    origin.sockets[0]?.resetAndDestroy();
    await once(origin.sockets[0] as Socket, 'close');
    const got = await roundTrip(connection);
    expect([got.failure, got.text, got.reused]).toEqual([undefined, 'ok', false]);
  });

  test.each([
    ['a response', OK],
    ['no HTTP at all', 'garbage'],
  ])('is replaced when bytes came that nobody asked for: %s', async (_name, late) => {
    const origin = await scripted(OK);
    const connection = connectionTo(origin.port);
    await roundTrip(connection);
    origin.sockets[0]?.write(late);
    await once(origin.sockets[0] as Socket, 'close');
    const got = await roundTrip(connection);
    expect([got.failure, got.text, got.reused]).toEqual([undefined, 'ok', false]);
  });

  test.each([
    ['a response', OK],
    ['no HTTP at all', 'garbage'],
  ])('never shows bytes after the content as the next response: %s', async (_name, excess) => {
    const origin = await rawOrigin((socket, index) => {
      onRequestHead(socket, () => socket.write(index === 0 ? OK + excess : OK.replace('ok', 'no')));
    });
    const connection = connectionTo(origin.port);
    expect((await roundTrip(connection)).text).toBe('ok');
    const got = await roundTrip(connection);
    expect([got.failure, got.text, got.reused]).toEqual([undefined, 'no', false]);
  });

  test('is replaced when those bytes come while the request is being handed over', async () => {
    const origin = await scripted(OK);
    const connection = connectionTo(origin.port);
    await roundTrip(connection);
    // In this phase of the event loop the sockets are polled once more before anything is written.
    await new Promise(setImmediate);
    origin.sockets[0]?.write('garbage');
    const got = await roundTrip(connection);
    expect([got.failure, got.text, got.reused]).toEqual([undefined, 'ok', false]);
  });

  test('is polled before it is written to, when it was idle for long', async () => {
    const origin = await scripted(OK);
    const connection = connectionTo(origin.port);
    await roundTrip(connection);
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      vi.advanceTimersByTime(10_000);
      // Already in the kernel when the request comes, yet nobody has looked since.
      origin.sockets[0]?.write('garbage');
      const got = await roundTrip(connection);
      expect([got.failure, got.text, got.reused]).toEqual([undefined, 'ok', false]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('says that it is not connected', async () => {
    const origin = await scripted(OK);
    const connection = connectionTo(origin.port);
    expect(connection.isConnected).toBe(false);
    await roundTrip(connection);
    expect(connection.isConnected).toBe(true);
    connection.close();
    expect(connection.isConnected).toBe(false);
  });

  test('closes by itself after the time the origin announced', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n');
    const connection = connectionTo(origin.port);
    await roundTrip(connection);
    await once(origin.sockets[0] as Socket, 'close');
    expect(connection.isConnected).toBe(false);
  });
});

describe('failures', () => {
  test('refused', async () => {
    const port = await closedPort();
    const got = await roundTrip(connectionTo(port));
    expect(got.failure).toEqual({ name: 'connection_refused', detail: `127.0.0.1:${port} (ECONNREFUSED)` });
    expect(got.events).toEqual(['error']);
  });

  test('a refused connection object works when the origin is back', async () => {
    const port = await closedPort();
    const connection = connectionTo(port);
    expect((await roundTrip(connection)).failure?.name).toBe('connection_refused');
    expect((await roundTrip(connection)).failure?.name).toBe('connection_refused');
    expect(connection.requestCount).toBe(2);
  });

  test.each([
    ['before a response', '', 'connection_terminated'],
    ['inside the head', 'HTTP/1.1 200 OK\r\ncont', 'connection_terminated'],
    [
      'inside a body with a length',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal',
      'http_response_incomplete',
    ],
    [
      'inside a chunk',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhal',
      'http_response_incomplete',
    ],
    [
      'between chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhal\r\n',
      'http_response_incomplete',
    ],
    [
      'inside a body with a length and Connection: close',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhal',
      'http_response_incomplete',
    ],
  ])('the origin ends %s', async (_name, bytes, expected) => {
    const origin = await scripted(bytes, (socket) => socket.end());
    const connection = connectionTo(origin.port);
    const got = await roundTrip(connection);
    expect(got.failure?.name).toBe(expected);
    expect(got.events.at(-1)).toBe('error');
  });

  test.each([
    ['not HTTP', 'SSH-2.0-OpenSSH\r\n', 'http_protocol_error'],
    ['a field line without a colon', 'HTTP/1.1 200 OK\r\nbroken\r\n\r\n', 'http_protocol_error'],
    ['a version we do not speak', 'HTTP/9.9 200 OK\r\n\r\n', 'http_protocol_error'],
    [
      'a chunk size that is none',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      'http_response_incomplete',
    ],
    [
      'a head that is too large',
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`,
      'response_head_too_large',
    ],
  ])('the origin says %s', async (_name, bytes, expected) => {
    const origin = await scripted(bytes);
    const got = await roundTrip(connectionTo(origin.port));
    expect(got.failure?.name).toBe(expected);
  });

  test.each([
    ['two different lengths', { fields: ['content-length', '1', 'content-length', '2'] }],
    ['a length that is none', { fields: ['content-length', '+1'] }],
    ['a length without content', { fields: ['content-length', '1'] }],
    [
      'content of another length',
      { method: 'POST', fields: ['content-length', '1'], body: Buffer.from('ab') },
    ],
    ['two hosts', { fields: ['host', 'a', 'host', 'b'] }],
    ['a line break in a value', { fields: ['x', 'a\r\nb: c'] }],
    ['a name that is no token', { fields: ['x y', 'a'] }],
    ['a method that is no token', { method: 'GE T' }],
    ['CONNECT', { method: 'CONNECT' }],
    ['a path with a space', { path: '/a b' }],
    ['a path without a slash', { path: 'a' }],
  ])('a request with %s is not sent', async (_name, request) => {
    const origin = await httpOrigin((_request, response) => void response.end());
    const connection = connectionTo(origin.port);
    const got = await roundTrip(connection, request);
    expect(got.failure?.name).toBe('http_request_error');
    expect(got.events).toEqual(['error']);
    expect((await roundTrip(connection)).status).toBe(200);
  });
});

describe('read timeout', () => {
  test('before the head', async () => {
    const origin = await rawOrigin(() => {});
    const connection = connectionTo(origin.port);
    const started = performance.now();
    const got = await roundTrip(connection, { readTimeoutMs: 60 });
    expect(got.failure).toEqual({
      name: 'connection_read_timeout',
      detail: `127.0.0.1:${origin.port} (read timeout=60 ms)`,
    });
    expect(performance.now() - started).toBeLessThan(400);
  });

  test('inside the content', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal');
    const got = await roundTrip(connectionTo(origin.port), { readTimeoutMs: 60 });
    expect(got.failure?.name).toBe('response_read_timeout');
    expect(got.text).toBe('hal');
  });

  test('counts silence, not the whole response', async () => {
    const origin = await rawOrigin((socket) => {
      onRequestHead(socket, () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n');
        let left = 10;
        const timer = setInterval(() => {
          socket.write('x');
          left -= 1;
          if (left === 0) clearInterval(timer);
        }, 30);
      });
    });
    const got = await roundTrip(connectionTo(origin.port), { readTimeoutMs: 200 });
    expect([got.failure, got.text]).toEqual([undefined, 'xxxxxxxxxx']);
  });

  test('does not run while the client does not read', async () => {
    const origin = await scripted('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n');
    const got = send(connectionTo(origin.port), { readTimeoutMs: 50 });
    await got.headReceived;
    got.exchange.pause();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(got.failure).toBeUndefined();
    got.exchange.resume();
    await got.done;
    expect(got.failure?.name).toBe('response_read_timeout');
  });
});

describe('abort', () => {
  test('before the head closes the socket', async () => {
    const origin = await rawOrigin((socket) => void socket.resume());
    const got = send(connectionTo(origin.port));
    while (!got.events.includes('connected')) await new Promise(setImmediate);
    got.exchange.abort();
    while (origin.sockets.length === 0) await new Promise(setImmediate);
    await once(origin.sockets[0] as Socket, 'close');
    expect(got.events).toEqual(['connected']);
  });

  test('inside the content stops the origin', async () => {
    let written = 0;
    let stopped!: () => void;
    const hasStopped = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const origin = await httpOrigin((_request, response) => {
      const chunk = Buffer.alloc(65_536);
      const pump = (): void => {
        written += chunk.length;
        if (response.write(chunk)) setImmediate(pump);
        else response.once('drain', pump);
      };
      response.on('close', stopped);
      pump();
    });
    const got = send(connectionTo(origin.port));
    await got.dataReceived;
    got.exchange.abort();
    const seen = got.chunks.length;
    await hasStopped;
    expect(got.chunks.length).toBe(seen);
    expect(got.events).not.toContain('error');
    expect(written).toBeGreaterThan(0);
  });

  test('from inside a callback is as good', async () => {
    const origin = await scripted(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n',
    );
    const connection = connectionTo(origin.port);
    const got = send(connection);
    got.onData = () => got.exchange.abort();
    await got.dataReceived;
    await once(origin.sockets[0] as Socket, 'close');
    expect([got.text, got.failure, got.events.at(-1)]).toEqual(['a', undefined, 'data']);
    const next = await roundTrip(connection);
    expect([next.text, next.reused]).toEqual(['ab', false]);
  });

  test('before anything was sent sends nothing', async () => {
    const origin = await httpOrigin((_request, response) => void response.end('x'));
    const connection = connectionTo(origin.port);
    const got = send(connection);
    got.exchange.abort();
    expect((await roundTrip(connection)).text).toBe('x');
    expect(got.events).toEqual([]);
  });
});

describe('pause and resume', () => {
  test('an unread response stops the origin, and goes on', async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    const origin = await httpOrigin((_request, response) => {
      response.setHeader('content-length', total);
      const chunk = Buffer.alloc(65_536, 'x');
      const pump = (): void => {
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', pump);
            return;
          }
        }
        response.end();
      };
      pump();
    });
    const got = send(connectionTo(origin.port));
    let received = 0;
    got.onData = (chunk) => {
      received += chunk.length;
      got.chunks.length = 0;
    };
    await got.dataReceived;
    got.exchange.pause();
    // The kernel's buffers fill until nothing moves any more.
    for (let before = -1; before !== written; ) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(written).toBeLessThan(8 * 1024 * 1024);
    expect(got.events).not.toContain('end');
    got.exchange.resume();
    await got.done;
    expect(received).toBe(total);
  });

  test('resume of one exchange from the callback of another', async () => {
    const origin = await httpOrigin((_request, response) => void response.end('x'.repeat(300_000)));
    const first = send(connectionTo(origin.port));
    first.onData = () => first.exchange.pause();
    await first.dataReceived;
    const second = send(connectionTo(origin.port));
    second.onData = () => {
      first.onData = undefined;
      first.exchange.resume();
    };
    await Promise.all([first.done, second.done]);
    expect([first.failure, first.body.length, second.body.length]).toEqual([undefined, 300_000, 300_000]);
  });
});

test('a pause before anything has come holds the content back', async () => {
  const origin = await scripted(OK);
  const got = send(connectionTo(origin.port));
  got.exchange.pause();
  await got.headReceived;
  await new Promise(setImmediate);
  expect(got.events).toEqual(['connected', 'head']);
  got.exchange.resume();
  await got.done;
  expect([got.text, got.failure]).toEqual(['ok', undefined]);
});

describe('a handler that throws', () => {
  test.each(['connected', 'informational', 'head', 'data'] as const)(
    'in %s fails its exchange alone',
    async (name) => {
      const error = vi.fn();
      const origin = await scripted(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`);
      const connection = connectionTo(origin.port, { log: { ...SILENT_LOGGER, error } });
      const recorder = new Recorder();
      recorder[name] = () => {
        throw new TypeError('a fault of ours');
      };
      connection.send(REQUEST, recorder);
      await recorder.done;
      expect(recorder.failure?.name).toBe('internal_error');
      expect(JSON.stringify(error.mock.calls)).toContain('a fault of ours');
      expect((await roundTrip(connection)).text).toBe('ok');
    },
  );

  test.each(['end', 'error'] as const)('in %s is logged, and the connection can be used', async (name) => {
    const error = vi.fn();
    const origin = await rawOrigin((socket, index) => {
      onRequestHead(socket, () => socket.end(name === 'error' && index === 0 ? '' : OK));
    });
    const connection = connectionTo(origin.port, { log: { ...SILENT_LOGGER, error } });
    const recorder = new Recorder();
    recorder[name] = () => {
      throw new TypeError('a fault of ours');
    };
    connection.send(REQUEST, recorder);
    await vi.waitFor(() => expect(JSON.stringify(error.mock.calls)).toContain('a fault of ours'));
    expect((await roundTrip(connection)).text).toBe('ok');
  });
});
