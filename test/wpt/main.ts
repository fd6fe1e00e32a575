import { writeFileSync } from 'node:fs';
import { createGateway, type Gateway } from '@hip/gateway';
import { createPki } from '../support/peers/pki.ts';
import { readArguments, type WptArguments } from './arguments.ts';
import { ChromiumRuntime, installScript } from './chromium/chromium-runtime.ts';
import { judge, type Verdict } from './judge.ts';
import { NodeRuntime, type TunnelSetup } from './node/node-runtime.ts';
import { failedFile, type TestRun, type TestRuntime } from './results.ts';
import { groupOf, selectTests } from './selection.ts';
import { WptServer } from './server/wpt-server.ts';

const args = readArguments(process.argv.slice(2));
const pki = await createPki();
// The tests' own servers are on loopback, at ports that are not known yet.
const gateway = await createGateway({ listen: '127.0.0.1:0', allow: ['127.0.0.1:*', 'localhost:*'] });
const tunnel: TunnelSetup = { gateway: gateway.url, token: gateway.token, caCerts: pki.root.certificate };
const isOurPage = args.runtime === 'chromium' && args.contender === 'hip';
const server = new WptServer(args.folder, isOurPage ? await installScript(tunnel) : undefined);
const addresses = await server.start({ cert: pki.servers.good.chain, key: pki.servers.good.key });
const runtime: TestRuntime =
  args.runtime === 'chromium'
    ? await ChromiumRuntime.start(addresses)
    : new NodeRuntime(args.contender, tunnel, addresses, args.folder);
try {
  const verdicts = await runAll(selectTests(args.folder, args.runtime, args.globals, args.filter), runtime);
  process.exitCode = report(verdicts, args) ? 0 : 1;
} finally {
  await runtime.close();
  await server.stop();
  await (gateway as Gateway).close();
}

async function runAll(tests: readonly TestRun[], on: TestRuntime): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = [...tests];
  const work = async (): Promise<void> => {
    for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
      const results = await on.run(test).catch((error: unknown) => failedFile(String(error)));
      const verdict = judge(test, results, args.runtime, args.contender === 'hip');
      verdicts.push(verdict);
      tell(verdict);
    }
  };
  await Promise.all(Array.from({ length: args.jobs }, work));
  return verdicts.sort((a, b) => (a.run.page < b.run.page ? -1 : 1));
}

function tell({ run, results, passed, surprises, expected }: Verdict): void {
  console.log(`${passed}/${results.subtests.length}\t${run.page}`);
  if (args.contender === 'hip' || args.isVerbose) for (const line of surprises) console.log(`    ${line}`);
  if (args.isVerbose) {
    for (const { failure, reason } of expected) console.log(`    ${failure}\n      expected: ${reason}`);
  }
}

/** Prints the sums; says whether all is as the list has it. */
function report(verdicts: readonly Verdict[], { contender, json, runtime: where }: WptArguments): boolean {
  const sums = new Map<string, { passed: number; all: number; files: number }>();
  for (const { run, results, passed } of verdicts) {
    for (const name of [groupOf(run.file), 'total']) {
      const sum = sums.get(name) ?? { passed: 0, all: 0, files: 0 };
      sum.passed += passed;
      sum.all += results.subtests.length;
      sum.files++;
      sums.set(name, sum);
    }
  }
  console.log(`\n${contender} in ${where}`);
  for (const [name, { passed, all, files }] of sums) {
    console.log(`${name.padEnd(8)} ${passed} of ${all} tests pass, in ${files} files`);
  }
  if (json !== undefined) writeFileSync(json, JSON.stringify(verdicts, null, 1));
  const surprises = verdicts.reduce((sum, verdict) => sum + verdict.surprises.length, 0);
  if (contender !== 'hip') return true;
  const reasons = new Map<string, number>();
  for (const { reason } of verdicts.flatMap(({ expected }) => expected)) {
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of [...reasons].sort(([, a], [, b]) => b - a))
    console.log(`${count}\t${reason}`);
  console.log(`${surprises} not as expected`);
  return surprises === 0;
}
