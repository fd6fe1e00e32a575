/**
 * Everything that must hold before a change lands, in order of cost; stops at the first stage that fails. Its last line,
 * `N passed, N failed`, counts every test and one for each stage that is not a test run.
 *
 * Arguments name the stages to run (`npm test -- lint unit`); none means all.
 */
import './check-node.ts';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';
import { ROOT } from './source-files.ts';
import { readReport } from './vitest-report.ts';

interface Stage {
  name: string;
  /** Arguments for Node, one list per command; they run one after the other. */
  commands: readonly (readonly string[])[];
  /** Whether what it prints is worth telling when it passes: one line, such as a size. */
  figure?: boolean;
  /** Where the stage is a vitest project: its tests are counted one by one. */
  project?: string;
  /** Longest time for one command; a stage that hangs must not use up the whole run. */
  timeoutMs: number;
}

const bin = (path: string): string => join('node_modules', path);
const BIOME = bin('@biomejs/biome/bin/biome');
const TSC = bin('typescript/bin/tsc');
const RUNNING = './scripts/vitest-running.ts';
const CHECKED = [
  'packages/wire/test',
  'packages/client/test',
  'packages/gateway/test',
  'test',
  'scripts',
  'docs',
  'examples/browser',
];

/** `npm run test:long` runs tests that wait for long. */
const patience = process.env['HIP_LONG_TESTS'] === '1' ? 2 : 1;

const STAGES: readonly Stage[] = [
  { name: 'chromium present', commands: [['scripts/install-chromium.ts']], figure: true, timeoutMs: 300_000 },
  { name: 'peers present', commands: [['scripts/install-peers.ts']], figure: true, timeoutMs: 300_000 },
  { name: 'format', commands: [[BIOME, 'format', '.']], timeoutMs: 60_000 },
  {
    name: 'lint',
    commands: [
      [BIOME, 'check', '--formatter-enabled=false', '--error-on-warnings', '.'],
      ['scripts/check-layers.ts'],
    ],
    timeoutMs: 60_000,
  },
  { name: 'build', commands: [['scripts/build.ts']], timeoutMs: 120_000 },
  { name: 'types', commands: [[TSC, '-b', ...CHECKED]], timeoutMs: 120_000 },
  { name: 'unused', commands: [[bin('knip/bin/knip.js'), '--no-config-hints']], timeoutMs: 60_000 },
  { name: 'packages', commands: [['scripts/check-packages.ts']], timeoutMs: 120_000 },
  { name: 'size', commands: [['scripts/check-size.ts']], figure: true, timeoutMs: 60_000 },
  {
    name: 'docs',
    commands: [['scripts/check-architecture.ts'], ['scripts/check-docs.ts']],
    timeoutMs: 120_000,
  },
  { name: 'site', commands: [['docs/site/main.ts']], figure: true, timeoutMs: 180_000 },
  vitest('unit', 240_000),
  vitest('interop', 180_000),
  vitest('e2e', 300_000 * patience),
  vitest('chromium', 300_000 * patience),
];

const reports = join(ROOT, 'node_modules', '.cache', 'hip-test');
const runningFiles = join(reports, 'running');
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STAGES.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `unknown stage ${unknown.join(', ')}: expected ${STAGES.map((stage) => stage.name).join(', ')}`,
  );
  process.exit(1);
}

let passed = 0;
let failed = 0;
for (const stage of STAGES) {
  if (wanted.length > 0 && !wanted.includes(stage.name)) continue;
  const result = await runStage(stage);
  passed += result.passed;
  failed += result.failed;
  if (failed > 0) break;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function vitest(project: string, timeoutMs: number): Stage {
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--reporter=${RUNNING}`,
  ];
  return {
    name: project,
    commands: [[bin('vitest/vitest.mjs'), ...args, `--outputFile.json=${reportOf(project)}`]],
    project,
    timeoutMs,
  };
}

function reportOf(project: string): string {
  return join(ROOT, 'node_modules', '.cache', 'hip-test', `${project}.json`);
}

async function runStage(stage: Stage): Promise<{ passed: number; failed: number }> {
  mkdirSync(reports, { recursive: true });
  if (stage.project !== undefined) rmSync(reportOf(stage.project), { force: true });
  rmSync(runningFiles, { force: true });
  const startedMs = performance.now();
  let output = '';
  let failure: string | undefined;
  for (const command of stage.commands) {
    const done = await runCommand(process.execPath, command, {
      cwd: ROOT,
      env: { ...process.env, HIP_RUNNING_FILES: runningFiles },
      timeoutMs: stage.timeoutMs,
    });
    output += done.output;
    failure = done.failure;
    if (failure !== undefined && existsSync(runningFiles))
      failure += `, under way: ${readFileSync(runningFiles, 'utf8')}`;
    if (failure !== undefined) break;
  }
  const result = stage.project === undefined ? undefined : readReport(reportOf(stage.project));
  failure ??= result?.failure;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const counts = result === undefined ? '' : `, ${result.passed} tests`;
  if (failure === undefined) {
    const figure = stage.figure === true ? `: ${output.trim().split('\n').at(-1)}` : '';
    console.log(`ok    ${stage.name} (${seconds} s${counts})${figure}`);
    return { passed: result?.passed ?? 1, failed: 0 };
  }
  console.log(`${output.trimEnd()}\nFAIL  ${stage.name} (${seconds} s): ${failure}`);
  return { passed: result?.passed ?? 0, failed: Math.max(result?.failed ?? 0, 1) };
}
