import { describe, expect } from 'vitest';
import { contentStream, type StreamProgress } from '../support/content.ts';
import type { Origin } from '../support/control.ts';
import { eventually, rejection, within } from '../support/eventually.ts';
import { test } from '../support/fixtures.ts';

const HUGE = '/bytes/300000000';

describe('a fetch() that is aborted', () => {
  test('before it starts: rejects with the reason and sends nothing', async ({ http, origin }) => {
    const reason = new Error('changed my mind');
    expect(await rejection(http.fetch(origin.url('/hello'), { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    expect(await origin.counts()).toMatchObject({ requests: [], connectionsOpened: 0 });
  });

  test('before the head: rejects with an AbortError and the origin sees the connection close', async ({
    http,
    origin,
  }) => {
    const controller = new AbortController();
    const answered = rejection(http.fetch(origin.url('/never-head'), { signal: controller.signal }));
    await eventually(() => origin.request('/never-head'));
    controller.abort();
    expect(await answered).toMatchObject({ name: 'AbortError' });
    await expectAborted(origin, '/never-head');
  });

  test('rejects with the very reason that abort() was given', async ({ http, origin }) => {
    const controller = new AbortController();
    const answered = rejection(http.fetch(origin.url('/never-head'), { signal: controller.signal }));
    await eventually(() => origin.request('/never-head'));
    const reason = { why: 'a reason of my own' };
    controller.abort(reason);
    expect(await answered).toBe(reason);
  });

  test('in the body: the read rejects with an AbortError and the origin sees the connection close', async ({
    http,
    origin,
  }) => {
    const controller = new AbortController();
    const response = await http.fetch(origin.url('/never-end'), { signal: controller.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('begin');
    const next = rejection(reader.read());
    controller.abort();
    expect(await next).toMatchObject({ name: 'AbortError' });
    await expectAborted(origin, '/never-end');
  });

  test('while text() waits: text() rejects with an AbortError', async ({ http, origin }) => {
    const controller = new AbortController();
    const response = await http.fetch(origin.url('/never-end'), { signal: controller.signal });
    const text = rejection(response.text());
    controller.abort();
    expect(await text).toMatchObject({ name: 'AbortError' });
    await expectAborted(origin, '/never-end');
  });

  test('after a small body has arrived: what was read stays', async ({ http, origin }) => {
    const controller = new AbortController();
    const response = await http.fetch(origin.url('/hello'), { signal: controller.signal });
    const text = await response.text();
    controller.abort();
    expect(text).toBe('hello, world\n');
    expect((await origin.request('/hello')).outcome).toBe('complete');
  });

  test('during an upload: rejects, stops reading the source, and the origin never takes it for complete', async ({
    http,
    origin,
  }) => {
    const controller = new AbortController();
    const progress: StreamProgress = { pulledBytes: 0 };
    const answered = rejection(
      http.fetch(origin.url('/upload?hold=never&after=100000'), {
        method: 'POST',
        body: contentStream(300_000_000, progress),
        duplex: 'half',
        signal: controller.signal,
      } as RequestInit),
    );
    await eventually(async () =>
      expect((await origin.request('/upload')).receivedBytes).toBeGreaterThan(100_000),
    );
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await answered).toBe(reason);
    await origin.release('never'); // only an origin that reads on learns that the connection is gone
    await expectAborted(origin, '/upload');
    await eventually(() => expect(progress.cancelled).toBe(reason));
    const { pulledBytes } = progress;
    await http.request('GET', origin.url('/hello')); // time enough for a pull that was under way
    expect(progress.pulledBytes).toBe(pulledBytes);
  });

  test('by AbortSignal.timeout(): rejects with a TimeoutError', async ({ http, origin }) => {
    const answered = http.fetch(origin.url('/never-head'), { signal: AbortSignal.timeout(200) });
    expect(await rejection(answered)).toMatchObject({ name: 'TimeoutError' });
    // On a slow machine the time may be over before the request has got that far.
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
  });

  test('leaves its neighbours on the session alone', async ({ http, origin }) => {
    const controller = new AbortController();
    const held = http.fetch(origin.url('/held-body/rest')).then((response) => response.text());
    const aborted = rejection(http.fetch(origin.url('/never-head'), { signal: controller.signal }));
    await eventually(async () => expect(await origin.requests()).toHaveLength(2));
    controller.abort();
    await aborted;
    await expectAborted(origin, '/never-head');
    await origin.release('rest');
    expect(await held).toBe('first second');
  });

  test('does not leave its connection to the next request', async ({ http, origin }) => {
    const controller = new AbortController();
    const response = await http.fetch(origin.url('/never-end'), { signal: controller.signal });
    controller.abort();
    await rejection(response.text());
    expect(await (await http.fetch(origin.url('/hello'))).text()).toBe('hello, world\n');
    expect((await origin.request('/hello')).connection).toBe(2);
  });
});

describe('a body that nobody wants any more', () => {
  test('body.cancel() stops the origin', async ({ http, origin }) => {
    const response = await http.fetch(origin.url(HUGE));
    await response.body?.cancel('seen enough');
    await expectAborted(origin, HUGE);
  });

  test('leaving a for-await loop stops the origin', async ({ http, origin }) => {
    const response = await http.request('GET', origin.url(HUGE), { preloadContent: false });
    for await (const piece of response.stream(1000)) {
      expect(piece).toHaveLength(1000);
      break;
    }
    await expectAborted(origin, HUGE);
  });

  test('a hundred aborted requests leave nothing open at the origin', async ({ http, origin }) => {
    const controller = new AbortController();
    const all = Array.from({ length: 100 }, () =>
      rejection(http.fetch(origin.url('/never-head'), { signal: controller.signal })),
    );
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(100));
    controller.abort();
    await Promise.all(all);
    await eventually(async () => {
      expect(await origin.counts()).toMatchObject({ requestsOpen: 0, connectionsOpen: 0 });
    });
    expect((await within(5_000, 'a request after the aborts', http.fetch(origin.url('/hello')))).status).toBe(
      200,
    );
  });
});

describe('a request() that is aborted', () => {
  test('before the head: rejects with the reason and the origin sees the connection close', async ({
    http,
    origin,
  }) => {
    const controller = new AbortController();
    const answered = rejection(http.request('GET', origin.url('/never-head'), { signal: controller.signal }));
    await eventually(() => origin.request('/never-head'));
    controller.abort();
    expect(await answered).toMatchObject({ name: 'AbortError' });
    await expectAborted(origin, '/never-head');
  });

  test('while its content is preloaded: rejects with the reason', async ({ http, origin }) => {
    const controller = new AbortController();
    const answered = rejection(http.request('GET', origin.url('/never-end'), { signal: controller.signal }));
    await eventually(async () => expect((await origin.request('/never-end')).sentBytes).toBe(5));
    controller.abort();
    expect(await answered).toMatchObject({ name: 'AbortError' });
    await expectAborted(origin, '/never-end');
  });
});

async function expectAborted(origin: Origin, path: string): Promise<void> {
  await eventually(async () => expect(await origin.request(path)).toMatchObject({ outcome: 'aborted' }));
}
