import { describe, expect } from 'vitest';
import { newClient, test } from '../support/fixtures.ts';

/** A body that yields for ever, and remembers why it was cancelled. */
function endless(): { body: ReadableStream<Uint8Array>; cancelled: () => unknown } {
  let reason: unknown;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
    cancel: (given) => {
      reason = given;
    },
  });
  return { body, cancelled: () => reason };
}

/** What settles first, a promise or a microtask that is queued now. */
async function first(promise: Promise<unknown>): Promise<string> {
  const order: string[] = [];
  const rejected = promise.catch(() => order.push('rejected'));
  await Promise.all([rejected, Promise.resolve().then(() => order.push('microtask'))]);
  return order[0] ?? '';
}

describe('fetch() with a signal that is aborted', () => {
  const aborted = AbortSignal.abort(new Error('enough'));

  test('rejects at once, and cancels the body in the same call', async ({ http, origin }) => {
    const { body, cancelled } = endless();
    const init = { method: 'POST', body, duplex: 'half', signal: aborted } as RequestInit;
    const sent = http.fetch(origin.url('/upload'), init);
    expect(cancelled()).toBe(aborted.reason);
    await expect(sent).rejects.toBe(aborted.reason);
    expect(await first(http.fetch(origin.url('/hello'), { signal: aborted }))).toBe('rejected');
    expect(await origin.counts()).toMatchObject({ connectionsOpened: 0 });
  });

  test('names a fault of its arguments first', async ({ http, origin }) => {
    const wrong: RequestInit[] = [
      { method: 'no method' },
      { mode: 'navigate' },
      { cache: 'only-if-cached' },
      { referrerPolicy: 'none' as ReferrerPolicy },
      { window: 1 as never },
      { signal: {} as AbortSignal },
    ];
    for (const init of wrong) {
      await expect(http.fetch(origin.url('/hello'), { signal: aborted, ...init })).rejects.toThrow(TypeError);
    }
  });

  test('has used the body of a Request', async ({ http, origin }) => {
    const request = new Request(origin.url('/upload'), { method: 'POST', body: 'used', signal: aborted });
    await expect(http.fetch(request)).rejects.toBe(aborted.reason);
    expect(request.bodyUsed).toBe(true);
  });
});

describe('abort after the response', () => {
  test('also takes a body back that has arrived whole', async ({ http, origin }) => {
    for (const method of ['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const) {
      const controller = new AbortController();
      const response = await http.fetch(origin.url('/hello'), { signal: controller.signal });
      controller.abort();
      expect(await first(response[method]())).toBe('rejected');
      await expect(response[method]()).rejects.toBe(controller.signal.reason);
    }
  });

  test('errors its stream, and leaves what was read', async ({ http, origin }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const [exposed, unread, read] = await Promise.all(
      [1, 2, 3].map(() => http.fetch(origin.url('/hello'), { signal })),
    );
    const reader = exposed?.body?.getReader();
    const text = await read?.text();
    controller.abort();
    await expect(reader?.read()).rejects.toBe(signal.reason);
    await expect(unread?.body?.getReader().closed).rejects.toBe(signal.reason);
    expect(text).toBe('hello, world\n');
  });

  test('reaches clones, and no empty body', async ({ http, origin }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const clone = (await http.fetch(origin.url('/hello'), { signal })).clone();
    const empty = await http.fetch(origin.url('/empty'), { signal });
    controller.abort();
    await expect(clone.text()).rejects.toBe(signal.reason);
    expect(await empty.text()).toBe('');
  });

  test('errors a stream that nobody is reading', async ({ http, origin }) => {
    const controller = new AbortController();
    const response = await http.fetch(origin.url('/never-end'), { signal: controller.signal });
    const reader = response.body?.getReader();
    controller.abort();
    await expect(reader?.closed).rejects.toBe(controller.signal.reason);
  });
});

test('abort while no session can be had cancels the body', async ({ gateway }) => {
  const http = newClient(gateway, { gateway: 'ws://127.0.0.1:1/session' });
  const controller = new AbortController();
  const { body, cancelled } = endless();
  const init = { method: 'POST', body, duplex: 'half', signal: controller.signal } as RequestInit;
  const sent = http.fetch('http://127.0.0.1/', init);
  controller.abort();
  await expect(sent).rejects.toBe(controller.signal.reason);
  expect(cancelled()).toBe(controller.signal.reason);
});
