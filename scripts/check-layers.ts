/**
 * The layering rule: a folder of a package imports only what stands to its right in the data path, plus the shared files and
 * `@hip/wire`. Ends with 1 and one line per offence where it is broken.
 */
import './check-node.ts';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PACKAGES, ROOT, sourceFiles } from './source-files.ts';

interface PackageRule {
  /** Folders in the order of the data path. */
  path: readonly string[];
  /** Files of `src/` that every folder may import, `*` for all. They import one another, never a folder. */
  shared: readonly string[];
  /** Folders that, like the files of `src/`, put the package's parts together: they import all, no layer imports them. */
  assembly?: readonly string[];
  /** Modules from outside that may be imported at all; `node:` stands for all of Node's own. */
  outside: readonly string[];
  /** Modules that only files whose path starts like this may import. */
  only?: Readonly<Record<string, readonly string[]>>;
  /** Numbers of the protocol are written in hexadecimal, and live in one package. */
  hexadecimal: boolean;
}

const RULES: Record<(typeof PACKAGES)[number], PackageRule> = {
  wire: {
    path: ['control', 'websocket', 'exchange', 'message', 'session', 'frame'],
    shared: ['*'],
    outside: [],
    hexadecimal: true,
  },
  client: {
    path: [
      'eventsource',
      'websocket',
      'fetch',
      'pool',
      'cookies',
      'decode',
      'exchange',
      'session',
      'transport',
    ],
    shared: [
      'errors.ts',
      'options.ts',
      'connection-options.ts',
      'tls-options.ts',
      'proxy-options.ts',
      'defaults.ts',
      'warnings.ts',
      'logger.ts',
      'event-handlers.ts',
      'page-url.ts',
      'platform-events.ts',
      'task-queue.ts',
      'url-credentials.ts',
    ],
    assembly: ['fetch-api', 'identity-store', 'service-worker'],
    outside: ['@hip/wire', 'brotli-wasm', 'eventsource-parser', 'idb-keyval', 'tough-cookie'],
    only: { 'tough-cookie': ['cookies/'] },
    hexadecimal: false,
  },
  gateway: {
    path: ['listener', 'session', 'websocket', 'exchange', 'policy', 'pool', 'connect'],
    shared: ['errors.ts', 'options.ts', 'defaults.ts', 'logger.ts'],
    assembly: ['commands', 'config'],
    outside: ['@hip/wire', '@hono/node-server', 'hono', 'ipaddr.js', 'node:', 'pino', 'undici', 'ws', 'zod'],
    only: {
      '@hono/node-server': ['listener/'],
      hono: ['listener/'],
      'node:dns': ['connect/'],
      'node:dns/promises': ['connect/'],
      'node:tls': ['connect/', 'listener/'],
      undici: ['pool/undici-'],
      ws: ['listener/'],
    },
    hexadecimal: false,
  },
};

const offences = PACKAGES.flatMap((name) => sourceFiles(name).flatMap((file) => offencesIn(name, file)));
for (const offence of offences) console.error(offence);
if (offences.length > 0) process.exit(1);

function offencesIn(name: (typeof PACKAGES)[number], file: string): string[] {
  const rule = RULES[name];
  const code = withoutComments(readFileSync(join(ROOT, 'packages', name, 'src', file), 'utf8'));
  const found: string[] = [];
  const report = (offset: number, why: string) => {
    const line = code.slice(0, offset).split('\n').length;
    found.push(`packages/${name}/src/${file}:${line}: ${why}`);
  };
  for (const { specifier, offset } of imports(code)) {
    const why = specifier.startsWith('.')
      ? reasonAgainstFile(rule, file, posix.join(posix.dirname(file), specifier))
      : reasonAgainstModule(name, rule, file, specifier);
    if (why !== undefined) report(offset, why);
  }
  if (!rule.hexadecimal) {
    // Two digits are a character or the mask of a byte.
    for (const match of code.matchAll(/\b0x[0-9a-f_]{3,}n?\b/gi)) {
      report(
        match.index,
        `${match[0]}: numbers of the protocol belong to packages/wire, import them from @hip/wire`,
      );
    }
  }
  return found;
}

function reasonAgainstFile(rule: PackageRule, from: string, to: string): string | undefined {
  if (to.startsWith('../')) return `${to} is outside the package's src, import the package by its name`;
  if (to === 'index.ts') return 'index.ts is for users of the package, import the file that defines it';
  if (isShared(rule, to)) return undefined;
  if (isShared(rule, from)) return `${from} is shared by every folder, so it may not import ${to}`;
  const here = layerOf(rule, from);
  const there = layerOf(rule, to);
  // The files beside the folders put the parts together: they may import any folder, and no folder imports them.
  if (here === undefined) return undefined;
  if (there === undefined) return `${here} may not import ${to}, which puts the package's parts together`;
  if (here === there) return undefined;
  const order = rule.path.join(' → ');
  if (!rule.path.includes(here))
    return `${here} is not in the data path (${order}): add it to scripts/check-layers.ts`;
  if (!rule.path.includes(there))
    return `${there} is not in the data path (${order}): add it to scripts/check-layers.ts`;
  if (rule.path.indexOf(there) > rule.path.indexOf(here)) return undefined;
  return `${here} may not import ${there} (${order}: only to the right)`;
}

function reasonAgainstModule(name: string, rule: PackageRule, from: string, to: string): string | undefined {
  const known = rule.outside.some((allowed) =>
    allowed === 'node:' ? to.startsWith(allowed) : to === allowed,
  );
  if (!known) return `${name} may not import ${to}`;
  const places = rule.only?.[to];
  if (places === undefined || layerOf(rule, from) === undefined) return undefined;
  if (places.some((place) => from.startsWith(place))) return undefined;
  return `${to} may be imported only by files in ${places.join(', ')}`;
}

function isShared(rule: PackageRule, file: string): boolean {
  if (file === 'index.ts' || file.includes('/')) return false;
  return rule.shared.includes('*') || rule.shared.includes(file);
}

/** The folder of the data path that holds `file`; undefined for a file that puts parts together. */
function layerOf(rule: PackageRule, file: string): string | undefined {
  const slash = file.indexOf('/');
  const folder = slash < 0 ? undefined : file.slice(0, slash);
  return folder === undefined || rule.assembly?.includes(folder) ? undefined : folder;
}

function imports(code: string): { specifier: string; offset: number }[] {
  const form =
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(form)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
    offset: match.index + match[0].search(/\S/),
  }));
}

/** Comments blanked out, line numbers kept: examples in TSDoc import things too. */
function withoutComments(code: string): string {
  return code
    .replace(/(?<![^\s(])\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, (comment) => ' '.repeat(comment.length));
}
