/**
 * ARCHITECTURE.md has exactly one table row for every source file of the packages (an `index.ts` only lists exports, so it has none), and
 * none for a file that is gone. A row names its file as `packages/wire/src/frame/decode.ts` or `wire/frame/decode.ts`, in backticks, in
 * its first or second cell.
 */
import './check-node.ts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES, ROOT, sourceFiles } from './source-files.ts';

const page = join(ROOT, 'ARCHITECTURE.md');
const lines = existsSync(page) ? readFileSync(page, 'utf8').split('\n') : [];
const files = new Set(
  PACKAGES.flatMap((name) => sourceFiles(name).map((file) => `${name}/${file}`)).filter(
    (file) => !/(^|\/)index\.ts$/.test(file),
  ),
);

const rows = new Map<string, number>();
const problems: string[] = existsSync(page) ? [] : ['ARCHITECTURE.md is missing'];
for (const [index, line] of lines.entries()) {
  const file = fileOfRow(line);
  if (file === undefined) continue;
  const earlier = rows.get(file);
  if (!files.has(file)) problems.push(`ARCHITECTURE.md:${index + 1}: row for ${file}, which does not exist`);
  else if (earlier !== undefined)
    problems.push(`ARCHITECTURE.md:${index + 1}: second row for ${file} (first in line ${earlier})`);
  rows.set(file, index + 1);
}
for (const file of files) {
  if (!rows.has(file))
    problems.push(`ARCHITECTURE.md: no row for ${file} (packages/${file.replace('/', '/src/')})`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${rows.size} rows`);

/** `wire/frame/decode.ts` for the row of that file; undefined where the line is no such row. */
function fileOfRow(line: string): string | undefined {
  if (!line.startsWith('|')) return undefined;
  const cells = line.split('|').slice(1, 3);
  for (const cell of cells) {
    const match = /`(?:packages\/)?(wire|client|gateway)\/(?:src\/)?([\w./-]+\.ts)`/.exec(cell);
    if (match !== null) return `${match[1]}/${match[2]}`;
  }
  return undefined;
}
