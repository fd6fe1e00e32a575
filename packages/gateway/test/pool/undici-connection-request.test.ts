import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RequestBody } from '../../src/pool/request-body.ts';
import { closedPort, httpOrigin, type Origin, onRequestHead, rawOrigin } from '../support/origins.ts';
import { processOrigin } from '../support/process-origin.ts';
import { connectionTo, roundTrip, send } from '../support/recorder.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/tls-fixture.ts';

/** An origin that answers with what it got: the bytes of the request's head. */
async function headOrigin(): Promise<{ origin: Origin; heads: string[] }> {
  const heads: string[] = [];
  const origin = await rawOrigin((socket) => {
    onRequestHead(socket, (head) => {
      heads.push(head);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  return { origin, heads };
}

/** An origin that answers with the framing fields and the content it got. */
function echoOrigin(): Promise<Origin> {
  return httpOrigin(async (request, response) => {
    const content = await contentOf(request);
    const framing = `${request.headers['content-length']} ${request.headers['transfer-encoding']}`;
    response.end(`${framing} ${content.toString()}`);
  });
}

async function contentOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What such an origin has not read when it closes makes it reset the connection, right behind its answer. */
const ANSWER_AND_CLOSE = `
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      const answer = 'HTTP/1.1 413 Content Too Large\\r\\nconnection: close\\r\\ncontent-length: 2\\r\\n\\r\\nno';
      socket.write(answer, () => socket.destroy());
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

describe('the head of a request', () => {
  test('holds the authority as Host, then the fields in their order', async () => {
    const { origin, heads } = await headOrigin();
    await roundTrip(connectionTo(origin.port), {
      path: '/a?b=c',
      authority: 'example.com:81',
      fields: ['x-b', '1', 'x-a', '2', 'x-b', '3', 'user-agent', 'me', 'cookie', 'caf\xe9'],
    });
    expect(heads[0]).toBe(
      'GET /a?b=c HTTP/1.1\r\nhost: example.com:81\r\nconnection: keep-alive\r\n' +
        'x-b: 1\r\nx-a: 2\r\nx-b: 3\r\nuser-agent: me\r\ncookie: caf\xe9\r\n',
    );
  });

  test('takes Host from the fields when the client set one, without a new connection', async () => {
    const { origin, heads } = await headOrigin();
    const connection = connectionTo(origin.port);
    await roundTrip(connection, { fields: ['host', 'one'] });
    await roundTrip(connection, { fields: ['host', 'two'] });
    expect(heads.map((head) => /host: (.*)\r/.exec(head)?.[1])).toEqual(['one', 'two']);
    expect(origin.sockets).toHaveLength(1);
  });

  test('loses what is about one connection', async () => {
    const { origin, heads } = await headOrigin();
    await roundTrip(connectionTo(origin.port), {
      fields: [
        ...[
          'connection',
          'close, X-Hop',
          'keep-alive',
          'timeout=1',
          'proxy-authorization',
          'Basic x',
          'te',
          'trailers',
        ],
        ...[
          'transfer-encoding',
          'chunked',
          'upgrade',
          'h2c',
          'x-hop',
          '1',
          'expect',
          '100-continue',
          'trailer',
          'x',
        ],
        ...['x-end', '1'],
      ],
    });
    expect(heads[0]).toBe('GET / HTTP/1.1\r\nhost: origin.example\r\nconnection: keep-alive\r\nx-end: 1\r\n');
  });

  test.each([
    ['GET', undefined],
    ['DELETE', undefined],
    ['OPTIONS', undefined],
    ['POST', '0'],
    ['PUT', '0'],
    ['PATCH', '0'],
  ])('%s without content says Content-Length: %s', async (method, expected) => {
    const { origin, heads } = await headOrigin();
    const got = await roundTrip(connectionTo(origin.port), { method });
    expect(got.status).toBe(200);
    expect(/content-length: (.*)\r/.exec(heads[0] ?? '')?.[1]).toBe(expected);
    expect(heads[0]).not.toContain('transfer-encoding');
  });
});

describe('content', () => {
  test('as bytes has a length', async () => {
    const origin = await echoOrigin();
    const got = await roundTrip(connectionTo(origin.port), { method: 'POST', body: Buffer.from('hello') });
    expect(got.text).toBe('5 undefined hello');
  });

  test('is sent with DELETE too, and the connection stays', async () => {
    const origin = await echoOrigin();
    const connection = connectionTo(origin.port);
    await roundTrip(connection, { method: 'DELETE', body: Buffer.from('x') });
    const got = await roundTrip(connection, { method: 'DELETE', body: Buffer.from('hello') });
    expect([got.text, got.reused]).toEqual(['5 undefined hello', true]);
  });

  test('that streams is chunked', async () => {
    const origin = await echoOrigin();
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', body });
    body.write(Buffer.from('hel'));
    while (!got.events.includes('connected')) await new Promise(setImmediate);
    body.write(Buffer.from('lo'));
    body.end();
    await got.done;
    expect(got.text).toBe('undefined chunked hello');
  });

  test('that streams has a length when its end is there before the connection is', async () => {
    const origin = await echoOrigin();
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', body });
    body.write(Buffer.from('hello'));
    body.end();
    await got.done;
    expect(got.text).toBe('5 undefined hello');
  });

  test('that streams with a length keeps it', async () => {
    const origin = await echoOrigin();
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'PUT', fields: ['content-length', '5'], body });
    body.write(Buffer.from('hel'));
    await new Promise(setImmediate);
    body.write(Buffer.from('lo'));
    body.end();
    await got.done;
    expect(got.text).toBe('5 undefined hello');
  });

  test('that streams nothing is Content-Length: 0', async () => {
    const origin = await echoOrigin();
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', body });
    body.end();
    await got.done;
    expect(got.text).toBe('0 undefined ');
  });

  test.each([
    ['longer', 'hello!'],
    ['shorter', 'hell'],
  ])('that is %s than announced fails the request', async (_name, content) => {
    const origin = await httpOrigin((request) => void request.resume());
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', fields: ['content-length', '5'], body });
    for (const letter of content) {
      body.write(Buffer.from(letter));
      await new Promise(setImmediate);
    }
    body.end();
    await got.done;
    expect(got.failure?.name).toBe('request_incomplete');
  });

  test('waits for an origin that does not read, and goes on when it does', async () => {
    const total = 64 * 1024 * 1024;
    let received = 0;
    let read!: () => void;
    const mayRead = new Promise<void>((resolve) => {
      read = resolve;
    });
    const origin = await httpOrigin(async (request, response) => {
      await mayRead;
      for await (const chunk of request) received += chunk.length;
      response.end();
    });
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', body });
    const chunk = Buffer.alloc(65_536);
    let written = 0;
    let drains = 0;
    const pump = (): void => {
      while (written < total) {
        written += chunk.length;
        if (!body.write(chunk)) return;
      }
      body.end();
    };
    body.onDrain = () => {
      drains += 1;
      pump();
    };
    pump();
    for (let before = -1; before !== written; ) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(written).toBeLessThan(16 * 1024 * 1024);
    read();
    await got.done;
    expect([got.status, received, written]).toEqual([200, total, total]);
    expect(drains).toBeGreaterThan(0);
  });

  test.each(['GET', 'POST'])(
    'of a %s that is complete and not as long as it says is not sent',
    async (method) => {
      const origin = await echoOrigin();
      const body = new RequestBody();
      const got = send(connectionTo(origin.port), { method, body, fields: ['content-length', '1000'] });
      body.write(Buffer.from('x'));
      body.end();
      await got.done;
      expect(got.failure).toEqual({
        name: 'http_request_error',
        detail: 'Content-Length is not the length of the body',
      });
    },
  );

  test('is thrown away after an early response, which is complete', async () => {
    const origin = await rawOrigin((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno'),
      );
    });
    const connection = connectionTo(origin.port);
    const body = new RequestBody();
    const discarded = new Promise<void>((resolve) => {
      body.onDiscard = resolve;
    });
    const got = send(connection, { method: 'POST', body });
    body.write(Buffer.from('x'));
    await got.done;
    expect([got.status, got.text, got.failure]).toEqual([413, 'no', undefined]);
    await discarded;
    expect([body.isDiscarded, body.write(Buffer.from('y'))]).toEqual([true, true]);
    // RFC 9112 §9.3: a connection on which a request stayed incomplete carries no other one.
    expect(connection.isConnected).toBe(false);
  });

  test.each([
    ['streams', () => new RequestBody()],
    ['is all there', () => Buffer.alloc(8 * 1024 * 1024)],
  ])('that %s is no reason to lose the answer of an origin that closes on it', async (_name, makeBody) => {
    const origin = await processOrigin(ANSWER_AND_CLOSE);
    for (let round = 0; round < 20; round += 1) {
      const body = makeBody();
      const got = send(connectionTo(origin.port), { method: 'POST', body });
      if (body instanceof RequestBody) {
        const chunk = Buffer.alloc(65_536);
        const discarded = new Promise<void>((resolve) => {
          body.onDiscard = resolve;
        });
        let left = 1_000;
        body.onDrain = () => {
          while (left-- > 0 && !body.isDiscarded && body.write(chunk));
        };
        body.onDrain();
        await discarded;
      }
      await got.done;
      expect([got.failure, got.status, got.text]).toEqual([undefined, 413, 'no']);
    }
  });

  test('that cannot be written because the origin is gone, without an answer, fails', async () => {
    const origin = await rawOrigin((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const got = await roundTrip(connectionTo(origin.port), {
      method: 'POST',
      body: Buffer.alloc(8 * 1024 * 1024),
    });
    expect(got.failure?.name).toBe('connection_terminated');
  });

  test('that the client breaks off breaks off toward the origin', async () => {
    const body = new RequestBody();
    const broken = Promise.withResolvers<string | undefined>();
    const origin = await httpOrigin((request) => {
      request.on('error', (error: NodeJS.ErrnoException) => broken.resolve(error.code));
      request.once('data', () => body.abort());
    });
    const got = send(connectionTo(origin.port), { method: 'POST', body });
    body.write(Buffer.from('x'));
    expect(await broken.promise).toBe('ECONNRESET');
    await got.done;
    expect(got.failure?.name).toBe('request_incomplete');
  });

  test('is thrown away when the connection is refused', async () => {
    const body = new RequestBody();
    const got = send(connectionTo(await closedPort()), { method: 'POST', body });
    await got.done;
    expect([got.failure?.name, body.isDiscarded]).toEqual(['connection_refused', true]);
  });

  test('is thrown away on abort', async () => {
    const origin = await rawOrigin((socket) => void socket.resume());
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', body });
    body.write(Buffer.from('x'));
    while (!got.events.includes('connected')) await new Promise(setImmediate);
    got.exchange.abort();
    expect(body.isDiscarded).toBe(true);
    await once(origin.sockets[0] as Socket, 'close');
    expect(got.failure).toBeUndefined();
  });
});

describe('whose turn it is, while content is sent', () => {
  test('a client that pauses is not timed out', async () => {
    const origin = await echoOrigin();
    const body = new RequestBody();
    const got = send(connectionTo(origin.port), { method: 'POST', body, readTimeoutMs: 60 });
    body.write(Buffer.from('a'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(got.failure).toBeUndefined();
    body.end();
    await got.done;
    expect([got.failure, got.status]).toEqual([undefined, 200]);
  });

  test('an origin that does not take it is', async () => {
    const origin = await rawOrigin((socket) => void socket.pause());
    const body = new RequestBody();
    const chunk = Buffer.alloc(65_536);
    body.onDrain = () => {
      while (body.write(chunk));
    };
    const got = send(connectionTo(origin.port), { method: 'POST', body, readTimeoutMs: 200 });
    body.onDrain();
    await got.done;
    expect(got.failure?.name).toBe('connection_write_timeout');
  });
});

test('a request is unsent as long as no byte of it was written', async () => {
  // The head leaves with the first content: an origin that closes before has seen nothing.
  const origin = await rawOrigin((socket) => void socket.end());
  const body = new RequestBody();
  const got = send(connectionTo(origin.port), { method: 'POST', body });
  await got.done;
  expect(got.failure?.name).toBe('connection_terminated_unsent');
});

test('over TLS, a new Host needs no new connection', async () => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, TEST_CERTIFICATE]);
  onTestFinished(() => setDefaultCACertificates(before));
  const server = createHttpsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
    response.end(request.headers.host);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const connection = connectionTo(port, { target: { scheme: 'https', host: 'localhost', port } });
  const first = await roundTrip(connection, { authority: 'a.example' });
  const second = await roundTrip(connection, { authority: 'b.example' });
  expect([first.text, second.text, second.reused]).toEqual(['a.example', 'b.example', true]);
  expect(second.info?.tls?.version).toBe('TLSv1.3');
});
