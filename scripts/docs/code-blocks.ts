import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGES, ROOT } from '../source-files.ts';
import { type ExampleServers, startServers } from './example-servers.ts';
import type { Fault } from './fault.ts';
import { type Fence, readPages } from './markdown.ts';

/** Longest run of one example, in milliseconds. */
const RUN_TIMEOUT_MS = 15_000;

/** What `<!-- docs: … -->` above a block may say. */
const MARKS = ['', 'continues', 'types only'];

/** One program: a block, and those that continue it. */
interface Program {
  readonly page: string;
  readonly file: string;
  readonly isRun: boolean;
  code: string;
  /** Where its last block begins, to name when no line is known. */
  line: number;
}

/**
 * Every `ts` and `js` block of the READMEs and of `docs` passes the compiler with the packages' types, and runs to its end against a real gateway and
 * origin. `<!-- docs: continues -->` above a block: it is part of the program of the block before. `<!-- docs: types only -->`: it is not
 * run, because it needs what is not here.
 *
 * In the examples the gateway is at port 8787, the origin is at 127.0.0.1:8080 or `https://example.com`, and the token is `secret`.
 */
export async function checkCodeBlocks(): Promise<Fault[]> {
  const blocks = readPages()
    .filter(({ path }) => path === 'README.md' || /^(?:docs\/[\w-]+|packages\/\w+\/README)\.md$/.test(path))
    .flatMap(({ fences }) => fences)
    .filter(({ language }) => ['ts', 'js', 'typescript', 'javascript'].includes(language));
  const faults = blocks
    .filter(({ mark }) => !MARKS.includes(mark))
    .map(({ page, line, mark }) => ({
      file: page,
      line: line - 2,
      problem: `a mark must be one of ${MARKS.slice(1).join(', ')}, got "${mark}"`,
    }));
  const folder = mkdtempSync(join(tmpdir(), 'hip-docs-'));
  const servers = await startServers(folder);
  try {
    linkPackages(folder);
    const programs = programsOf(blocks, servers);
    for (const { file, code } of programs) writeFileSync(join(folder, file), code);
    const unsound = typeFaults(folder, programs);
    faults.push(...unsound);
    if (unsound.length > 0) return faults;
    for (const program of programs.filter(({ isRun }) => isRun)) faults.push(...(await run(folder, program)));
    return faults;
  } finally {
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Line breaks keep every block in the lines it has on its page, so that line numbers of faults are those of the page. */
function programsOf(blocks: readonly Fence[], servers: ExampleServers): Program[] {
  const programs: Program[] = [];
  for (const { page, line, mark, code } of blocks) {
    let program = programs.at(-1);
    if (mark !== 'continues' || program?.page !== page) {
      const file = `${page.replaceAll('/', '.').replace(/\.md$/, '')}.${line}.mts`;
      program = { page, file, isRun: mark !== 'types only', code: '', line };
      programs.push(program);
    }
    const sofar = program.code.split('\n').length;
    program.code += '\n'.repeat(line - sofar) + servers.located(code);
    program.line = line;
  }
  return programs;
}

function linkPackages(folder: string): void {
  const scope = join(folder, 'node_modules', '@hip');
  mkdirSync(scope, { recursive: true });
  for (const name of PACKAGES) symlinkSync(join(ROOT, 'packages', name), join(scope, name), 'junction');
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2024', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    module: 'NodeNext',
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
}

function typeFaults(folder: string, programs: readonly Program[]): Fault[] {
  if (programs.length === 0) return [];
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (done.status === 0) return [];
  const faults = done.stdout.split('\n').flatMap((text) => {
    const [, file, line, message] = /^(.+?)\((\d+),\d+\): error (.*)$/.exec(text) ?? [];
    const program = programs.find((one) => one.file === file);
    if (program === undefined) return [];
    return [{ file: program.page, line: Number(line), problem: `does not compile: ${message}` }];
  });
  if (faults.length === 0) throw new Error(`tsc failed on the examples:\n${done.stdout}${done.stderr}`);
  return faults;
}

function run(folder: string, { file, page, line }: Program): Promise<Fault[]> {
  const { promise, resolve } = Promise.withResolvers<Fault[]>();
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_TIMEOUT_MS);
  child.on('close', (code, signal) => {
    clearTimeout(timer);
    const at = new RegExp(`${file.replaceAll('.', '\\.')}:(\\d+)`).exec(output)?.[1];
    const why = /^(?:\w*Error.*|Warning: .*)$/m.exec(output)?.[0] ?? output.trim().split('\n').at(-1);
    const fault = (problem: string): Fault => ({
      file: page,
      line: at === undefined ? line : Number(at),
      problem,
    });
    if (signal !== null)
      resolve([fault(`did not end within ${RUN_TIMEOUT_MS / 1_000} s: close what it opens`)]);
    else resolve(code === 0 ? [] : [fault(`fails when it is run: ${why}`)]);
  });
  return promise;
}
