import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, type ConsoleMessage, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';
import { bytesOf } from '../support/base64.ts';
import { contentBytes, sha256 } from '../support/content.ts';
import type { Gateway } from '../support/control.ts';
import { eventually, settled } from '../support/eventually.ts';
import { describeWith, newNginx, newOrigin, test } from '../support/fixtures.ts';
import { bundled, PageSite, type SiteFile } from '../support/page-site.ts';

// Pages in Chromium whose requests a service worker sends through the gateway. The origins here allow no page to read
// them: what a page can read has come through the gateway.

/** One red pixel. */
const PIXEL = bytesOf(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
);

/** Two seconds of silence: 8 bits, 8,000 Hz. */
const SOUND = silence(16_000);

let browser: Browser;

beforeAll(async () => {
  const executablePath = findChromium();
  browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
});

afterAll(() => browser?.close());

/** What a page of these tests has as globals. */
interface Globals {
  /** Resolves when the worker controls the page. */
  ready: Promise<unknown>;
  install(url: string, options?: object): Promise<unknown>;
}

const PAGE = '<!doctype html><title>page</title><script type="module" src="/page.js"></script>';

const PAGE_CODE = `
  import { installServiceWorker } from '@hip/client/service-worker';
  globalThis.install = (url, options) => installServiceWorker(url, options).then(({ scope }) => scope, (error) => String(error));
  globalThis.ready = install('/sw.js');
`;

/** What workers import, as globals of theirs: bundled once for all tests. */
const WORKER_IMPORTS = `
  import { IdentityStore } from '@hip/client/identity-store';
  import { routeThroughHip } from '@hip/client/service-worker';
  Object.assign(globalThis, { IdentityStore, routeThroughHip });
`;

let pageScript: Promise<string> | undefined;
let workerScript: Promise<string> | undefined;

/** A worker's script: the call is all that it has of its own. */
async function workerOf(gateway: Gateway, setup: Setup): Promise<string> {
  workerScript ??= bundled(WORKER_IMPORTS);
  return `${await workerScript}\n${workerCall(gateway, setup)}`;
}

function workerCall(gateway: Gateway, { origins, more = '' }: Setup): string {
  return `
    const token = async () => (await fetch('/token.txt')).text();
    routeThroughHip({ gateway: '${gateway.url}', token, origins: ${origins}, ${more} });
  `;
}

interface Setup {
  /** JavaScript of the `origins` option. */
  origins: string;
  /** JavaScript of further options. */
  more?: string;
  files?: Record<string, SiteFile>;
}

interface Visit {
  site: PageSite;
  context: BrowserContext;
  page: Page;
}

/** A page that the worker controls. */
async function visit(gateway: Gateway, setup: Setup): Promise<Visit> {
  pageScript ??= bundled(PAGE_CODE);
  const site = await newSite({
    '/': PAGE,
    '/page.js': await pageScript,
    '/sw.js': await workerOf(gateway, setup),
    '/token.txt': gateway.token,
    ...setup.files,
  });
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(site.url('/'));
  expect(await page.evaluate(() => (globalThis as unknown as Globals).ready)).toBe(site.url('/'));
  return { site, context, page };
}

async function newSite(files: Record<string, SiteFile>): Promise<PageSite> {
  const site = await PageSite.start(files);
  onTestFinished(() => site.stop());
  return site;
}

/** A site of others, with a picture, a script and a sound, that allows no page to read it. */
function newAssets(): Promise<PageSite> {
  return newSite({
    '/pixel.png': PIXEL,
    '/script.js': 'globalThis.loadedScript = document.currentScript.src;',
    '/sound.wav': ranged(SOUND),
    '/secret.txt': 'secret',
    '/same-site.png': (_request, response) => {
      response.setHeader('content-type', 'image/png');
      response.setHeader('cross-origin-resource-policy', 'same-origin');
      response.end(PIXEL);
    },
    '/packed.txt': (_request, response) => {
      const content = gzipSync('packed '.repeat(1_000));
      response.setHeader('content-encoding', 'gzip');
      response.setHeader('content-length', content.length);
      response.end(content);
    },
    '/open.txt': (request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.end(`origin: ${request.headers.origin}`);
    },
  });
}

describe('a page whose worker routes chosen origins', () => {
  test('reads them by fetch and XHR, across a reload', async ({ gateway, origin }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']` });
    for (const _ of ['first visit', 'reloaded']) {
      const got = await page.evaluate(async (url) => {
        const response = await fetch(url, { headers: { 'x-own': 'field' } });
        const { status, redirected } = response;
        return { status, redirected, url: response.url, echo: await response.json() };
      }, origin.url('/echo?by=fetch#fragment'));
      expect(got).toMatchObject({ status: 200, redirected: false, url: origin.url('/echo?by=fetch') });
      expect(got.echo).toMatchObject({ method: 'GET', target: '/echo?by=fetch' });
      expect(got.echo.rawHeaders).toEqual(expect.arrayContaining(['x-own', 'field']));
      const xhr = await page.evaluate(
        (url) =>
          new Promise<{ status: number; type: string | null; text: string }>((resolve, reject) => {
            const request = new XMLHttpRequest();
            request.open('PUT', url);
            request.onload = () =>
              resolve({
                status: request.status,
                type: request.getResponseHeader('content-type'),
                text: request.responseText,
              });
            request.onerror = () => reject(new Error('XHR failed'));
            request.send('by XHR');
          }),
        origin.url('/echo'),
      );
      expect(xhr).toMatchObject({ status: 200, type: 'application/json' });
      expect(JSON.parse(xhr.text)).toMatchObject({ method: 'PUT', body: 'by XHR' });
      await page.reload();
      await page.evaluate(() => (globalThis as unknown as Globals).ready);
    }
  });

  test('shows pictures and runs scripts that stand in its HTML', async ({ gateway }) => {
    const assets = await newAssets();
    const { page, site } = await visit(gateway, { origins: `['${assets.origin}']` });
    const requestsBefore = assets.requests.length;
    site.files.set(
      '/album/',
      `<!doctype html><img src="${assets.url('/pixel.png')}"><script src="${assets.url('/script.js')}"></script>`,
    );
    for (const _ of ['first visit', 'reloaded']) {
      await page.goto(site.url('/album/'));
      const pixel = await page.evaluate(() => {
        const image = document.querySelector('img') as HTMLImageElement;
        const canvas = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
        canvas.drawImage(image, 0, 0);
        // A picture of another origin that the browser has fetched itself could not be read.
        return [image.naturalWidth, ...canvas.getImageData(0, 0, 1, 1).data];
      });
      expect(pixel).toEqual([1, 255, 0, 0, 255]);
      const script = await page.evaluate(() => (globalThis as { loadedScript?: string }).loadedScript);
      expect(script).toBe(assets.url('/script.js'));
    }
    expect(assets.requests.slice(requestsBefore)).toContain('GET /pixel.png');
  });

  test('reads what it asked for without CORS, whatever policy the origin has for its resources', async ({
    gateway,
  }) => {
    const assets = await newAssets();
    const { page } = await visit(gateway, { origins: `['${assets.origin}']` });
    const got = await page.evaluate(
      async ([secret, picture]) => {
        const image = new Image();
        const shown = new Promise((resolve) => {
          image.onload = () => resolve('shown');
          image.onerror = () => resolve('blocked');
        });
        image.src = picture;
        return [await (await fetch(secret, { mode: 'no-cors' })).text(), await shown];
      },
      [assets.url('/secret.txt'), assets.url('/same-site.png')] as const,
    );
    expect(got).toEqual(['secret', 'shown']);
  });

  test('gets a response as it arrives, and stops the origin where it stops to read', async ({
    gateway,
    origin,
  }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']` });
    const first = await page.evaluate(async (url) => {
      const reader = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader();
      Object.assign(globalThis, { reader });
      return (await reader?.read())?.value;
    }, origin.url('/held-body/streamed'));
    expect(first).toBe('first ');
    expect((await origin.request('/held-body')).outcome).toBe('open');
    await origin.release('streamed');
    const rest = await page.evaluate(async () => {
      const { reader } = globalThis as unknown as { reader: ReadableStreamDefaultReader<string> };
      return [(await reader.read()).value, (await reader.read()).done];
    });
    expect(rest).toEqual(['second', true]);

    await page.evaluate(async (url) => {
      const aborter = new AbortController();
      await fetch(url, { signal: aborter.signal });
      aborter.abort();
    }, origin.url('/never-end'));
    await eventually(async () => expect((await origin.request('/never-end')).outcome).toBe('aborted'));
  });

  test('that stops to read holds the origin back', async ({ gateway, origin }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']` });
    await page.evaluate(async (url) => {
      const response = await fetch(url);
      Object.assign(globalThis, { response });
    }, origin.url('/bytes/1000000000'));
    await eventually(async () => expect((await origin.request('/bytes')).sentBytes).toBeGreaterThan(0));
    const sentBytes = await settled(async () => (await origin.request('/bytes')).sentBytes);
    // Chromium itself holds about 60 MB of what a worker answers, and 80 MB of what comes without one.
    expect(sentBytes).toBeLessThan(200_000_000);
    expect((await origin.request('/bytes')).outcome).toBe('open');
  });

  test('uploads what it has: bytes arrive whole, small ones with their length', async ({
    gateway,
    origin,
  }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']` });
    const echoes = await page.evaluate(async (url) => {
      const form = new FormData();
      form.append('field', 'value');
      const bodies = ['text', new Uint8Array(3), '', new URLSearchParams('a=1'), form];
      const echoes: { rawHeaders: string[]; body: string }[] = [];
      for (const body of bodies) echoes.push(await (await fetch(url, { method: 'POST', body })).json());
      return echoes;
    }, origin.url('/echo'));
    for (const { rawHeaders, body } of echoes)
      expect(fieldOf(rawHeaders, 'content-length')).toBe(String(body.length));
    expect(echoes.map(({ rawHeaders }) => fieldOf(rawHeaders, 'content-type'))).toEqual([
      'text/plain;charset=UTF-8',
      undefined,
      'text/plain;charset=UTF-8',
      'application/x-www-form-urlencoded;charset=UTF-8',
      expect.stringMatching(/^multipart\/form-data; boundary=/),
    ]);
    const withFile = await page.evaluate(async (url) => {
      const form = new FormData();
      form.append('file', new File(['content'], 'file.txt'));
      return (await fetch(url, { method: 'POST', body: form })).json() as Promise<{ body: string }>;
    }, origin.url('/echo'));
    expect(withFile.body).toMatch(/filename="file\.txt"[\s\S]*content/);

    const total = 5_000_000;
    for (const kind of ['bytes', 'file']) {
      const received = await page.evaluate(
        async ([url, origin, kind]) => {
          const content = await (await fetch(origin)).blob();
          const body = kind === 'bytes' ? await content.arrayBuffer() : new File([content], 'large');
          return (await fetch(url, { method: 'PUT', body })).json();
        },
        [origin.url(`/upload/${kind}`), origin.url(`/bytes/${total}`), kind] as const,
      );
      expect(received).toEqual({ receivedBytes: total, receivedSha256: await sha256(contentBytes(total)) });
    }
  });

  test('streams an upload while it is written', async ({ gateway, origin }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']` });
    await page.evaluate((url) => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const init = { method: 'POST', body: readable, duplex: 'half' };
      const answer = fetch(url, init).then((response) => response.json());
      Object.assign(globalThis, { writer, answer });
      return writer.write(new Uint8Array(10));
    }, origin.url('/upload'));
    await eventually(async () => expect((await origin.request('/upload')).receivedBytes).toBe(10));
    const answer = await page.evaluate(async () => {
      const { writer, answer } = globalThis as unknown as {
        writer: WritableStreamDefaultWriter<Uint8Array>;
        answer: Promise<unknown>;
      };
      await writer.write(new Uint8Array(5));
      await writer.close();
      return answer;
    });
    expect(answer).toMatchObject({ receivedBytes: 15 });
  });

  test('bufferUploads gives every upload its length', async ({ gateway, origin }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']`, more: 'bufferUploads: true' });
    await page.evaluate(
      (url) => fetch(url, { method: 'PUT', body: new File([new Uint8Array(3_000_000)], 'large') }),
      origin.url('/upload'),
    );
    const { rawHeaders, receivedBytes } = await origin.request('/upload');
    expect([fieldOf(rawHeaders, 'content-length'), receivedBytes]).toEqual(['3000000', 3_000_000]);
  });

  test('plays sound that it asks for in parts', async ({ gateway }) => {
    const assets = await newAssets();
    const { page } = await visit(gateway, { origins: `['${assets.origin}']` });
    const part = await page.evaluate(async (url) => {
      const response = await fetch(url, { headers: { range: 'bytes=0-3' } });
      return [response.status, response.headers.get('content-range'), await response.text()];
    }, assets.url('/sound.wav'));
    expect(part).toEqual([206, `bytes 0-3/${SOUND.length}`, 'RIFF']);
    const seconds = await page.evaluate(
      (url) =>
        new Promise((resolve, reject) => {
          const audio = new Audio(url);
          audio.onerror = () => reject(new Error(audio.error?.message));
          audio.onseeked = () => resolve([audio.duration, audio.currentTime]);
          audio.onloadedmetadata = () => {
            audio.currentTime = 1;
          };
        }),
      assets.url('/sound.wav'),
    );
    expect(seconds).toEqual([2, 1]);
  });

  test('sends what its browser would: referer, languages, name', async ({ gateway, origin }) => {
    const more = `headers: { 'x-operator': 'added', accept: 'not this' }`;
    const { page, site } = await visit(gateway, { origins: `['${origin.url('')}']`, more });
    await page.evaluate((url) => fetch(url, { headers: { accept: 'text/x-page' } }), origin.url('/hello'));
    const { rawHeaders } = await origin.request('/hello');
    const sent = Object.fromEntries(
      ['referer', 'accept', 'accept-language', 'x-operator', 'origin', 'cookie'].map((name) => [
        name,
        fieldOf(rawHeaders, name),
      ]),
    );
    expect(sent).toEqual({
      referer: site.url('/'),
      accept: 'text/x-page',
      'accept-language': expect.stringMatching(/^en-US/),
      'x-operator': 'added',
      origin: undefined,
      cookie: undefined,
    });
    expect(fieldOf(rawHeaders, 'user-agent')).toContain('Chrome/');
  });

  test('content is decoded, and its length is not that of something else', async ({ gateway }) => {
    const assets = await newAssets();
    const { page } = await visit(gateway, { origins: `['${assets.origin}']` });
    const got = await page.evaluate(async (url) => {
      const response = await fetch(url);
      const { headers } = response;
      return [(await response.text()).length, headers.get('content-encoding'), headers.get('content-length')];
    }, assets.url('/packed.txt'));
    expect(got).toEqual([7_000, null, null]);
  });

  test('null bodies, statuses and cookies are as a page expects them', async ({ gateway, origin }) => {
    const { page } = await visit(gateway, { origins: `['${origin.url('')}']` });
    const got = await page.evaluate(
      async ([hello, missing, none, cookies]) => {
        const head = await fetch(hello, { method: 'HEAD' });
        const notFound = await fetch(missing);
        const empty = await fetch(none);
        const withCookies = await fetch(cookies);
        return {
          head: [head.status, head.headers.get('content-length'), await head.text()],
          notFound: [notFound.status, notFound.statusText, await notFound.text()],
          empty: [empty.status, await empty.text()],
          cookies: [withCookies.status, withCookies.headers.get('set-cookie'), document.cookie],
        };
      },
      ['/hello', '/status/404?reason=Gone+fishing', '/status/204', '/set-cookies'].map((path) =>
        origin.url(path),
      ) as [string, string, string, string],
    );
    expect(got).toEqual({
      head: [200, '13', ''],
      notFound: [404, 'Gone fishing', 'status 404\n'],
      empty: [204, ''],
      cookies: [200, null, ''],
    });
  });
});

describe('what the worker leaves to the browser', () => {
  test('origins that were not chosen', async ({ gateway, origin }) => {
    const assets = await newAssets();
    const { page, site } = await visit(gateway, { origins: `['${origin.url('')}']` });
    const got = await page.evaluate(
      async ([open, secret]) => [
        await (await fetch(open)).text(),
        await fetch(secret).then(
          () => 'readable',
          ({ name }: Error) => name,
        ),
        (await fetch(secret, { mode: 'no-cors' })).type,
        await (await fetch('/token.txt')).text(),
      ],
      [assets.url('/open.txt'), assets.url('/secret.txt')] as const,
    );
    expect(got).toEqual([`origin: ${site.origin}`, 'TypeError', 'opaque', gateway.token]);
    expect(await origin.requests()).toEqual([]);
  });

  test('redirects: those to a chosen origin come back to it, the others get nothing that was not theirs', async ({
    gateway,
    origin,
  }) => {
    const assets = await newAssets();
    const other = await newOrigin();
    const { page, site } = await visit(gateway, { origins: `['${origin.url('')}', '${other.url('')}']` });
    const to = (url: string, status = 302): string =>
      origin.url(`/redirect/${status}?to=${encodeURIComponent(url)}`);
    const got = await page.evaluate(
      async ([chosen, again, open, secret]) => {
        const outcome = async (url: string, init?: RequestInit) =>
          fetch(url, init).then(
            async (response) => [response.type, response.redirected, response.url, await response.text()],
            ({ name }: Error) => [name],
          );
        const posted = await fetch(again, { method: 'POST', body: 'once more' });
        return {
          chosen: (await outcome(chosen)).slice(1),
          posted: (await posted.json()).body,
          open: await outcome(open),
          secret: await outcome(secret),
          opaque: await outcome(secret, { mode: 'no-cors' }),
          manual: (await outcome(chosen, { redirect: 'manual' })).slice(0, 2),
          error: await outcome(chosen, { redirect: 'error' }),
        };
      },
      [
        to(other.url('/hello')),
        to(other.url('/echo'), 307),
        to(assets.url('/open.txt')),
        to(assets.url('/secret.txt')),
      ] as const,
    );
    expect(got).toEqual({
      chosen: [true, other.url('/hello'), 'hello, world\n'],
      posted: 'once more',
      // As the Fetch standard has it for a redirect across origins.
      open: ['cors', true, assets.url('/open.txt'), expect.stringMatching(/^origin: /)],
      secret: ['TypeError'],
      opaque: ['opaque', false, '', ''],
      manual: ['opaqueredirect', false],
      error: ['TypeError'],
    });
    expect(site.requests).not.toContain('GET /hello');
  });

  test('navigations, unless they are to be routed', async ({ gateway }) => {
    const files = {
      '/routed': (request: IncomingMessage, response: ServerResponse) => routedOrNot(request, response),
    };
    const more = `headers: { 'x-routed': 'yes' }`;
    const { page, site } = await visit(gateway, {
      origins: '(url) => url.pathname === "/routed"',
      more,
      files,
    });
    await page.goto(site.url('/routed'));
    expect(await page.locator('body').innerText()).toBe('not routed');
    expect(await page.evaluate(async () => (await fetch('/routed')).text())).toContain('is routed');

    const second = await visit(gateway, {
      origins: '(url) => url.pathname === "/routed"',
      more: `${more}, navigations: true`,
      files,
    });
    await second.page.goto(second.site.url('/routed'));
    expect(await second.page.locator('body').innerText()).toBe('is routed');
  });
});

describe('when something fails', () => {
  test('the page gets a network error, the worker tells why, and no secret', async ({ gateway, origin }) => {
    const { page, context } = await visit(gateway, { origins: `['http://10.0.0.1', '${origin.url('')}']` });
    const told: string[] = [];
    context.on('console', (message: ConsoleMessage) => told.push(message.text()));
    const names = await page.evaluate(
      (urls) =>
        Promise.all(
          urls.map((url) =>
            fetch(url).then(
              async (response) => response.text().catch(({ name }: Error) => `body: ${name}`),
              ({ name }: Error) => name,
            ),
          ),
        ),
      ['http://10.0.0.1/path?canary-1', origin.url('/head-then-reset?canary-2')],
    );
    expect(names).toEqual(['TypeError', 'body: TypeError']);
    await eventually(() => {
      expect(told.join('\n')).toContain('hip: GET http://10.0.0.1/path failed: EgressDeniedError');
      expect(told.join('\n')).toMatch(/hip: GET .*\/head-then-reset failed: \w+/);
    });
    expect(told.filter((text) => text.startsWith('hip:') && text.includes('canary'))).toEqual([]);
    expect(told.join('\n')).not.toContain(gateway.token);
  });

  test('a choice that fails lets nothing past the gateway', async ({ gateway }) => {
    const assets = await newAssets();
    const origins = `(url) => { if (url.pathname === '/open.txt') throw new Error('choice'); return false; }`;
    const { page } = await visit(gateway, { origins });
    const name = await page.evaluate(
      (url) => fetch(url).catch(({ name }: Error) => name),
      assets.url('/open.txt'),
    );
    expect(name).toBe('TypeError');
    expect(assets.requests).not.toContain('GET /open.txt');
  });

  test.for<[what: string, options: string]>([
    ['an origin with a path', `origins: ['https://api.example/v1']`],
    ['an option that there is not', `origins: ['https://api.example'], orgins: []`],
    ['no origin', ''],
  ])('%s keeps the worker from being registered', async ([, options], { gateway }) => {
    const { page, site } = await visit(gateway, { origins: `['http://10.0.0.1']` });
    const call = `routeThroughHip({ gateway: '${gateway.url}', ${options} });`;
    workerScript ??= bundled(WORKER_IMPORTS);
    site.files.set('/wrong.js', `${await workerScript}\n${call}`);
    const outcome = await page.evaluate(() => (globalThis as unknown as Globals).install('/wrong.js'));
    expect(outcome).toMatch(/^TypeError: .*ServiceWorker script evaluation failed/);
  });

  test('a worker that is not one file says so when it is installed', async ({ gateway }) => {
    const { page, site } = await visit(gateway, { origins: `['http://10.0.0.1']` });
    const code = `import { routeThroughHip } from '@hip/client/service-worker';
      ${workerCall(gateway, { origins: `['http://10.0.0.2']` })}`;
    site.files.set('/split.js', await bundled(code, { split: true }));
    const outcome = await page.evaluate(() => (globalThis as unknown as Globals).install('/split.js'));
    expect(outcome).toMatch(/InvalidRequestError: the service worker .*split\.js could not be installed/);
  });

  test('a page outside the scope is told so', async ({ gateway }) => {
    const { page, site } = await visit(gateway, { origins: `['http://10.0.0.1']` });
    site.files.set('/below/sw.js', site.files.get('/sw.js') as string);
    const outcome = await page.evaluate(() => (globalThis as unknown as Globals).install('/below/sw.js'));
    expect(outcome).toMatch(/InvalidRequestError: scope must have this page in it, got .*\/below\//);
  });
});

describe('the life of the worker', () => {
  test('one that was ended starts again, with a new session and the connections of the old one', async ({
    gateway,
    origin,
  }) => {
    const { page, context, site } = await visit(gateway, { origins: `['${origin.url('')}']` });
    const get = (): Promise<string> =>
      page.evaluate(async (url) => (await fetch(url)).text(), origin.url('/hello'));
    expect(await get()).toBe('hello, world\n');
    const tokens = (): number => site.requests.filter((line) => line === 'GET /token.txt').length;
    expect(tokens()).toBe(1);
    const cdp = await context.newCDPSession(page);
    await cdp.send('ServiceWorker.enable');
    await cdp.send('ServiceWorker.stopAllWorkers');
    expect(await get()).toBe('hello, world\n');
    expect(tokens()).toBe(2);
    expect((await origin.counts()).connectionsOpened).toBe(1);
  });

  test('a page that was loaded past it gets it back', async ({ gateway, origin }) => {
    const { page, context } = await visit(gateway, { origins: `['${origin.url('')}']` });
    const cdp = await context.newCDPSession(page);
    await Promise.all([page.waitForEvent('load'), cdp.send('Page.reload', { ignoreCache: true })]);
    expect(await page.evaluate(() => (globalThis as unknown as Globals).ready)).toMatch(/^http/);
    expect(await page.evaluate(async (url) => (await fetch(url)).text(), origin.url('/hello'))).toBe(
      'hello, world\n',
    );
  });

  test('a newer one takes over from it', async ({ gateway, origin }) => {
    const { page, site } = await visit(gateway, {
      origins: `['${origin.url('')}']`,
      more: `headers: { 'x-version': '1' }`,
    });
    const version = async (): Promise<string | undefined> => {
      const { rawHeaders } = await page.evaluate(
        async (url) => (await fetch(url)).json(),
        origin.url('/echo'),
      );
      return fieldOf(rawHeaders, 'x-version');
    };
    expect(await version()).toBe('1');
    const newer = { origins: `['${origin.url('')}']`, more: `headers: { 'x-version': '2' }` };
    site.files.set('/sw.js', await workerOf(gateway, newer));
    await page.reload();
    await eventually(async () => expect(await version()).toBe('2'));
  });
});

const describeNginx = await describeWith('nginx', 'openssl');

describeNginx('with stored credentials', () => {
  test('a page reaches an origin that wants a certificate, once there is one', async ({ gateway, pki }) => {
    const nginx = await newNginx({ clientCertificates: 'required' });
    const { alice } = pki.clients;
    const { site, page } = await visit(gateway, {
      origins: `['${new URL(nginx.url()).origin}']`,
      more: `caCerts: ${JSON.stringify(pki.root.certificate)}, more: () => new IdentityStore().get('alice')`,
    });
    site.files.set(
      '/import.js',
      await bundled(`import { IdentityStore } from '@hip/client/identity-store';
        globalThis.store = new IdentityStore();`),
    );
    const subject = (): Promise<unknown> =>
      page.evaluate(
        (url) =>
          fetch(url).then(
            async (response) => (await response.json()).clientSubject,
            ({ name }: Error) => name,
          ),
        nginx.url(),
      );
    expect(await subject()).toBe('TypeError');
    await page.addScriptTag({ url: '/import.js', type: 'module' });
    await page.evaluate(
      async ([certFile, keyFile]) => {
        const { store } = globalThis as unknown as {
          store: { import(name: string, options: object): Promise<void> };
        };
        await store.import('alice', { certFile, keyFile });
      },
      [alice.chain, alice.key] as const,
    );
    expect(await subject()).toBe('CN=alice');
    await page.reload();
    expect(await subject()).toBe('CN=alice');
  });
});

/** The value of a field among those that came. */
function fieldOf(rawHeaders: readonly string[], name: string): string | undefined {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

function routedOrNot(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><body>${request.headers['x-routed'] === 'yes' ? 'is routed' : 'not routed'}`);
}

/** Answers a range of one part (RFC 9110 §14.2). */
function ranged(content: Uint8Array): SiteFile {
  return (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    response.setHeader('content-type', 'audio/wav');
    response.setHeader('accept-ranges', 'bytes');
    if (from === undefined) return void response.end(content);
    const last = to === '' ? content.length - 1 : Number(to);
    response.setHeader('content-range', `bytes ${from}-${last}/${content.length}`);
    response.writeHead(206).end(content.subarray(Number(from), last + 1));
  };
}

/** A WAV file of so many samples. */
function silence(samples: number): Uint8Array {
  const bytes = Buffer.alloc(44 + samples, 0x80);
  bytes.write('RIFF    WAVEfmt ', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples, 4);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8_000, 24);
  bytes.writeUInt32LE(8_000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(samples, 40);
  return bytes;
}
