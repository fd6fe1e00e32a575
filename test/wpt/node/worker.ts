import { setDefaultCACertificates } from 'node:tls';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { installFetch } from '../install-fetch.ts';
import type { FileResults, Subtest } from '../results.ts';
import type { WorkerTask } from './node-runtime.ts';

interface Harness {
  add_completion_callback(
    told: (tests: Subtest[], status: { status: number; message?: string }) => void,
  ): void;
  setup(properties: { explicit_done: boolean }): void;
  done(): void;
  timeout(): void;
}

const task = workerData as WorkerTask;
const harness = globalThis as unknown as Harness;
const nativeFetch = globalThis.fetch;
const errors: string[] = [];
// A browser's harness reports these, and goes on.
process.on('unhandledRejection', (reason) => errors.push(`unhandled rejection: ${String(reason)}`));
process.on('uncaughtException', (error) => errors.push(`uncaught: ${String(error)}`));

const location = new URL(task.url);
Object.assign(globalThis, {
  self: globalThis,
  location,
  GLOBAL: { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false },
});
await install();
for (const path of task.scripts) {
  const response = await nativeFetch(
    new URL(path, `http://${location.host}/`).href.replace(/^http:/, location.protocol),
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  runInThisContext(text, { filename: path });
  if (path === '/resources/testharness.js') listen(harness);
}
harness.done();

function listen(harness: Harness): void {
  // Without a page that loads, the harness would be done with the first test.
  harness.setup({ explicit_done: true });
  harness.add_completion_callback((tests, { status, message }) => {
    const results: FileResults = {
      status: errors.length > 0 && status === 0 ? 1 : status,
      message: [message, ...errors].filter(Boolean).join('; '),
      subtests: tests.map((test) => ({ name: test.name, status: test.status, message: test.message ?? '' })),
    };
    parentPort?.postMessage(results);
  });
  parentPort?.on('message', () => harness.timeout());
}

async function install(): Promise<void> {
  const { contender, tunnel } = task;
  setDefaultCACertificates([tunnel.caCerts]);
  if (contender === 'hip') {
    installFetch(tunnel);
    return;
  }
  const { fetch, FormData, Headers, Request, Response, setGlobalOrigin } = await import('undici');
  // Node's own fetch looks at the same place for what relative URLs are relative to.
  setGlobalOrigin(location.href);
  if (contender === 'undici') Object.assign(globalThis, { fetch, FormData, Headers, Request, Response });
}
