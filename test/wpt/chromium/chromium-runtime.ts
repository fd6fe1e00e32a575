import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium } from 'playwright';
import { findChromium } from '../../../scripts/find-chromium.ts';
import type { TunnelSetup } from '../node/node-runtime.ts';
import { type FileResults, failedFile, type TestRun, type TestRuntime } from '../results.ts';
import type { WptAddresses } from '../server/substitute.ts';

/** Time a page has before it is given up, in ms: its harness gives up before. */
const TIME_MS = { usual: 25_000, long: 80_000 };

/** The script that makes `fetch` ours in a page or a worker. */
export async function installScript(tunnel: TunnelSetup): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./install-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'error',
    define: { TUNNEL: JSON.stringify(tunnel), 'import.meta.url': '"http://localhost/"' },
  });
  return outputFiles[0]?.text ?? '';
}

/** Runs each file in a page of its own. */
export class ChromiumRuntime implements TestRuntime {
  readonly #addresses: WptAddresses;
  readonly #browser: Browser;
  readonly #context: BrowserContext;

  static async start(addresses: WptAddresses): Promise<ChromiumRuntime> {
    const executablePath = findChromium();
    const browser = await chromium.launch(executablePath === undefined ? {} : { executablePath });
    return new ChromiumRuntime(addresses, browser, await browser.newContext({ ignoreHTTPSErrors: true }));
  }

  private constructor(addresses: WptAddresses, browser: Browser, context: BrowserContext) {
    this.#addresses = addresses;
    this.#browser = browser;
    this.#context = context;
  }

  async run(test: TestRun): Promise<FileResults> {
    const { host, http, https, h2 } = this.#addresses;
    const ports = { http: http[0], https: https[0], h2 };
    const origin = `${test.server === 'http' ? 'http' : 'https'}://${host}:${ports[test.server]}`;
    const page = await this.#context.newPage();
    let timer: NodeJS.Timeout | undefined;
    try {
      let tell = (_: FileResults): void => {};
      const results = new Promise<FileResults>((resolve) => {
        tell = resolve;
      });
      await page.exposeFunction('reportResults', (told: FileResults) => tell(told));
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('crash', () => tell(failedFile('page crashed')));
      timer = setTimeout(
        () => tell(failedFile(['nothing was heard', ...errors].join('; '), 2)),
        test.isLong ? TIME_MS.long : TIME_MS.usual,
      );
      await page.goto(origin + test.page, { waitUntil: 'commit' });
      return await results;
    } finally {
      clearTimeout(timer);
      await page.close();
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
