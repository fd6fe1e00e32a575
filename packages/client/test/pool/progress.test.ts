import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { extractBody, type RequestBody } from '../../src/exchange/request-body.ts';
import { ProgressListeners, type TransferProgress } from '../../src/pool/progress.ts';
import { Latch, turns } from '../support/arrivals.ts';
import { connected, rejection } from '../support/client.ts';

const ORIGIN = 'http://origin.test';

afterEach(() => {
  vi.useRealTimers();
});

/** The listener of a test, and what it heard. */
function listener(): { heard: TransferProgress[]; listen: (progress: TransferProgress) => void } {
  const heard: TransferProgress[] = [];
  return { heard, listen: (progress) => void heard.push(progress) };
}

/** A transfer whose progress a test makes up, on a clock of its own. */
function transfer(total: number | undefined) {
  vi.useFakeTimers();
  const { heard, listen } = listener();
  const body = { ...(extractBody('x') as RequestBody), length: total };
  const over = new Latch();
  const update: { sent: (bytes: number, isAll: boolean) => void } = { sent: () => {} };
  const done = new ProgressListeners({ onUploadProgress: listen }).send(body, async (onBodySent) => {
    update.sent = onBodySent ?? update.sent;
    await over.promise;
  });
  return { heard, update: (bytes: number, isAll = false) => update.sent(bytes, isAll), over, done };
}

describe('a listener', () => {
  it('is told at the start and at the end', async () => {
    const { heard, update } = transfer(10);
    update(10, true);
    await Promise.resolve();
    expect(heard).toEqual([
      { loaded: 0, total: 10, done: false },
      { loaded: 10, total: 10, done: true },
    ]);
  });

  it('is not told more often than it needs to know, and of a transfer that stalls not too little', async () => {
    const { heard, update } = transfer(undefined);
    for (let bytes = 1; bytes <= 100; bytes++) {
      update(bytes);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(heard.map(({ loaded }) => loaded)).toEqual([0, 50, 100]);
    update(101);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard.at(-1)).toEqual({ loaded: 101, total: undefined, done: false });
    update(101);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard).toHaveLength(4);
  });

  it('hears nothing after the end', async () => {
    const { heard, update } = transfer(3);
    update(1);
    update(3, true);
    update(3, true);
    update(2);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard.map(({ done }) => done)).toEqual([false, true]);
  });

  it('hears nothing after a failure', async () => {
    vi.useFakeTimers();
    const { heard, listen } = listener();
    const failed = new ProgressListeners({ onUploadProgress: listen }).send(
      extractBody('abc') as RequestBody,
      async (onBodySent) => {
        onBodySent?.(1, false);
        throw new Error('on the way');
      },
    );
    await expect(failed).rejects.toThrow('on the way');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard).toEqual([{ loaded: 0, total: 3, done: false }]);
  });

  it.each(['onUploadProgress', 'onDownloadProgress'])('%s must be a function', (name) => {
    expect(() => new ProgressListeners({ [name]: 'x' })).toThrow(InvalidRequestError);
    expect(() => new ProgressListeners({ [name]: 'x' })).toThrow(`${name} must be a function, got string`);
  });

  it('that throws harms nobody, and what it threw is told', async () => {
    const told: unknown[] = [];
    const { error } = console;
    console.error = (message: unknown) => void told.push(message);
    onTestFinished(() => {
      console.error = error;
    });
    const fault = new Error('of the listener');
    const { http } = await connected({ exchange: (exchange) => exchange.answer(200, [], 'text') });
    const throws = (): never => {
      throw fault;
    };
    const response = await http.request('POST', `${ORIGIN}/`, {
      body: 'x',
      onUploadProgress: throws,
      onDownloadProgress: throws,
    });
    expect(await response.text()).toBe('text');
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(new Set(told)).toEqual(new Set([fault]));
  });

  it('that throws is reported as an event listener is, where the platform does that', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => void reported.push(error));
    onTestFinished(() => void vi.unstubAllGlobals());
    const fault = new Error('of the listener');
    const { http } = await connected({ exchange: (exchange) => exchange.answer() });
    const onUploadProgress = (): never => {
      throw fault;
    };
    await http.request('POST', `${ORIGIN}/`, { body: 'x', onUploadProgress });
    expect(new Set(reported)).toEqual(new Set([fault]));
  });

  it('is never called from within a call of its own request', async () => {
    const { gateway, http } = await connected();
    const controller = new AbortController();
    const pending = http.request('GET', `${ORIGIN}/`, {
      signal: controller.signal,
      preloadContent: false,
      onDownloadProgress: ({ loaded }) => loaded > 0 && controller.abort(),
    });
    const exchange = await gateway.exchange();
    exchange.sendHead();
    const response = await pending;
    exchange.sendContent('some of it');
    await exchange.stopped;
    expect(await rejection(response.read(100))).toBe(controller.signal.reason);
  });
});

describe('an upload', () => {
  it('has come as far as the gateway has given credit', async () => {
    const { gateway, http } = await connected({ exchange: (exchange) => (exchange.consumes = false) });
    const { heard, listen } = listener();
    const body = new Blob([new Uint8Array(1_000_000)]);
    const pending = http.request('PUT', `${ORIGIN}/`, { body, onUploadProgress: listen });
    const exchange = await gateway.exchange();
    await vi.waitUntil(() => exchange.contentBytes > 200_000);
    await vi.waitUntil(() => (heard.at(-1)?.loaded ?? 0) > 100_000);
    await turns(20);
    expect(heard.at(-1)?.loaded).toBeLessThanOrEqual(exchange.contentBytes);
    expect(heard.at(-1)).toMatchObject({ total: 1_000_000, done: false });
    exchange.consumes = true;
    exchange.stream.consume(Number.POSITIVE_INFINITY);
    await exchange.body();
    exchange.answer();
    await pending;
    expect(heard.at(-1)).toEqual({ loaded: 1_000_000, total: 1_000_000, done: true });
  });

  it('of nothing is told, and a request without a body is not', async () => {
    const { http } = await connected({ exchange: (exchange) => exchange.answer() });
    const { heard, listen } = listener();
    await http.request('GET', `${ORIGIN}/`, { onUploadProgress: listen });
    expect(heard).toEqual([]);
    await http.request('POST', `${ORIGIN}/`, { body: '', onUploadProgress: listen });
    expect(heard).toEqual([
      { loaded: 0, total: 0, done: false },
      { loaded: 0, total: 0, done: true },
    ]);
  });

  it('begins again where it is sent again', async () => {
    let attempts = 0;
    const { http } = await connected({
      exchange: (exchange) => {
        void exchange.body().then(() => (attempts++ === 0 ? exchange.answer(503) : exchange.answer()));
      },
    });
    const { heard, listen } = listener();
    const { Retry } = await import('../../src/pool/retry.ts');
    await http.request('PUT', `${ORIGIN}/`, {
      body: 'abc',
      onUploadProgress: listen,
      retries: new Retry({ total: 1, statusForcelist: [503] }),
    });
    expect(heard.map(({ loaded, done }) => [loaded, done])).toEqual([
      [0, false],
      [3, true],
      [0, false],
      [3, true],
    ]);
  });
});

describe('a download', () => {
  it('is what came over the connection, of the response that is given', async () => {
    const { gateway, http } = await connected();
    const { heard, listen } = listener();
    const pending = http.request('GET', `${ORIGIN}/`, { onDownloadProgress: listen });
    (await gateway.exchange()).answer(302, ['location', '/next', 'content-length', '5'], 'moved');
    const exchange = await gateway.exchange();
    exchange.sendHead(200, ['content-length', '100']);
    exchange.sendContent('x'.repeat(60));
    await vi.waitUntil(() => heard.length === 2);
    exchange.sendContent('x'.repeat(40));
    exchange.end();
    await pending;
    expect(heard.slice(0, 2)).toEqual([
      { loaded: 0, total: 100, done: false },
      { loaded: 60, total: 100, done: false },
    ]);
    expect(heard.filter(({ done }) => done)).toEqual([{ loaded: 100, total: 100, done: true }]);
  });

  it.each<[string, string, number | undefined]>([
    ['GET', '4', 4],
    ['GET', '4, 4', undefined],
    ['HEAD', '4', 0],
  ])('of a %s with a length of %s has %s in all', async (method, length, total) => {
    const content = method === 'HEAD' ? '' : 'text';
    const { http } = await connected({
      exchange: (exchange) => exchange.answer(200, ['content-length', length], content),
    });
    for (const preloadContent of [true, false]) {
      const { heard, listen } = listener();
      await http.request(method, `${ORIGIN}/`, { preloadContent, onDownloadProgress: listen });
      expect(heard.at(-1)).toEqual({ loaded: content.length, total, done: true });
    }
  });

  it('that breaks off has no end', async () => {
    const { gateway, http } = await connected();
    const { heard, listen } = listener();
    const pending = http.request('GET', `${ORIGIN}/`, { retries: false, onDownloadProgress: listen });
    const exchange = await gateway.exchange();
    exchange.sendHead(200);
    exchange.sendContent('x');
    await vi.waitUntil(() => heard.length > 0);
    exchange.reset('http_response_incomplete');
    await rejection(pending);
    await turns();
    expect(heard.every(({ done }) => !done)).toBe(true);
  });
});
