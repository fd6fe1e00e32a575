import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PACKAGES, ROOT } from '../source-files.ts';
import type { Fault } from './fault.ts';

/** What a package exports, and the file that defines it. */
interface Export {
  readonly name: string;
  readonly file: string;
}

/**
 * Every symbol that a package exports has a TSDoc comment, and so has every member of an exported interface or class. A member that
 * overrides another keeps that one's comment.
 *
 * The formatter's layout is relied on: declarations begin in column 1, their members in column 3.
 */
export function checkComments(): Fault[] {
  return PACKAGES.flatMap((name) => entriesOf(name)).flatMap((index) => {
    const lines = linesOf(index);
    const faults = lines[0] === '/**' ? [] : [missing(index, 1, 'entry')];
    const seen = new Set<string>();
    for (const { name: symbol, file } of exportsOf(index, lines)) {
      if (seen.has(symbol)) continue;
      seen.add(symbol);
      faults.push(...faultsOf(symbol, file));
    }
    return faults;
  });
}

/** Sources of what can be imported of a package. */
function entriesOf(name: string): string[] {
  const { exports } = JSON.parse(linesOf(`packages/${name}/package.json`).join('\n')) as {
    exports: Record<string, { default: string }>;
  };
  return Object.values(exports).map((entry) =>
    entry.default.replace(/^\.\/dist\/(.*)\.js$/, `packages/${name}/src/$1.ts`),
  );
}

function linesOf(file: string): string[] {
  return readFileSync(join(ROOT, file), 'utf8').split('\n');
}

function exportsOf(index: string, lines: readonly string[]): Export[] {
  const list = /export\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/g;
  return [...lines.join('\n').matchAll(list)].flatMap(([, names = '', from = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type\s+/, ''))
      .filter((name) => name !== '')
      .map((name) => ({ name, file: posix.join(posix.dirname(index), from) })),
  );
}

function faultsOf(symbol: string, file: string): Fault[] {
  const lines = linesOf(file);
  const declaration = new RegExp(
    `^export (?:declare )?(?:abstract )?(?:async )?(class|interface|type|const|function\\*?) ${symbol}\\b`,
  );
  const at = lines.findIndex((line) => declaration.test(line));
  if (at < 0) {
    return [{ file, line: 1, problem: `${symbol} must be declared here, where index.ts says it is` }];
  }
  const faults = isCommented(lines, at) ? [] : [missing(file, at + 1, symbol)];
  const kind = declaration.exec(lines[at] ?? '')?.[1];
  if (kind !== 'class' && kind !== 'interface') return faults;
  const seen = new Set<string>();
  for (let line = at + 1; line < lines.length && lines[line] !== '}'; line += 1) {
    const member = memberIn(lines[line] ?? '');
    if (member === undefined || seen.has(member)) continue;
    seen.add(member);
    if (!isCommented(lines, line)) faults.push(missing(file, line + 1, `${symbol}.${member}`));
  }
  return faults;
}

/** Name of the public member that begins in this line. A discriminant, whose type is one literal, says itself. */
function memberIn(line: string): string | undefined {
  if (/: '\w+';$/.test(line)) return undefined;
  const match =
    /^ {2}(?:(?:static|readonly|async|abstract|get|set|declare) )*\*?(\[Symbol\.\w+\]|[A-Za-z_]\w*)[?!]?(?:[:(;<]| =)/.exec(
      line,
    );
  return match?.[1];
}

/** Whether a `/** … *\/` comment ends in the line above. */
function isCommented(lines: readonly string[], at: number): boolean {
  if (!/\*\/$/.test(lines[at - 1] ?? '')) return false;
  for (let line = at - 1; line >= 0; line -= 1) {
    const text = (lines[line] ?? '').trim();
    if (text.startsWith('/*')) return text.startsWith('/**');
  }
  return false;
}

function missing(file: string, line: number, symbol: string): Fault {
  const problem = `${symbol} is exported and has no TSDoc comment: say what it means, its unit and what it throws`;
  return { file, line, problem };
}
