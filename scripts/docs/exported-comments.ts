import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { entryPoints, PACKAGES, ROOT } from '../source-files.ts';
import type { Fault } from './fault.ts';

/** What a package exports, and the file that defines it. */
interface Export {
  readonly name: string;
  readonly file: string;
}

/** The first line of an exported declaration: its kind and its name. */
const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(class|interface|type|const|function\*?) (\w+)\b/;

/** Interfaces whose members are options: each that may be left out says what holds then. */
const OPTIONS = /(?:Options|Init|Defaults|Kwargs|Shortcuts)$/;

/**
 * Every module that a package exports has a TSDoc comment, every symbol of it, and every member of an exported interface or class; options
 * that may be left out say their default. A member that overrides another keeps that one's comment.
 *
 * The formatter's layout is relied on: declarations begin in column 1, their members in column 3.
 */
export function checkComments(): Fault[] {
  return PACKAGES.flatMap((name) => {
    const seen = new Set<string>();
    return entryPoints(name).flatMap(({ specifier, file: entry }) => {
      const lines = linesOf(entry);
      const faults = lines[0] === '/**' ? [] : [missing(entry, 1, specifier)];
      for (const { name: symbol, file } of exportsOf(entry, lines)) {
        if (seen.has(`${file} ${symbol}`)) continue;
        seen.add(`${file} ${symbol}`);
        faults.push(...faultsOf(symbol, file));
      }
      return faults;
    });
  });
}

function linesOf(file: string): string[] {
  return readFileSync(join(ROOT, file), 'utf8').split('\n');
}

/** What a module exports: its own, what it names of others, and all of those it takes whole. */
function exportsOf(module: string, lines: readonly string[]): Export[] {
  const beside = (from: string): string => posix.join(posix.dirname(module), from);
  const list = /^export\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/gm;
  const named = [...lines.join('\n').matchAll(list)].flatMap(([, names = '', from = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type\s+/, ''))
      .filter((name) => name !== '')
      .map((name) => ({ name, file: beside(from) })),
  );
  const own = lines.flatMap((line) => {
    const name = DECLARATION.exec(line)?.[2];
    return name === undefined ? [] : [{ name, file: module }];
  });
  const whole = lines.flatMap((line) => {
    const from = /^export \* (?:as \w+ )?from '([^']+)';$/.exec(line)?.[1];
    return from === undefined ? [] : exportsOf(beside(from), linesOf(beside(from)));
  });
  return [...named, ...own, ...whole];
}

function faultsOf(symbol: string, file: string): Fault[] {
  const lines = linesOf(file);
  const at = lines.findIndex((line) => DECLARATION.exec(line)?.[2] === symbol);
  if (at < 0) {
    return [{ file, line: 1, problem: `${symbol} must be declared here, where index.ts says it is` }];
  }
  const faults = commentAbove(lines, at) !== undefined ? [] : [missing(file, at + 1, symbol)];
  const kind = DECLARATION.exec(lines[at] ?? '')?.[1];
  if (kind !== 'class' && kind !== 'interface') return faults;
  const seen = new Set<string>();
  for (let line = at + 1; line < lines.length && lines[line] !== '}'; line += 1) {
    const member = memberIn(lines[line] ?? '');
    if (member === undefined || seen.has(member)) continue;
    seen.add(member);
    const comment = commentAbove(lines, line);
    if (comment === undefined) faults.push(missing(file, line + 1, `${symbol}.${member}`));
    else if (OPTIONS.test(symbol) && /^ {2}(?:readonly )?\w+\?:/.test(lines[line] ?? '')) {
      if (comment.includes('@defaultValue')) continue;
      const problem = `${symbol}.${member} may be left out: say @defaultValue, a constant or in words`;
      faults.push({ file, line: line + 1, problem });
    }
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

/** The `/** … *\/` comment that ends in the line above; `undefined` where there is none. */
function commentAbove(lines: readonly string[], at: number): string | undefined {
  if (!/\*\/$/.test(lines[at - 1] ?? '')) return undefined;
  for (let line = at - 1; line >= 0; line -= 1) {
    const text = (lines[line] ?? '').trim();
    if (text.startsWith('/*')) return text.startsWith('/**') ? lines.slice(line, at).join('\n') : undefined;
  }
  return undefined;
}

function missing(file: string, line: number, symbol: string): Fault {
  const problem = `${symbol} is exported and has no TSDoc comment: say what it means, its unit and what it throws`;
  return { file, line, problem };
}
