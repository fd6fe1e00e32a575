import { expect } from 'vitest';
import { eventually, settled, within } from '../support/eventually.ts';
import { newClient, newWebSocketOrigin, test } from '../support/fixtures.ts';
import { opened } from '../support/socket-events.ts';

const MIB = 1024 * 1024;

/** What a gateway may hold of one WebSocket, and what garbage it may have, in bytes. */
const GATEWAY_BYTES = 32 * MIB;

/** What may be on the way in one direction: the windows of stream and kernels, in bytes. */
const ON_THE_WAY_BYTES = 12 * MIB;

test('a reader that stops stops the origin, and nobody else', async ({ http, origin, gateway }) => {
  const peer = await newWebSocketOrigin();
  await http.request('GET', origin.url('/hello'));
  await gateway.resetPeak();
  const { rssBytes } = await gateway.status();
  const stream = new http.WebSocketStream(peer.url('/messages?count=5000&bytes=60000'));
  const { readable } = await stream.opened;
  const reader = readable.getReader();
  const first = (await reader.read()).value as Uint8Array<ArrayBuffer>;
  expect(new DataView(first.buffer).getUint32(0)).toBe(0);

  const sentBytes = await settled(async () => (await peer.visit()).sentBytes);
  expect(sentBytes).toBeLessThan(ON_THE_WAY_BYTES);
  expect((await gateway.status()).peakRssBytes - rssBytes).toBeLessThan(GATEWAY_BYTES);
  const others = Array.from({ length: 20 }, () => http.request('GET', origin.url('/bytes/1000')));
  await within(10_000, '20 small requests beside it', Promise.all(others));

  // It goes on where it stopped.
  for (let number = 1; number < 500; number++) {
    const { value } = await reader.read();
    expect(new DataView((value as Uint8Array<ArrayBuffer>).buffer).getUint32(0)).toBe(number);
  }
  await reader.cancel();
  expect(await stream.closed).toEqual({ closeCode: 1005, reason: '' });
  await eventually(async () => expect(await peer.visit()).toMatchObject({ isOpen: false }));
});

test('a message that nobody asks for stops in the middle', async ({ http, gateway }) => {
  const peer = await newWebSocketOrigin();
  await gateway.resetPeak();
  const { rssBytes } = await gateway.status();
  const stream = new http.WebSocketStream(peer.url('/messages?count=1&bytes=60000000'));
  const { readable } = await stream.opened;
  const received = async (): Promise<number> => (await peer.visit()).acceptedBytes;
  expect(await settled(received)).toBeLessThan(ON_THE_WAY_BYTES);
  expect((await gateway.status()).peakRssBytes - rssBytes).toBeLessThan(GATEWAY_BYTES);
  const { value } = await readable.getReader().read();
  expect((value as Uint8Array).length).toBe(60_000_000);
  stream.close();
  await stream.closed;
});

test('an origin that does not read stops the writer, and the gateway holds nothing', async ({
  http,
  origin,
  gateway,
}) => {
  const peer = await newWebSocketOrigin();
  await http.request('GET', origin.url('/hello'));
  await gateway.resetPeak();
  const { rssBytes } = await gateway.status();
  const socket = new http.WebSocket(peer.url('/deaf'));
  const events = await opened(socket);
  const message = new Uint8Array(1_000_000);
  for (let number = 0; number < 60; number++) socket.send(message);
  expect(socket.bufferedAmount).toBe(60_000_000);
  const buffered = await settled(() => socket.bufferedAmount);
  expect(60_000_000 - buffered).toBeLessThan(ON_THE_WAY_BYTES);
  expect((await peer.visit()).receivedBytes).toBeLessThan(ON_THE_WAY_BYTES);
  expect((await gateway.status()).peakRssBytes - rssBytes).toBeLessThan(GATEWAY_BYTES);
  const others = Array.from({ length: 20 }, () => http.request('GET', origin.url('/bytes/1000')));
  await within(10_000, '20 small requests beside it', Promise.all(others));

  await peer.release('read');
  for (let number = 0; number < 60; number++) expect(await events.message()).toBe('1000000');
  expect(socket.bufferedAmount).toBe(0);
  socket.close(1000);
  await events.expect('close');
});

test('a write waits for the origin', async ({ http }) => {
  const peer = await newWebSocketOrigin();
  const stream = new http.WebSocketStream(peer.url('/deaf'));
  const { readable, writable } = await stream.opened;
  const writer = writable.getWriter();
  let isWritten = false;
  const written = writer.write(new Uint8Array(30_000_000)).then(() => {
    isWritten = true;
  });
  await settled(async () => (await peer.visit()).receivedBytes);
  expect(isWritten).toBe(false);
  expect(writer.desiredSize).toBe(0);
  await peer.release('read');
  await written;
  expect((await readable.getReader().read()).value).toBe('30000000');
  await writer.close();
  expect(await stream.closed).toEqual({ closeCode: 1005, reason: '' });
});

test('many stalled WebSockets leave room on the session for what moves', async ({ gateway, origin }) => {
  const peer = await newWebSocketOrigin();
  const http = newClient(gateway);
  const streams = Array.from(
    { length: 50 },
    () => new http.WebSocketStream(peer.url('/messages?count=1000&bytes=60000')),
  );
  await Promise.all(streams.map(({ opened: open }) => open));
  await settled(async () => (await peer.log()).reduce((sum, { sentBytes }) => sum + sentBytes, 0));
  const read = http.fetch(origin.url('/bytes/5000000')).then((response) => response.arrayBuffer());
  expect((await within(20_000, '5 MB beside 50 stalled WebSockets', read)).byteLength).toBe(5_000_000);
  for (const stream of streams) stream.close();
  await Promise.all(streams.map(({ closed }) => closed));
});
