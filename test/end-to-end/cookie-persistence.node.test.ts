import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';
import { test } from '../support/fixtures.ts';
import { type PageServer, servePage } from '../support/page-server.ts';
import type { CookiePage } from '../support/pages/cookie-page.ts';

// A jar that is kept in the browser, in real tabs that are reloaded and closed.

type Call = { [Name in keyof CookiePage]: [Name, ...Parameters<CookiePage[Name]>] }[keyof CookiePage];

const executablePath = findChromium();
const launchOptions = executablePath === undefined ? {} : { executablePath };
const SITE = 'https://shop.example/';

let browser: Browser;
let server: PageServer;

beforeAll(async () => {
  browser = await chromium.launch(launchOptions);
  const script = (name: string): string =>
    fileURLToPath(new URL(`../support/pages/${name}`, import.meta.url));
  server = await servePage({ 'page.js': script('cookie-page.ts'), 'worker.js': script('cookie-worker.ts') });
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context;
}

async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url);
  return page;
}

/** Calls {@link CookiePage} in a tab. */
async function ask<C extends Call>(page: Page, ...call: C): Promise<Awaited<ReturnType<CookiePage[C[0]]>>> {
  const answer: unknown = await page.evaluate(async ([name, ...args]) => {
    const { cookiePage } = globalThis as unknown as {
      cookiePage: Record<string, (...all: unknown[]) => unknown>;
    };
    return await cookiePage[name as string]?.(...args);
  }, call as unknown[]);
  return answer as Awaited<ReturnType<CookiePage[C[0]]>>;
}

describe('a jar that is kept', () => {
  test('has its cookies after a reload, those of the session as well', async ({ gateway, origin }) => {
    const page = await openTab(await newContext());
    const { url, token } = gateway;
    const target = { gateway: url, token };
    const set = new URLSearchParams([
      ['set', 'sid=1; HttpOnly'],
      ['set', 'keep=2; Max-Age=600'],
      ['set', 'gone=3; Max-Age=0'],
    ]);
    await ask(page, 'get', target, 'a', origin.url(`/cookies?${set}`));
    expect(await ask(page, 'get', target, 'a', origin.url('/cookies'))).toBe('sid=1; keep=2');
    await page.reload();
    expect(await ask(page, 'get', target, 'a', origin.url('/cookies'))).toBe('sid=1; keep=2');
    await page.goto('about:blank');
    await page.goBack();
    expect(await ask(page, 'get', target, 'a', origin.url('/cookies'))).toBe('sid=1; keep=2');
    expect(await ask(page, 'get', target, 'b', origin.url('/cookies'))).toBe('');
  });

  test('is one jar in all tabs: none undoes what another does', async () => {
    const context = await newContext();
    const tabs = [await openTab(context), await openTab(context), await openTab(context)];
    await Promise.all(
      tabs.map((tab, t) =>
        ask(
          tab,
          'set',
          'a',
          SITE,
          Array.from({ length: 20 }, (_, i) => `c${t}-${i}=1`),
        ),
      ),
    );
    for (const tab of tabs) {
      expect((await ask(tab, 'cookies', 'a', SITE)).split('; ')).toHaveLength(60);
    }
    // At once, without a reload.
    await ask(tabs[0] as Page, 'set', 'a', SITE, ['c0-0=new', 'c1-1=; Max-Age=0']);
    const seen = await ask(tabs[2] as Page, 'cookies', 'a', SITE);
    expect(seen).toContain('c0-0=new');
    expect(seen).not.toContain('c1-1=');
    await ask(tabs[1] as Page, 'clear', 'a', 'https://www.shop.example/');
    expect(await ask(tabs[0] as Page, 'cookies', 'a', SITE)).toBe('');
  });

  test('loses the cookies of a session with the last tab, not before', async () => {
    const context = await newContext();
    const first = await openTab(context);
    await ask(first, 'set', 'a', SITE, ['sid=1', 'keep=2; Max-Age=600']);
    const second = await openTab(context);
    expect(await ask(second, 'cookies', 'a', SITE)).toBe('sid=1; keep=2');
    await first.close();
    const third = await openTab(context);
    expect(await ask(third, 'cookies', 'a', SITE)).toBe('sid=1; keep=2');
    await second.close();
    await third.close();
    const fourth = await openTab(context);
    await fourth.waitForFunction(async () => (await navigator.locks.query()).held?.length === 0);
    expect(await ask(fourth, 'cookies', 'a', SITE)).toBe('keep=2');
  });

  test('loses them when the browser is closed, and nothing else', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'hip-profile-'));
    onTestFinished(() => rmSync(profile, { recursive: true, force: true }));
    const before = await chromium.launchPersistentContext(profile, launchOptions);
    await ask(await openTab(before), 'set', 'a', SITE, ['sid=1', 'keep=2; Max-Age=600']);
    await before.close();
    const after = await chromium.launchPersistentContext(profile, launchOptions);
    onTestFinished(() => after.close());
    expect(await ask(await openTab(after), 'cookies', 'a', SITE)).toBe('keep=2');
  });

  test('has never more than are kept of a site and in all', async () => {
    const page = await openTab(await newContext());
    await ask(page, 'set', 'a', 'https://mine.example/', ['sid=1']);
    const most = await page.evaluate(async () => {
      const { CookieJar } = (
        globalThis as unknown as { hip: { CookieJar: typeof import('@hip/client/cookies').CookieJar } }
      ).hip;
      const jar = new CookieJar({ persistAs: 'a' });
      const lines = Array.from({ length: 200 }, (_, i) => `c${i}=${'v'.repeat(10)}`);
      for (let site = 0; site < 20; site++) await jar.setCookies(lines, `https://hostile${site}.test/`);
      return (await jar.getAllCookies()).length;
    });
    expect(most).toBe(3_000);
    const counts = await ask(page, 'count', 'a');
    expect(counts['mine.example']).toBe(1);
    expect(Math.max(...Object.values(counts))).toBeLessThanOrEqual(180);
  });

  test('takes nothing from its database that is no cookie', async () => {
    const page = await openTab(await newContext());
    await ask(page, 'set', 'a', SITE, ['good=1; Max-Age=600']);
    await page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const opening = indexedDB.open('hip-cookies:a');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const transaction = opening.result.transaction('sites', 'readwrite');
            const sites = transaction.objectStore('sites');
            const reading = sites.get('shop.example');
            reading.onsuccess = () => {
              const bad = { ...reading.result[0], name: 'bad', value: '1\r\nx-injected: 1' };
              sites.put([...reading.result, bad, null, 'text'], 'shop.example');
              sites.put('no list', 'other.example');
            };
            transaction.oncomplete = () => {
              opening.result.close();
              resolve();
            };
          };
        }),
    );
    await page.reload();
    expect(await ask(page, 'cookies', 'a', SITE)).toBe('good=1');
    expect(await ask(page, 'cookies', 'a', 'https://other.example/')).toBe('');
    await ask(page, 'set', 'a', SITE, ['next=2']);
    expect(await ask(page, 'count', 'a')).toEqual({ 'shop.example': 2 });
  });
});

describe('a jar of a service worker', () => {
  /** Calls {@link CookiePage} in the worker. */
  function askWorker(page: Page, ...call: Call): Promise<unknown> {
    return page.evaluate(async (data) => {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => {
        port1.onmessage = (event) => resolve(event.data);
      });
      active?.postMessage(data, [port2]);
      return answer;
    }, call);
  }

  async function stopWorkers(page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const stopped = new Promise<void>((resolve) => {
      session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
        if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve();
      });
    });
    await session.send('ServiceWorker.enable');
    await session.send('ServiceWorker.stopAllWorkers');
    await stopped;
  }

  test('has the cookies of its session as long as there are pages, though it stops', async () => {
    const context = await newContext();
    const first = await openTab(context);
    await first.evaluate(() => navigator.serviceWorker.register('/worker.js', { type: 'module' }));
    await askWorker(first, 'set', 'worker', SITE, ['sid=1', 'keep=2; Max-Age=600']);
    await stopWorkers(first);
    expect(await askWorker(first, 'cookies', 'worker', SITE)).toBe('sid=1; keep=2');
    await first.reload();
    await stopWorkers(first);
    await first.reload();
    expect(await askWorker(first, 'cookies', 'worker', SITE)).toBe('sid=1; keep=2');
    const outside = await context.newPage();
    await first.close();
    await stopWorkers(outside);
    const second = await openTab(context);
    expect(await askWorker(second, 'cookies', 'worker', SITE)).toBe('keep=2');
  });
});

describe('where the browser keeps nothing', () => {
  test('persistAs is refused at once', async () => {
    for (const missing of ['indexedDB', 'isSecureContext']) {
      const context = await newContext();
      await context.addInitScript((name) => {
        const target = name === 'indexedDB' ? globalThis : navigator;
        Object.defineProperty(target, name === 'indexedDB' ? name : 'locks', { value: undefined });
      }, missing);
      const page = await openTab(context);
      await expect(ask(page, 'cookies', 'a', SITE)).rejects.toThrow(
        /persistAs needs IndexedDB and Web Locks/,
      );
    }
  });

  test('a request fails that needs its cookies, in words that say why; the next one tries again', async ({
    gateway,
    origin,
  }) => {
    const context = await newContext();
    await context.addInitScript(() => {
      const open = IDBFactory.prototype.open;
      Object.assign(globalThis, { allow: () => Object.assign(IDBFactory.prototype, { open }) });
      IDBFactory.prototype.open = () => {
        throw new DOMException('denied', 'SecurityError');
      };
    });
    const page = await openTab(context);
    const target = { gateway: gateway.url, token: gateway.token };
    await expect(ask(page, 'get', target, 'a', origin.url('/cookies'))).rejects.toThrow(
      /persistAs cannot be honoured: the browser does not let this page keep cookies/,
    );
    expect(await origin.requests()).toEqual([]);
    await page.evaluate(() => (globalThis as unknown as { allow(): void }).allow());
    expect(await ask(page, 'get', target, 'a', origin.url('/cookies?set=a=1'))).toBe('');
    expect(await ask(page, 'get', target, 'a', origin.url('/cookies'))).toBe('a=1');
  });
});
