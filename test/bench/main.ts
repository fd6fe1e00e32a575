/**
 * `npm run bench`: builds, measures every row side by side with what it is compared to, prints one table.
 *
 * Ends with 0 when every row was measured (met or MISSED), with 1 when one could not be.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type BenchArguments, LEAST_ROUNDS, parseArguments, USAGE } from './arguments.ts';
import { chromiumGroups } from './chromium-rows.ts';
import { ChromiumRuntime } from './chromium-runtime.ts';
import { ControlServer } from './control-server.ts';
import { FULL_AMOUNTS, QUICK_AMOUNTS } from './groups.ts';
import { machine, versions } from './machine.ts';
import { nodeGroups } from './node-rows.ts';
import { describeNoise, warmUpSpin } from './noise.ts';
import { bundlePage } from './page-bundle.ts';
import { type Group, isNeeded, type RowResult, runGroup } from './rounds.ts';
import { secureGroups } from './secure-rows.ts';
import { SecureServers } from './secure-servers.ts';
import { Servers } from './servers.ts';
import { sizeGroup } from './size-row.ts';
import { renderTable, toJson, verdict } from './table.ts';
import { openNative } from './workload/client.ts';
import { withDeadline } from './workload/deadline.ts';
import { openHip, openSecureHip } from './workload/hip-client.ts';
import { LocalRuntime } from './workload/local-runtime.ts';
import type { Runtime } from './workload/measurement.ts';
import { openUndici } from './workload/undici-client.ts';

/** A runtime's groups with what must be ended after them. */
interface Section {
  readonly groups: readonly Group[];
  close(): Promise<void>;
}

/** Longest time, in milliseconds, to end everything in good order after a signal. */
const CLOSE_TIMEOUT_MS = 5_000;

/** What must be ended if the bench is. */
let current: Section | undefined;
let isLeaving = false;

/** Progress goes to stderr, so that stdout holds the result alone. */
function log(text: string): void {
  if (!isLeaving) console.error(text);
}

function nodeSection(args: BenchArguments): Section {
  const servers = new Servers();
  const runtime = new LocalRuntime({ native: openNative, hip: openHip });
  const amounts = args.quick ? QUICK_AMOUNTS : FULL_AMOUNTS;
  return {
    groups: nodeGroups({ name: 'node', servers, runtime, amounts }),
    close: () => closeAll(runtime, servers),
  };
}

function secureSection(args: BenchArguments): Section {
  const servers = new Servers();
  const secureServers = new SecureServers();
  const runtime = new LocalRuntime({ 'hip-secure': openSecureHip, undici: openUndici });
  const amounts = args.quick ? QUICK_AMOUNTS : FULL_AMOUNTS;
  return {
    groups: secureGroups({ name: 'node', servers, secureServers, runtime, amounts }),
    close: async () => {
      await closeAll(runtime, servers);
      await secureServers.stop();
    },
  };
}

function chromiumSection(args: BenchArguments): Section {
  const control = new ControlServer();
  const servers = new Servers(async () => {
    const page = await bundlePage(await control.listen());
    process.on('exit', page.remove);
    return page.folder;
  });
  const runtime = new ChromiumRuntime(control, async () => `${await servers.origin()}/`);
  const amounts = args.quick ? QUICK_AMOUNTS : FULL_AMOUNTS;
  return {
    groups: chromiumGroups({ name: 'chromium', servers, runtime, amounts }),
    close: async () => {
      await closeAll(runtime, servers);
      control.close();
    },
  };
}

function sizeSection(): Section {
  return { groups: [sizeGroup()], close: async () => {} };
}

async function closeAll(runtime: Runtime, servers: Servers): Promise<void> {
  await runtime.close().catch((error: unknown) => log(`  closing: ${String(error)}`));
  await servers.stop();
}

/** Keeps the rows that were asked for, and only groups that still have one. */
function selected(groups: readonly Group[], only: readonly string[]): Group[] {
  const isWanted = (name: string): boolean => only.length === 0 || only.some((part) => name.includes(part));
  return groups
    .map((group) => ({ ...group, rows: group.rows.filter((row) => isWanted(row.name)) }))
    .map((group) => ({ ...group, contenders: group.contenders.filter((side) => isNeeded(side, group.rows)) }))
    .filter((group) => group.rows.length > 0);
}

async function measure(args: BenchArguments): Promise<{ rows: RowResult[]; spinsMs: number[] }> {
  const sections = [nodeSection, secureSection, chromiumSection, sizeSection];
  const rows: RowResult[] = [];
  const spinsMs: number[] = [];
  warmUpSpin();
  for (const open of sections) {
    current = open(args);
    for (const group of selected(current.groups, args.only)) {
      log(group.rows.map((row) => row.name).join(' · '));
      const result = await runGroup(group, args.rounds, log);
      rows.push(...result.rows);
      spinsMs.push(...result.spinsMs);
    }
    await current.close();
  }
  if (rows.length === 0)
    throw new TypeError(`"--only" must be part of a row's name, got ${args.only.join(', ')}`);
  return { rows, spinsMs };
}

/** What is measured is what the sources say, not what was built some time ago. */
function buildPackages(): void {
  log('building …');
  const turbo = createRequire(import.meta.url).resolve('turbo/bin/turbo');
  const { status } = spawnSync(process.execPath, [turbo, 'run', 'build'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 2, 2],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  if (status !== 0)
    throw new Error('turbo run build failed: see above, or measure what is there with --no-build');
}

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2));
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  if (args.build) buildPackages();
  const measuredOn = machine();
  const { rows, spinsMs } = await measure(args);
  const isShort = args.quick || args.rounds < LEAST_ROUNDS;
  const header = [
    `hip bench   median of ${args.rounds} interleaved rounds${isShort ? ' (too few, or too little, to quote)' : ''}`,
    `machine     ${measuredOn}`,
    `runtimes    ${versions()}`,
    `noise       ${describeNoise(spinsMs)}`,
  ];
  console.log(`${header.join('\n')}\n\n${renderTable(rows)}`);
  if (args.json !== undefined) {
    writeFileSync(
      args.json,
      `${JSON.stringify({ header, rounds: args.rounds, spinsMs, rows: rows.map(toJson) }, null, 2)}\n`,
    );
  }
  return rows.some((row) => verdict(row) === 'ERROR') ? 1 : 0;
}

/** Ends what runs; what has not ended in time is killed by the handlers of 'exit'. */
async function leave(code: number): Promise<void> {
  if (isLeaving) return; // npm and `timeout` pass one signal on twice
  isLeaving = true;
  try {
    if (current !== undefined) await withDeadline('end of the bench', CLOSE_TIMEOUT_MS, current.close());
  } finally {
    process.exit(code);
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void leave(128 + constants.signals[signal]));
}
try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
