import { InvalidRequestError } from '@hip/client';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../support/eventually.ts';
import { newClient, newWebSocketOrigin, test as plainTest } from '../support/fixtures.ts';
import { WebSocketOrigin } from '../support/peers/handles.ts';

const test = plainTest.extend(
  'peer',
  { scope: 'file' },
  async ({}, { onCleanup }): Promise<WebSocketOrigin> => {
    const peer = await WebSocketOrigin.start({ protocols: ['chat'] });
    onCleanup(() => peer.stop());
    return peer;
  },
);

test('messages as streams', async ({ http, peer }) => {
  const stream = new http.WebSocketStream(peer.url(), { protocols: ['other', 'chat'], headers: { a: 'b' } });
  expect(stream.url).toBe(peer.url());
  const { readable, writable, protocol, extensions } = await stream.opened;
  expect([protocol, extensions]).toEqual(['chat', '']);
  const writer = writable.getWriter();
  const reader = readable.getReader();
  for (const message of ['text', '', new Uint8Array([1, 2, 3]), new Uint8Array(0)]) {
    await writer.write(message);
    expect((await reader.read()).value).toEqual(message);
  }
  await writer.close();
  expect(await stream.closed).toEqual({ closeCode: 1005, reason: '' });
  expect((await reader.read()).done).toBe(true);
});

test('a whole conversation by piping', async ({ http, peer }) => {
  const { opened, closed } = new http.WebSocketStream(peer.url());
  const { readable, writable } = await opened;
  const source = new ReadableStream<string>({
    start(controller) {
      for (let number = 0; number < 100; number++) controller.enqueue(`message ${number}`);
      controller.close();
    },
  });
  const sent = source.pipeTo(writable, { preventClose: true });
  const seen: unknown[] = [];
  for await (const message of readable) {
    seen.push(message);
    if (seen.length === 100) break;
  }
  await sent;
  expect(seen).toEqual(Array.from({ length: 100 }, (_, number) => `message ${number}`));
  // Leaving the loop has closed it.
  expect(await closed).toEqual({ closeCode: 1005, reason: '' });
});

describe('closing', () => {
  test('from here', async ({ http }) => {
    const peer = await newWebSocketOrigin();
    const stream = new http.WebSocketStream(peer.url());
    const { readable, writable } = await stream.opened;
    stream.close({ closeCode: 3456, reason: 'pizza' });
    expect(await stream.closed).toEqual({ closeCode: 3456, reason: 'pizza' });
    expect((await readable.getReader().read()).done).toBe(true);
    expect(await rejection(writable.getWriter().write('x'))).toMatchObject({ name: 'InvalidStateError' });
    await eventually(async () =>
      expect(await peer.visit()).toMatchObject({ closeCode: 3456, closeReason: 'pizza' }),
    );
  });

  test('with what cannot be sent', async ({ http, peer }) => {
    const stream = new http.WebSocketStream(peer.url());
    await stream.opened;
    for (const closeCode of [999, 1001, 2999, 5000]) {
      expect(() => stream.close({ closeCode })).toThrow(
        expect.objectContaining({ name: 'InvalidAccessError' }),
      );
    }
    expect(() => stream.close({ reason: '.'.repeat(124) })).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    stream.close({ reason: 'not empty' });
    expect(await stream.closed).toEqual({ closeCode: 1000, reason: 'not empty' });
  });

  test.for(['abort', 'cancel'] as const)('by %s()', async (how, { http, peer }) => {
    const ways: [reason: unknown, closeCode: number, text: string][] = [
      [undefined, 1005, ''],
      [{ closeCode: 3333 }, 3333, ''],
      [{ closeCode: 3456, reason: 'set' }, 3456, 'set'],
      [{ reason: 'without a code' }, 1005, ''],
      [{ closeCode: 999 }, 1005, ''],
      [new DOMException('yes', 'DataCloneError'), 1005, ''],
    ];
    for (const [reason, closeCode, text] of ways) {
      const stream = new http.WebSocketStream(peer.url());
      const { readable, writable } = await stream.opened;
      await (how === 'abort' ? writable.abort(reason) : readable.cancel(reason));
      expect(await stream.closed).toEqual({ closeCode, reason: text });
    }
  });

  test('from there, behind the last message', async ({ http, peer }) => {
    const stream = new http.WebSocketStream(peer.url('/messages?count=3&close=4000'));
    const { readable } = await stream.opened;
    expect(await stream.closed).toEqual({ closeCode: 4000, reason: '' });
    const numbers: number[] = [];
    for await (const message of readable) {
      numbers.push(new DataView((message as Uint8Array<ArrayBuffer>).buffer).getUint32(0));
    }
    expect(numbers).toEqual([0, 1, 2]);
  });

  test('before it is open', async ({ http, peer }) => {
    const stream = new http.WebSocketStream(peer.url('/hang'));
    stream.close();
    expect(await rejection(stream.opened)).toMatchObject({ code: 'cancelled' });
    expect(await rejection(stream.closed)).toMatchObject({ code: 'cancelled' });
  });
});

describe('a signal', () => {
  test('gives up before it is open', async ({ gateway, peer }) => {
    const http = newClient(gateway);
    const early = new http.WebSocketStream(peer.url(), { signal: AbortSignal.abort() });
    expect(await rejection(early.opened)).toMatchObject({ name: 'AbortError' });
    expect(await rejection(early.closed)).toMatchObject({ name: 'AbortError' });

    const origin = await newWebSocketOrigin();
    const controller = new AbortController();
    const late = new http.WebSocketStream(origin.url('/hang'), { signal: controller.signal });
    await eventually(() => origin.visit());
    controller.abort(new Error('enough'));
    expect(await rejection(late.opened)).toMatchObject({ message: 'enough' });
    await eventually(async () => expect(await origin.visit()).toMatchObject({ isOpen: false }));
  });

  test('is without effect afterwards', async ({ http, peer }) => {
    const controller = new AbortController();
    const stream = new http.WebSocketStream(peer.url(), { signal: controller.signal });
    const { readable, writable } = await stream.opened;
    controller.abort();
    await writable.getWriter().write('still here');
    expect((await readable.getReader().read()).value).toBe('still here');
    stream.close();
    await stream.closed;
  });
});

describe('a failure', () => {
  test('rejects both', async ({ http, peer }) => {
    const stream = new http.WebSocketStream(peer.url('/status/404'));
    const failure = { code: 'http_upgrade_failed', message: expect.stringMatching(/404/) };
    expect(await rejection(stream.opened)).toMatchObject(failure);
    expect(await rejection(stream.closed)).toMatchObject(failure);
  });

  test('breaks the streams off, behind the messages that came before', async ({ http, peer }) => {
    const stream = new http.WebSocketStream(peer.url('/drop'));
    const { readable, writable } = await stream.opened;
    const writer = writable.getWriter();
    const reader = readable.getReader();
    await writer.write('go');
    const failure = { code: 'websocket_failed' };
    expect(await rejection(stream.closed)).toMatchObject(failure);
    expect((await reader.read()).value).toBe('about to go');
    expect(await rejection(reader.read())).toMatchObject(failure);
    expect(await rejection(writer.closed)).toMatchObject(failure);
  });

  test('of arguments is thrown at once', ({ http, peer }) => {
    const make =
      (...args: ConstructorParameters<typeof http.WebSocketStream>) =>
      () =>
        new http.WebSocketStream(...args);
    expect(make('mailto:x')).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    expect(make(peer.url(), { protocols: ['a b'] })).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    expect(make(peer.url(), { protocol: 'a' } as never)).toThrow(InvalidRequestError);
  });
});
