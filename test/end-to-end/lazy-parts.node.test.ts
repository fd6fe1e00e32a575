import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';
import type { Gateway } from '../support/control.ts';
import { newRawOrigin, test } from '../support/fixtures.ts';
import { LazyPage, type LazyWindow } from '../support/lazy-page.ts';

// A part of the client that could not be loaded, because the server was away for a moment, is asked for again.

let browser: Browser;

beforeAll(async () => {
  const executablePath = findChromium();
  browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
});

afterAll(() => browser.close());

/** What the page does with its manager `http`; `url` is that of an origin. */
type Use = (client: LazyWindow, url: string) => Promise<unknown>;

interface Outcome {
  value?: unknown;
  name?: string;
  code?: string;
  sent?: string;
  cause?: string;
}

async function openPage(gateway: Gateway): Promise<{ server: LazyPage; page: Page }> {
  const server = new LazyPage();
  const url = await server.start();
  onTestFinished(() => server.stop());
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(url);
  await page.waitForFunction(() => 'PoolManager' in window);
  await page.evaluate(
    (options) => {
      const client = window as unknown as LazyWindow & { http: object };
      client.http = new client.PoolManager({ ...options, retries: false });
    },
    { gateway: gateway.url, token: gateway.token },
  );
  return { server, page };
}

/** What came of it: a value that JSON can say, or an error. */
function outcome(page: Page, use: Use, url: string): Promise<Outcome> {
  return page.evaluate(
    async ([text, address]) => {
      try {
        const value = await new Function(`return ${text}`)()(window, address);
        return { value };
      } catch (error) {
        const { name, code, sent, cause } = error as Outcome & { cause?: Error };
        return { name, code, sent, cause: cause?.name };
      }
    },
    [String(use), url],
  ) as Promise<Outcome>;
}

async function coded(coding: string, content: Uint8Array): Promise<string> {
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${content.length}\r\n\r\n`;
  const bytes = head + Buffer.from(content).toString('latin1');
  return (await newRawOrigin({ bytes, ending: 'close' })).url;
}

const LOAD_FAILED = { name: 'HTTPError', code: 'load_failed', sent: 'never', cause: 'TypeError' };

interface WithHttp {
  http: InstanceType<LazyWindow['PoolManager']>;
}

const uses: Record<string, Use> = {
  'request()': async (client, url) => (await (client as never as WithHttp).http.request('GET', url)).text(),
  'fields and JSON': async (client, url) => {
    const { http } = client as never as WithHttp;
    return JSON.parse(await (await http.request('POST', url, { json: 'said' })).text()).body;
  },
  'a form': async (client, url) => {
    const body = new FormData();
    body.set('name', 'said');
    const response = await (client as never as WithHttp).http.fetch(url, { method: 'POST', body });
    return (await response.text()).includes('said');
  },
  'TLS options': async (client, url) => {
    const { http } = client as never as WithHttp;
    return (await http.request('GET', url, { serverHostname: 'a.test' })).status;
  },
};

describe('a part that cannot be loaded is asked for again by', () => {
  test.for<[use: string, path: string, value: unknown]>([
    ['request()', '/hello', 'hello, world\n'],
    ['fields and JSON', '/echo', '"said"'],
    ['a form', '/echo', true],
    ['TLS options', '/hello', 200],
  ])('the next use of %s', async ([name, path, value], { gateway, origin }) => {
    const { server, page } = await openPage(gateway);
    const use = uses[name] as Use;
    // What it needs besides is here.
    if (name !== 'request()' && name !== 'a form')
      await outcome(page, uses['request()'] as Use, origin.url('/empty'));
    server.isDown = true;
    const asked = server.asked.length;
    const failed = await outcome(page, use, origin.url(path));
    expect(failed).toMatchObject(name === 'a form' ? { name: 'TypeError', cause: 'HTTPError' } : LOAD_FAILED);
    expect(server.asked.length).toBeGreaterThan(asked);
    server.isDown = false;
    expect(await outcome(page, use, origin.url(path))).toEqual({ value });
  });

  test.for<[coding: string, encode: (text: string) => Uint8Array]>([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['br', brotliCompressSync],
  ])('the next read of %s, of the same response', async ([coding, encode], { gateway, origin }) => {
    const { server, page } = await openPage(gateway);
    const url = await coded(coding, encode('content'));
    await outcome(page, uses['request()'] as Use, origin.url('/empty'));
    const begin: Use = async (client, address) => {
      const page = client as never as WithHttp & { response: unknown };
      page.response = await page.http.request('GET', address, { preloadContent: false });
    };
    const read: Use = async (client) =>
      new TextDecoder().decode(
        await (client as never as { response: { read(): Promise<Uint8Array> } }).response.read(),
      );
    expect(await outcome(page, begin, url)).toEqual({});
    server.isDown = true;
    expect(await outcome(page, read, url)).toEqual({ ...LOAD_FAILED, sent: 'always' });
    if (coding !== 'gzip') {
      // What all codings need is here now, and only the decoder is not.
      server.isDown = false;
      await outcome(page, uses['request()'] as Use, await coded('gzip', gzipSync('other')));
      server.isDown = true;
      expect(await outcome(page, read, url)).toEqual({
        name: 'DecodeError',
        code: 'decode_failed',
        sent: 'always',
        cause: 'LoadError',
      });
    }
    server.isDown = false;
    expect(await outcome(page, read, url)).toEqual({ value: 'content' });
  });
});
