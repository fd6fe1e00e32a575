import { Worker } from 'node:worker_threads';
import { type FileResults, failedFile, type TestRun, type TestRuntime } from '../results.ts';
import type { WptAddresses } from '../server/substitute.ts';
import { readTestScript } from '../test-script.ts';

/** Whose `fetch` is tested. */
export type Contender = 'hip' | 'native' | 'undici';

/** How a tunnel is reached. */
export interface TunnelSetup {
  readonly gateway: string;
  readonly token: string;
  /** Whom to trust beyond the public authorities, as PEM. */
  readonly caCerts: string;
}

/** What a worker is told. */
export interface WorkerTask {
  readonly contender: Contender;
  readonly tunnel: TunnelSetup;
  /** URL of the test's page. */
  readonly url: string;
  /** Scripts in the order they run. */
  readonly scripts: readonly string[];
}

/** Time a file has, as a browser's harness gives it, in ms. */
const TIME_MS = { usual: 15_000, long: 65_000 };

/** Time it has to tell what came of it once that is over, in ms. */
const GRACE_MS = 5_000;

/** Runs each file in a worker of its own, with globals that a browser's would have. */
export class NodeRuntime implements TestRuntime {
  readonly #contender: Contender;
  readonly #tunnel: TunnelSetup;
  readonly #addresses: WptAddresses;
  readonly #folder: string;

  constructor(contender: Contender, tunnel: TunnelSetup, addresses: WptAddresses, folder: string) {
    this.#contender = contender;
    this.#tunnel = tunnel;
    this.#addresses = addresses;
    this.#folder = folder;
  }

  async run(test: TestRun): Promise<FileResults> {
    const { host, http, https, h2 } = this.#addresses;
    const ports = { http: http[0], https: https[0], h2 };
    const origin = `${test.server === 'http' ? 'http' : 'https'}://${host}:${ports[test.server]}`;
    const meta = readTestScript(this.#folder, test.file);
    const task: WorkerTask = {
      contender: this.#contender,
      tunnel: this.#tunnel,
      url: origin + test.page,
      scripts: ['/resources/testharness.js', ...meta.scripts, test.file],
    };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
    const results = new Promise<FileResults>((resolve) => {
      worker
        .on('message', resolve)
        .on('error', (error) => resolve(failedFile(`worker failed: ${String(error)}`)))
        .on('exit', (code) => resolve(failedFile(`worker ended with ${code}`)));
    });
    const timeMs = test.isLong ? TIME_MS.long : TIME_MS.usual;
    const timer = setTimeout(() => worker.postMessage('timeout'), timeMs);
    let last: NodeJS.Timeout | undefined;
    const stuck = new Promise<FileResults>((resolve) => {
      last = setTimeout(() => resolve(failedFile('worker is stuck', 2)), timeMs + GRACE_MS);
    });
    try {
      return await Promise.race([results, stuck]);
    } finally {
      clearTimeout(timer);
      clearTimeout(last);
      await worker.terminate();
    }
  }

  async close(): Promise<void> {}
}
