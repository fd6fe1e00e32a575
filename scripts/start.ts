/**
 * The demo: builds the packages, starts a gateway and an origin on loopback, serves `examples/browser`, and prints the
 * one URL to open. Ctrl-C ends all of it.
 */
import './check-node.ts';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { ROOT } from './source-files.ts';
import { type StartArguments, startArguments, USAGE } from './start/arguments.ts';
import { type DemoOrigin, startDemoOrigin } from './start/demo-origin.ts';
import { GatewayChild } from './start/gateway-child.ts';
import { LOOPBACK, listenExactly, listenOnLoopback } from './start/listen.ts';
import { pageFiles } from './start/page-files.ts';
import { PageServer } from './start/page-server.ts';

/** Ports taken when they are free: three in a row that are nobody's well-known ones. */
const PORTS = { page: 8785, origin: 8786, gateway: 8787 };

const BUILD_TIMEOUT_MS = 300_000;

/** What to end, in this order: nothing new from the page, then the exchanges, then what they were with. */
const parts: { page?: PageServer; gateway?: Promise<GatewayChild>; origin?: DemoOrigin } = {};
let stopping = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
try {
  await start(startArguments(process.argv.slice(2)));
} catch (error) {
  if (!stopping) await stop(1, error instanceof Error ? error.message : String(error));
}

async function start({ help, port: wanted, allow }: StartArguments): Promise<void> {
  if (help) return console.log(USAGE);
  const page = new PageServer();
  parts.page = page;
  // First of all: whoever must choose another port should not wait for a build to be told.
  const port =
    wanted === undefined ? await listenOnLoopback(page.server, PORTS.page) : await take(page, wanted);
  await step('Building the packages', build);
  const files = await step('Bundling the page', pageFiles);
  const origin = await step('Starting the demo origin', () => startDemoOrigin(PORTS.origin));
  parts.origin = origin;
  const token = randomBytes(32).toString('base64url');
  const authority = `${LOOPBACK}:${origin.port}`;
  // Kept before it is there: whoever stops the demo now must not leave a gateway behind.
  const starting = GatewayChild.start({ port: PORTS.gateway, token, allow: [authority, ...allow] });
  parts.gateway = starting;
  const gateway = await step('Starting the gateway', () => starting);
  if (stopping) return;
  page.show(port, files, { gateway: gateway.url, token, origin: `http://${authority}` });
  void gateway.ended.then((how) => (stopping ? undefined : stop(1, how)));
  console.log(`\n  Open http://${LOOPBACK}:${port}/ in a browser. Ctrl-C ends everything.\n`);
}

async function take(page: PageServer, port: number): Promise<number> {
  try {
    return await listenExactly(page.server, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new Error(
        `--port ${port} is taken: another program listens there. Choose another one, or leave --port out for a free one.`,
      );
    }
    if (code === 'EACCES')
      throw new Error(`--port ${port} needs privileges that you do not have: choose one above 1023.`);
    throw error;
  }
}

async function build(): Promise<void> {
  const { output, failure } = await runCommand(process.execPath, [join('scripts', 'build.ts')], {
    cwd: ROOT,
    env: process.env,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (failure !== undefined)
    throw new Error(`The packages cannot be built (${failure}):\n${output.trimEnd()}`);
}

/** Runs one step and says how long it took. On stderr: stdout has the URL and nothing else. */
async function step<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  process.stderr.write(`${name} … `);
  const startedMs = performance.now();
  try {
    const result = await run();
    process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}

async function stop(code: number, message?: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  if (message !== undefined) console.error(message);
  await parts.page?.close();
  const gateway = await parts.gateway?.catch(() => undefined); // why it did not start is told already
  await gateway?.stop();
  await parts.origin?.close();
  process.exit(code);
}
