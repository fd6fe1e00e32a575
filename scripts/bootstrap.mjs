// Runs one script of this repository: `node scripts/bootstrap.mjs <script> [arguments]`.
//
// The only file here that must run on an old Node (20) and with nothing installed: it installs what package-lock.json
// names when that is missing or differs, then runs the script on the Node that came with it.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [script, ...args] = process.argv.slice(2);

if (script === undefined) fail('usage: node scripts/bootstrap.mjs <script> [arguments]');
const difference = firstDifference();
if (difference !== undefined) install(difference);
run();

/** What package-lock.json names and node_modules lacks, in words; undefined when they agree. */
function firstDifference() {
  // npm keeps its own record of what it installed here.
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'node_modules is missing';
  const locked = readJson(join(root, 'package-lock.json'));
  if (locked === undefined) fail('package-lock.json is missing or is not JSON');
  for (const [path, wanted] of Object.entries(locked.packages)) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    const found = installed.packages[path];
    // A package for another platform is optional and rightly absent.
    if (found === undefined && wanted.optional === true) continue;
    if (found?.version !== wanted.version || found?.link !== wanted.link) return `${path} is not as locked`;
  }
  return undefined;
}

function install(reason) {
  console.error(`Installing dependencies (${reason}) …`);
  // --ignore-scripts: nothing here needs an install script, so none runs.
  const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const done = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', flags, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.status !== 0) fail('npm ci failed: see its message above');
}

function run() {
  const bin = join(root, 'node_modules', '.bin');
  const own = join(bin, 'node');
  const node = existsSync(own) ? own : process.execPath;
  const env = {
    ...process.env,
    PATH: bin + delimiter + (process.env.PATH ?? ''),
    TURBO_TELEMETRY_DISABLED: '1',
  };
  // Node 20 cannot read a TypeScript file, so the version is asked for here as well as in check-node.ts.
  const check = join(root, 'scripts', 'check-node.ts');
  const checked = spawnSync(node, [check], { env, encoding: 'utf8' });
  if (checked.status !== 0) {
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();
    fail(
      /ERR_UNKNOWN_FILE_EXTENSION|SyntaxError/.test(checked.stderr)
        ? `Node ${version} is too old: hip needs Node 22.19 or newer. On Linux \`npm ci\` brings one; elsewhere install it from https://nodejs.org`
        : checked.stderr.trim(),
    );
  }
  const child = spawn(node, [script, ...args], { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole process group: the child has it already.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  // npm ends its shell and not what the shell started: without a parent there is nobody left to work for.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
  }
  child.on('error', (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
