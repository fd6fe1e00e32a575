import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SUBPROTOCOL } from '@hip/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Transport } from '../../src/transport/transport.ts';
import { openWebSocket } from '../../src/transport/websocket.ts';
import { Arrivals, Latch, turns } from '../support/arrivals.ts';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/session`;
}

/** A WebSocket server, and the sockets it gets. */
async function serve(options: ServerOptions = {}): Promise<{ url: string; sockets: Arrivals<WebSocket> }> {
  const server = createServer();
  const sockets = new Arrivals<WebSocket>();
  const webSockets = new WebSocketServer({ server, handleProtocols: () => SUBPROTOCOL, ...options });
  webSockets.on('connection', (socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets.all) socket.terminate();
  });
  return { url: await listen(server), sockets };
}

/** A transport and what it told. */
function open(url: string) {
  const opened = new Latch();
  const closed = new Latch<string>();
  const records = new Arrivals<Uint8Array>();
  const closes: string[] = [];
  const transport: Transport = openWebSocket(url, {
    opened: () => opened.open(),
    record: (record) => records.push(record),
    closed: (reason) => {
      closes.push(reason);
      closed.open(reason);
    },
  });
  onTestFinished(() => transport.close(''));
  return { transport, opened, closed, closes, records };
}

describe('openWebSocket', () => {
  it('carries records both ways, one per message', async () => {
    const { url, sockets } = await serve();
    const { transport, opened, records } = open(url);
    await opened.promise;
    const socket = await sockets.next();
    const arrived = new Arrivals<Buffer>();
    socket.on('message', (data: Buffer, isBinary) => isBinary && arrived.push(data));
    transport.send(Uint8Array.of(1, 2, 3));
    transport.send(new Uint8Array(65_536).fill(7));
    expect([...(await arrived.next())]).toEqual([1, 2, 3]);
    expect(await arrived.next()).toHaveLength(65_536);
    socket.send(Uint8Array.of(4, 5));
    socket.send(new Uint8Array(0));
    expect([...(await records.next())]).toEqual([4, 5]);
    expect(await records.next()).toHaveLength(0);
    expect(transport.bufferedBytes).toBe(0);
  });

  it('is done with a record when send() returns: its memory may be used again', async () => {
    const { url, sockets } = await serve();
    const { transport, opened } = open(url);
    await opened.promise;
    const socket = await sockets.next();
    const arrived = new Arrivals<Buffer>();
    socket.on('message', (data: Buffer) => arrived.push(data));
    const record = new Uint8Array(50_000);
    for (let n = 1; n <= 40; n++) transport.send(record.fill(n));
    record.fill(99);
    for (let n = 1; n <= 40; n++) {
      const data = await arrived.next();
      expect([data[0], data.at(-1), data.length]).toEqual([n, n, 50_000]);
    }
  });

  it('asks for our subprotocol', async () => {
    const offered = new Latch<Set<string>>();
    const { url } = await serve({
      handleProtocols: (protocols) => {
        offered.open(protocols);
        return SUBPROTOCOL;
      },
    });
    await open(url).opened.promise;
    expect([...(await offered.promise)]).toEqual([SUBPROTOCOL]);
  });

  it('does not open where the server does not speak it', async () => {
    const { url } = await serve({ handleProtocols: () => false });
    const { opened, closed } = open(url);
    await closed.promise;
    expect(opened.isOpen).toBe(false);
  });

  it('tells the code and reason of a close, once', async () => {
    const { url, sockets } = await serve();
    const { opened, closed, closes } = open(url);
    await opened.promise;
    (await sockets.next()).close(4001, 'going home');
    expect(await closed.promise).toBe('the WebSocket closed with code 4001: going home');
    await turns();
    expect(closes).toHaveLength(1);
  });

  it('tells of a connection that breaks', async () => {
    const { url, sockets } = await serve();
    const { opened, closed } = open(url);
    await opened.promise;
    (await sockets.next()).terminate();
    expect(await closed.promise).toBe('the WebSocket closed with code 1006');
  });

  it('tells of a server that refuses', async () => {
    const server = createServer();
    server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
    const { opened, closed } = open(await listen(server));
    expect(await closed.promise).toContain('1006');
    expect(opened.isOpen).toBe(false);
  });

  it('tells of a server that is not there', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { opened, closed } = open(`ws://127.0.0.1:${port}/session`);
    expect(await closed.promise).toContain('1006');
    expect(opened.isOpen).toBe(false);
  });

  it('takes text for the end', async () => {
    const { url, sockets } = await serve();
    const { opened, closed, closes, records } = open(url);
    await opened.promise;
    const socket = await sockets.next();
    socket.send('text');
    socket.send(Uint8Array.of(1));
    expect(await closed.promise).toContain('text');
    await turns();
    expect(records.all).toHaveLength(0);
    expect(closes).toHaveLength(1);
  });

  it.each([
    ['', ''],
    ['why', 'why'],
    ['ü'.repeat(200), 'ü'.repeat(41)],
    ['🙂'.repeat(200), `${'🙂'.repeat(20)}\ufffd`],
  ])('closes with a reason that fits: %s', async (reason, told) => {
    const { url, sockets } = await serve();
    const { transport, opened } = open(url);
    await opened.promise;
    const socket = await sockets.next();
    const close = new Promise<[number, string]>((resolve) => {
      socket.on('close', (code, text) => resolve([code, text.toString()]));
    });
    transport.send(Uint8Array.of(1));
    transport.close(reason);
    expect(await close).toEqual([1000, told]);
  });

  it('may be closed before it is open, and again after', async () => {
    const { url } = await serve();
    const { transport, opened, closed } = open(url);
    transport.close('too slow');
    transport.close('too slow');
    await closed.promise;
    expect(opened.isOpen).toBe(false);
    // A record that comes too late does no harm.
    transport.send(Uint8Array.of(1));
    transport.close('again');
  });

  it('throws where the platform cannot make one', () => {
    expect(() => open('nonsense:')).toThrow();
  });
});
