import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';
import { type DemoConfig, DemoProcess } from '../support/demo-process.ts';
import { eventually, settled } from '../support/eventually.ts';

interface DownloadStatus {
  state: 'sending' | 'complete' | 'stopped';
  sentBytes: number;
  totalBytes: number;
}

let browser: Browser;

beforeAll(async () => {
  const executablePath = findChromium();
  browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
});

afterAll(() => browser.close());

describe('the demo page', () => {
  let demo: DemoProcess;
  let url: string;
  let config: DemoConfig;

  beforeAll(async () => {
    demo = new DemoProcess('--port', '0');
    url = await demo.url();
    config = await demo.config();
  }, 150_000);

  afterAll(() => demo.stop());

  test('connects, and its URL holds no secret', async () => {
    const page = await openPage(url);
    await page.locator('#session[data-state=connected]').waitFor();
    expect(await page.locator('#session').innerText()).toContain(config.gateway);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test('Go shows status, headers, timing and body', async () => {
    const page = await openPage(url);
    expect(await page.getByLabel('URL').inputValue()).toBe(`${config.origin}/hello`);
    await page.getByRole('button', { name: 'Go' }).click();
    await page.locator('#response[data-state=done]').waitFor();
    expect(await page.locator('#response-status').innerText()).toMatch(/^200\s+OK\s+HTTP\/1\.1$/);
    expect(JSON.parse(await page.locator('#body').innerText())).toMatchObject({
      message: 'Hello from the origin.',
      method: 'GET',
    });
    expect(await page.locator('#headers').innerText()).toMatch(/content-type\s+application\/json/);
    expect(await page.locator('#timing-legend').innerText()).toMatch(/head .+ ms.*body .+ ms.*ms in all/s);
  });

  test('sends method, headers and body as they are written, also those a browser forbids', async () => {
    const page = await openPage(url);
    await page.getByText('Headers and body').click();
    await page.getByLabel('Method').selectOption('PUT');
    await page.getByLabel('URL').fill(`${config.origin}/headers`);
    await page.getByLabel('Headers, one a line').fill('cookie: a=1\nx-twice: 1\nx-twice: 2');
    await page.getByRole('textbox', { name: 'Body' }).fill('{"sent": true}');
    await page.getByLabel('URL').press('Enter');
    await page.locator('#response[data-state=done]').waitFor();
    const echo = JSON.parse(await page.locator('#body').innerText());
    expect(echo).toMatchObject({ method: 'PUT', body: '{"sent": true}' });
    expect(echo.headers).toEqual(expect.arrayContaining(['cookie: a=1', 'x-twice: 1', 'x-twice: 2']));
  });

  test('an error tells its class, its code, and whether the origin knows', async () => {
    const page = await openPage(url);
    await page.getByRole('button', { name: 'Forbidden' }).click();
    await page.locator('#response[data-state=failed]').waitFor();
    const shown = await page.getByRole('alert').innerText();
    expect(shown).toContain('EgressDeniedError');
    expect(shown).toContain('destination_prohibited');
    expect(shown).toContain('never reached the origin');
  });

  test('a body that breaks off is an error beside what had arrived', async () => {
    const page = await openPage(url);
    await page.getByRole('button', { name: 'Cut short' }).click();
    await page.locator('#response[data-state=failed]').waitFor();
    const shown = await page.locator('#body').innerText();
    expect(shown).toContain('IncompleteRead');
    expect(shown).toContain('These are the first of 1000 bytes');
    expect(await page.locator('#response-status').innerText()).toContain('200');
  });

  test('cancelling a download stops the origin', async () => {
    const page = await openPage(url);
    const card = page.locator('#download-form');
    await card.getByLabel('1 GB').check();
    await card.getByRole('button', { name: 'Start' }).click();
    await eventually(async () => expect(await progress(page)).toBeGreaterThan(5_000_000));
    await card.getByRole('button', { name: 'Cancel' }).click();
    const status = await eventually(async () => {
      const { state, ...sizes } = await downloadStatus(config);
      expect(state).toBe('stopped');
      return sizes;
    });
    expect(status.totalBytes).toBe(1_000_000_000);
    expect(status.sentBytes).toBeLessThan(status.totalBytes);
    expect(await settled(async () => (await downloadStatus(config)).sentBytes)).toBe(status.sentBytes);
    const words = `The origin stopped after sending ${megabytes(status.sentBytes)} of 1.00 GB`;
    await card.getByText(words).waitFor();
  });

  test('an upload arrives whole', async () => {
    const page = await openPage(url);
    const card = page.locator('#upload-form');
    await card.getByLabel('10 MB').check();
    await card.getByRole('button', { name: 'Start' }).click();
    await card.getByText('Complete: the origin received all 10.0 MB.').waitFor();
  });

  test('the race ends with figures of both sides', async () => {
    const page = await openPage(url);
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText(/^This time .* Median of 5 rounds each/).waitFor();
    for (const lane of ['#race-hip', '#race-native']) {
      expect(await page.locator(`${lane} output`).innerText()).toMatch(/^[\d,]+ req\/s$/);
    }
  });

  test.each([
    ['a name that was made to point here', { host: 'attacker.example' }, 421],
    ['a request of another page', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('%s gets no token', async (_who, headers: Record<string, string>, status) => {
    const { port } = new URL(url);
    const host = headers['host'] === undefined ? {} : { host: `${headers['host']}:${port}` };
    const request = get(new URL('/config.json', url), { headers: { ...headers, ...host } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(status);
    expect(await text(response)).not.toContain(config.token);
  });
});

describe('npm start', () => {
  test('Ctrl-C ends everything, also in the middle of a download', async () => {
    const demo = started('--port', '0');
    const url = await demo.url();
    const config = await demo.config();
    const page = await openPage(url, { mayFail: true });
    await page.locator('#download-form').getByRole('button', { name: 'Start' }).click();
    await eventually(async () => expect(await progress(page)).toBeGreaterThan(0));
    demo.signal('SIGINT');
    expect(await demo.exitCode()).toBe(0);
    for (const used of [url, config.origin, config.gateway]) expect(await isRefused(used)).toBe(true);
  }, 150_000);

  test.skipIf(process.platform !== 'linux')(
    'a gateway that dies ends the demo, which says so',
    async () => {
      const demo = started('--port', '0');
      await demo.url();
      const [gateway, ...others] = demo.children();
      expect(others).toEqual([]);
      process.kill(gateway as number, 'SIGKILL');
      expect(await demo.exitCode()).toBe(1);
      expect(demo.stderr).toContain('The gateway ended by SIGKILL.');
    },
    150_000,
  );

  test('a port that is taken is an error that names it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const demo = started('--port', String(port));
    expect(await demo.exitCode()).toBe(1);
    expect(demo.stderr).toContain(`--port ${port} is taken`);
  });
});

function started(...args: string[]): DemoProcess {
  const demo = new DemoProcess(...args);
  onTestFinished(() => demo.stop());
  return demo;
}

/** A page on which nothing may go wrong unseen: no exception, no violation of its policy. */
async function openPage(url: string, { mayFail = false } = {}): Promise<Page> {
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  onTestFinished(async () => {
    await page.close();
    if (!mayFail) expect(problems).toEqual([]);
  });
  await page.goto(url);
  return page;
}

async function progress(page: Page): Promise<number> {
  return page.locator('#download-form progress').evaluate((bar) => (bar as HTMLProgressElement).value);
}

/** What the origin says about its latest download. */
async function downloadStatus({ origin }: DemoConfig): Promise<DownloadStatus> {
  return (await (await fetch(`${origin}/download/status`)).json()) as DownloadStatus;
}

function megabytes(bytes: number): string {
  const value = bytes / 1_000_000;
  return `${value.toFixed(value < 99.95 ? 1 : 0)} MB`;
}

async function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
