import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkTlsSettings } from '../../packages/gateway/src/connect/tls-rules.ts';
import { DEFAULTS } from '../../packages/gateway/src/defaults.ts';
import { PACKAGES, ROOT, sourceFiles } from '../source-files.ts';
import type { Fault } from './fault.ts';
import { readPages } from './markdown.ts';

/** A `@defaultValue` and the member it stands above. */
interface DocumentedDefault {
  readonly file: string;
  readonly line: number;
  readonly member: string;
  /** As written, in one line: `1, {@link DEFAULTS.maxsize}`, `65_536 (64 KiB)`, `none`. */
  readonly text: string;
}

type Values = Readonly<Record<string, unknown>>;

const TLS_DEFAULTS = checkTlsSettings({});

/** A number, a boolean, `null` or a text in backticks, then perhaps the same in words, then perhaps the constant that holds it. */
const FORM = /^(?:(\d[\d_]*)|(true|false|null)|`([^`]*)`)(?: \(([^)]*)\))?(?:, \{@link ([\w.]+)\})?$/;

/** Several texts, or `none`, and the constant that holds them. */
const LIST_FORM = /^(none|[\w-]+(?:, [\w-]+)+), \{@link ([\w.]+)\}$/;

/** Where an option has a constant, and this one is another of its name: nothing, or somebody else's. */
const OTHERS = /^(?:none\b|the \w+'s\b|that of )/;

/** What a gateway does where a client says nothing: its word, `unless` its operator has another. */
const GATEWAY_FORM = /^the gateway's, (?:`([^`]+)`|(\d[\d_]*)(?: \(([^)]*)\))?)(?: unless .*)?$/;

/** Milliseconds or bytes in one of the units that defaults are told in. */
const UNITS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  KiB: 1_024,
  MiB: 1_048_576,
};

/** Options of clients that a gateway has defaults for, as its code fills them in. */
const GATEWAYS: Values = {
  ...TLS_DEFAULTS,
  sslMinimumVersion: TLS_DEFAULTS.minVersion,
  sslMaximumVersion: TLS_DEFAULTS.maxVersion,
  poolTimeout: DEFAULTS.timeouts.poolTimeoutMs,
};

/**
 * Every `@defaultValue` is the value of its constant: the one it links to, else the one of the same name in the package's `DEFAULTS`, else
 * the literal that stands in its place where the option is read. "The gateway's" is what the gateway does. What is in words alone has no
 * constant. Tables of defaults in Markdown pages are held to the same constants.
 */
export async function checkDefaults(): Promise<Fault[]> {
  const faults: Fault[] = [];
  const defaults = new Map<string, Values>();
  for (const name of PACKAGES) {
    const constants = await constantsOf(name);
    defaults.set(name, constants);
    const source = sourceFiles(name)
      .map((file) => readFileSync(join(ROOT, 'packages', name, 'src', file), 'utf8'))
      .join('\n');
    for (const documented of documentedDefaults(name)) {
      const problem = problemOf(documented, constants, source);
      if (problem !== undefined) faults.push({ file: documented.file, line: documented.line, problem });
    }
    faults.push(...undocumented(name, constants));
  }
  return [...faults, ...tableFaults(defaults)];
}

/** What a package exports, and every exported object of the files that define `DEFAULTS` and the like. */
async function constantsOf(name: (typeof PACKAGES)[number]): Promise<Values> {
  const files = sourceFiles(name).filter((file) => /(^|[/-])(defaults|limits)\.ts$/.test(file));
  const index = join(ROOT, 'packages', name, 'src', 'index.ts');
  const all: Record<string, unknown> = { ...(await import(pathToFileURL(index).href)) };
  for (const file of files) {
    const values: Values = await import(pathToFileURL(join(ROOT, 'packages', name, 'src', file)).href);
    // Where the constants are a module, the index names it so.
    if (file === 'defaults.ts') all.DEFAULTS = values;
    Object.assign(all, values);
  }
  return all;
}

function documentedDefaults(name: (typeof PACKAGES)[number]): DocumentedDefault[] {
  const found: DocumentedDefault[] = [];
  for (const file of sourceFiles(name)) {
    const code = readFileSync(join(ROOT, 'packages', name, 'src', file), 'utf8');
    const comment =
      /\/\*\*((?:(?!\*\/)[\s\S])*?)@defaultValue ((?:(?!\*\/)[\s\S])*)\*\/\s*(?:readonly )?(\w+)/g;
    for (const { index, 1: before = '', 2: rest = '', 3: member = '' } of code.matchAll(comment)) {
      const text = rest.replace(/\n\s*\*\s*@[\s\S]*$/, '').replace(/\s*\n\s*\* ?/g, ' ');
      const line = code.slice(0, index).split('\n').length + before.split('\n').length - 1;
      found.push({ file: `packages/${name}/src/${file}`, line, member, text: text.trim() });
    }
  }
  return found;
}

function problemOf(
  { member, text }: DocumentedDefault,
  constants: Values,
  source: string,
): string | undefined {
  const list = LIST_FORM.exec(text);
  if (list !== null) return listProblem(member, list, constants);
  const gateways = GATEWAY_FORM.exec(text);
  if (gateways !== null) return gatewayProblem(member, gateways);
  const [, number, boolean, quoted, words, link] = FORM.exec(text) ?? [];
  const said = number !== undefined ? Number(number.replaceAll('_', '')) : (boolean ?? quoted);
  const constant =
    link === undefined ? constantNamed(member, constants) : constantAt(link, member, constants);
  if (said === undefined) {
    if (/^(\d|`|true|false)/.test(text)) {
      return `@defaultValue of ${member} must be "VALUE (IN WORDS), {@link CONSTANT}" or in words alone, got "${text}"`;
    }
    if (constant === undefined || OTHERS.test(text)) return undefined;
    return `@defaultValue of ${member} must be \`${constant}\`, the value of its constant, got "${text}"`;
  }
  if (words !== undefined && number !== undefined && amountOf(words) !== said) {
    return `@defaultValue of ${member}: ${words} must be the same as ${text.split(' ', 1)}`;
  }
  if (constant !== undefined) {
    if (String(constant) === String(said)) return undefined;
    return `@defaultValue of ${member} must be ${constant}, the value of its constant, got ${said}: mend whichever is wrong`;
  }
  if (link !== undefined)
    return `@defaultValue of ${member} links to ${link}, which is no constant: mend the link`;
  const literals = literalsOf(member, source);
  // What nothing stands for is what nothing means.
  if (literals.includes(String(said)) || (said === 'false' && literals.length === 0)) return undefined;
  return `@defaultValue of ${member} must name its constant, as in {@link DEFAULTS.${member}}, or be the literal that the code has for it`;
}

/** Literals that stand in for an option where it is read: `option ?? true`, `{ option = true }`, `check('option', given, true)`. */
function literalsOf(member: string, source: string): string[] {
  const literal = "('[^']*'|true|false|null|\\d[\\d_]*)";
  const forms = [
    `\\b${member} \\?\\? ${literal}`,
    `\\b${member}(?:: \\w+)? = ${literal}`,
    `\\('${member}', [^()]*, ${literal}\\)`,
  ];
  return forms
    .flatMap((form) => [...source.matchAll(new RegExp(form, 'g'))])
    .map(([, value = '']) => value.replaceAll(/['_]/g, ''));
}

function listProblem(
  member: string,
  [, said = '', link = '']: RegExpExecArray,
  constants: Values,
): string | undefined {
  const constant = valueAt(link, constants);
  if (typeof constant !== 'object' || constant === null || !(Symbol.iterator in constant)) {
    return `@defaultValue of ${member} links to ${link}, which is no list: mend the link`;
  }
  const expected = [...(constant as Iterable<unknown>)].join(', ') || 'none';
  if (said === expected) return undefined;
  return `@defaultValue of ${member} must be ${expected}, the value of its constant, got ${said}`;
}

function gatewayProblem(member: string, [, quoted, number, words]: RegExpExecArray): string | undefined {
  const said = quoted ?? Number(number?.replaceAll('_', ''));
  if (words !== undefined && amountOf(words) !== said) {
    return `@defaultValue of ${member}: ${words} must be the same as ${number}`;
  }
  if (!Object.hasOwn(GATEWAYS, member)) {
    return `@defaultValue of ${member} cannot be checked: name it in GATEWAYS, scripts/docs/default-values.ts`;
  }
  const expected = String(GATEWAYS[member]);
  if (String(said) === expected) return undefined;
  return `@defaultValue of ${member} must be ${expected}, as the gateway's code has it, got ${said}`;
}

/** An option that has a default must say so. */
function undocumented(name: string, constants: Values): Fault[] {
  const file = `packages/${name}/src/options.ts`;
  if (!sourceFiles(name as (typeof PACKAGES)[number]).includes('options.ts')) return [];
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const member = /^ {2}(?:readonly )?(\w+)\??:/.exec(line)?.[1];
    const constant = member === undefined ? undefined : constantNamed(member, constants);
    if (constant === undefined || typeof constant === 'object') return [];
    const start = lines.findLastIndex((text, at) => at < index && text.trimStart().startsWith('/**'));
    if (lines.slice(start, index).some((text) => text.includes('@defaultValue'))) return [];
    return [{ file, line: index + 1, problem: `${member} must say @defaultValue ${constant}` }];
  });
}

/** Value of the constant with this name: in `DEFAULTS`, or one group deeper. */
function constantNamed(name: string, constants: Values): unknown {
  const defaults = constants.DEFAULTS as Values | undefined;
  if (defaults === undefined) return undefined;
  if (isLeaf(defaults[name])) return defaults[name];
  for (const group of Object.values(defaults)) {
    if (typeof group === 'object' && group !== null && isLeaf((group as Values)[name]))
      return (group as Values)[name];
  }
  return undefined;
}

/** Value at `DEFAULTS.maxsize`, or of the member when only the object is named. */
function constantAt(link: string, member: string, constants: Values): unknown {
  const value = valueAt(link, constants);
  return isLeaf(value) ? value : (value as Values | undefined)?.[member];
}

function valueAt(link: string, constants: Values): unknown {
  let value: unknown = constants;
  for (const part of link.split('.')) value = (value as Values | null | undefined)?.[part];
  return value;
}

function isLeaf(value: unknown): boolean {
  return value === null || (value !== undefined && typeof value !== 'object');
}

/** `5 seconds` in milliseconds, `64 KiB` in bytes; `undefined` for anything else. */
function amountOf(words: string): number | undefined {
  const [, count, unit] = /^(\d+) (\w+?)s?$/.exec(words) ?? [];
  const factor = UNITS[unit ?? ''];
  return factor === undefined ? undefined : Number(count) * factor;
}

/** Rows of tables under `<!-- docs: defaults of NAME -->`: an option in backticks, then its default. */
function tableFaults(defaults: ReadonlyMap<string, Values>): Fault[] {
  return readPages().flatMap(({ path, prose }) => {
    const faults: Fault[] = [];
    let constants: Values | undefined;
    for (const { line, text } of prose) {
      const mark = /^<!-- docs: defaults of (\w+) -->$/.exec(text)?.[1];
      if (mark !== undefined) constants = defaults.get(mark);
      else if (!text.startsWith('|')) constants = undefined;
      const [, name, value = ''] = /^\| `(\w+)`[^|]*\| ([^|]*?) \|/.exec(text) ?? [];
      if (constants === undefined || name === undefined) continue;
      const constant = constantNamed(name, constants) ?? constants[name];
      const said = value.replaceAll(',', '').replaceAll('`', '');
      if (constant !== undefined && (String(constant) === said || amountOf(value) === constant)) continue;
      const problem =
        constant === undefined
          ? `${name} has no constant in the defaults: leave the row out`
          : `default of ${name} must be ${constant}, got ${value}`;
      faults.push({ file: path, line, problem });
    }
    return faults;
  });
}
