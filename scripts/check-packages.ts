/**
 * Packs each published package and checks what a user would install: publint, the types of every export (attw), the licence, and that
 * it can be imported.
 */
import './check-node.ts';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { PACKAGES, ROOT } from './source-files.ts';

const scratch = mkdtempSync(join(tmpdir(), 'hip-packages-'));
const problems: string[] = [];
try {
  const modules = join(scratch, 'node_modules');
  for (const name of PACKAGES) {
    const folder = join(ROOT, 'packages', name);
    const tarball = pack(folder);
    await lint(name, tarball);
    checkTypes(name, tarball);
    install(folder, tarball, modules);
    if (readFileSync(join(folder, 'LICENSE'), 'utf8') !== readFileSync(join(ROOT, 'LICENSE'), 'utf8')) {
      problems.push(`@hip/${name}: LICENSE must be the same as the repository's`);
    }
  }
  for (const entry of PACKAGES.flatMap(entriesOf)) {
    const done = run(
      process.execPath,
      ['--input-type=module', '--eval', `await import('${entry}')`],
      scratch,
    );
    if (done.status !== 0) problems.push(`${entry}: cannot be imported as packed\n${done.output}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

/** What can be imported of a package: `@hip/client`, `@hip/client/identity-store`. */
function entriesOf(name: string): string[] {
  const manifest = readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8');
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
  return Object.keys(exports).map((entry) => `@hip/${name}${entry.slice(1)}`);
}

function pack(folder: string): string {
  const npm = process.env.npm_execpath;
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', scratch];
  const done = npm === undefined ? run('npm', args, folder) : run(process.execPath, [npm, ...args], folder);
  if (done.status !== 0) throw new Error(`npm pack failed in ${folder}\n${done.output}`);
  const answer: unknown = JSON.parse(done.stdout);
  const packed = (Array.isArray(answer) ? answer[0] : undefined) as { filename: string } | undefined;
  if (packed === undefined) throw new Error(`npm pack must answer with one package, got ${done.stdout}`);
  return join(scratch, packed.filename);
}

async function lint(name: string, tarball: string): Promise<void> {
  const bytes = readFileSync(tarball);
  const packed = new Uint8Array(bytes).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: packed }, strict: true });
  for (const message of messages) {
    if (message.type === 'suggestion') continue;
    problems.push(`@hip/${name}: publint: ${formatMessage(message, pkg, { color: false })}`);
  }
}

function checkTypes(name: string, tarball: string): void {
  const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const done = run(
    process.execPath,
    [attw, tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'],
    scratch,
  );
  if (done.status !== 0) problems.push(`@hip/${name}: attw:\n${done.output}`);
}

/** As npm would lay it out, except that what it depends on is linked to what the repository has installed. */
function install(folder: string, tarball: string, modules: string): void {
  const { name, dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    dependencies?: Record<string, string>;
  };
  const target = join(modules, name);
  mkdirSync(target, { recursive: true });
  const done = run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], scratch);
  if (done.status !== 0) throw new Error(`tar failed on ${tarball}\n${done.output}`);
  for (const dependency of Object.keys(dependencies).filter((other) => !other.startsWith('@hip/'))) {
    const link = join(modules, dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link, 'junction');
  }
}

function run(
  command: string,
  args: string[],
  cwd: string,
): { status: number | null; stdout: string; output: string } {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    status: done.status,
    stdout: done.stdout ?? '',
    output: `${done.stdout ?? ''}${done.stderr ?? ''}`,
  };
}
