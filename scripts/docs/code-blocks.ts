import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGES, ROOT } from '../source-files.ts';
import type { ExampleEvent } from './example-events.ts';
import { type ExampleServers, startServers } from './example-servers.ts';
import type { Fault } from './fault.ts';
import { type Fence, readPages } from './markdown.ts';
import { outputFaults, saysOutput } from './printed-output.ts';

/** Longest run of the programs of one process, in milliseconds. */
const RUN_TIMEOUT_MS = 30_000;

/** What `<!-- docs: … -->` above a block may say. */
const MARKS = ['', 'before each', 'continues', 'types only'];

/** One program: a block, those that continue it, and before it what its page puts before each. */
interface Program {
  readonly page: string;
  readonly file: string;
  readonly isRun: boolean;
  /** Whether it is part of a page and not whole: then it may leave open what it opened. */
  readonly isExcerpt: boolean;
  code: string;
  /** Where its last block begins, to name when no line is known. */
  line: number;
}

/**
 * Every `ts` and `js` block of the READMEs and of `docs` passes the compiler with the packages' types, runs to its end against a real gateway
 * and origin, and prints what its comments say ({@link outputFaults}). `<!-- docs: before each -->` above a block: it stands before each later
 * one of the page. `<!-- docs: continues -->`: it is part of the program of the block before. `<!-- docs: types only -->`: it is not run,
 * because it needs what is not here.
 *
 * In the examples the gateway is at port 8787, the origin is at 127.0.0.1:8080, `example.com` or `httpbin.org`, and the token is `secret`.
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
    const telling = new Set(programs.filter(({ code }) => saysOutput(code)).map(({ page }) => page));
    for (const group of groupsOf(programs)) faults.push(...(await run(folder, group, telling)));
    return faults;
  } finally {
    await servers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Line breaks keep every block in the lines it has on its page, so that line numbers of faults are those of the page. */
function programsOf(blocks: readonly Fence[], servers: ExampleServers): Program[] {
  const programs: Program[] = [];
  let first: Fence | undefined;
  const add = (program: Program, { line, code }: Fence): void => {
    const sofar = program.code.split('\n').length;
    program.code += '\n'.repeat(line - sofar) + servers.located(code);
    program.line = line;
  };
  for (const block of blocks) {
    const { page, line, mark } = block;
    if (first?.page !== page) first = undefined;
    let program = programs.at(-1);
    if (mark !== 'continues' || program?.page !== page) {
      const file = `${page.replaceAll('/', '.').replace(/\.md$/, '')}.${line}.mts`;
      const isExcerpt = first !== undefined || mark === 'before each';
      program = { page, file, isRun: mark !== 'types only', isExcerpt, code: '', line };
      if (first !== undefined) add(program, first);
      programs.push(program);
    }
    add(program, block);
    if (mark === 'before each') first = block;
  }
  return programs;
}

function linkPackages(folder: string): void {
  const scope = join(folder, 'node_modules', '@hip');
  mkdirSync(scope, { recursive: true });
  for (const name of PACKAGES) symlinkSync(join(ROOT, 'packages', name), join(scope, name), 'junction');
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2024', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
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

/** Programs that are run by one process: the excerpts of a page; a whole program must end by itself, so it has one of its own. */
function groupsOf(programs: readonly Program[]): Program[][] {
  const groups: Program[][] = [];
  for (const program of programs.filter(({ isRun }) => isRun)) {
    const last = groups.at(-1);
    if (program.isExcerpt && last?.[0]?.page === program.page) last.push(program);
    else groups.push([program]);
  }
  return groups;
}

async function run(
  folder: string,
  programs: readonly Program[],
  /** Pages that say what is printed. */
  telling: ReadonlySet<string>,
): Promise<Fault[]> {
  const files = programs.map(({ file }) => join(folder, file));
  const isExcerpt = programs.some((program) => program.isExcerpt);
  const script = join(import.meta.dirname, 'run-examples.ts');
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals | number | null>();
  const child = spawn(process.execPath, [script, isExcerpt ? '--leave' : '--stay', ...files], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_TIMEOUT_MS);
  child.on('close', (code, signal) => resolve(signal ?? code));
  const end = await promise;
  clearTimeout(timer);
  const lines = output.split('\n').filter((text) => text.startsWith('{'));
  const events = lines.map((text): ExampleEvent => JSON.parse(text));
  return programs.flatMap((program, index) => {
    const own = events.filter(({ file }) => file === files[index]);
    const problem = endFault(own, end, errors);
    const fault = { file: program.page, line: program.line };
    if (problem !== undefined) return [{ ...fault, ...problem }];
    return outputFaults(program.code, own, telling.has(program.page)).map((each) => ({ ...fault, ...each }));
  });
}

/** Why a program did not come to its end, and the line of that where it is known. */
function endFault(
  events: readonly ExampleEvent[],
  end: NodeJS.Signals | number | null,
  errors: string,
): { line?: number; problem: string } | undefined {
  const last = events.at(-1);
  if (last?.failed !== undefined) {
    return {
      ...(last.line === undefined ? {} : { line: last.line }),
      problem: `fails when it is run: ${last.failed}`,
    };
  }
  if (typeof end === 'string') {
    return { problem: `did not end within ${RUN_TIMEOUT_MS / 1_000} s: close what it opens` };
  }
  if (end === 0 && last !== undefined && last.printed === undefined) return undefined;
  const why = /^(?:\w*Error.*|Warning: .*)$/m.exec(errors)?.[0] ?? errors.trim().split('\n').at(-1);
  return { problem: `fails when it is run: ${why}` };
}
