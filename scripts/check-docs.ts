/**
 * The documents say what the code does: defaults, examples, flags, links, comments of exported symbols, the tables of PROTOCOL.md, and
 * the width of prose. One line per fault, with what to do about it; ends with 1 where there is one. Needs the packages built.
 */
import './check-node.ts';
import { checkCodeBlocks } from './docs/code-blocks.ts';
import { checkDefaults } from './docs/default-values.ts';
import { checkComments } from './docs/exported-comments.ts';
import type { Fault } from './docs/fault.ts';
import { checkLinks } from './docs/links.ts';
import { checkProtocolTables } from './docs/protocol.ts';
import { checkShellBlocks } from './docs/shell-blocks.ts';
import { checkWidths } from './docs/widths.ts';

const rules: readonly (() => readonly Fault[] | Promise<readonly Fault[]>)[] = [
  checkWidths,
  checkLinks,
  checkComments,
  checkDefaults,
  checkProtocolTables,
  checkShellBlocks,
  checkCodeBlocks,
];
let count = 0;
for (const rule of rules) {
  for (const { file, line, problem } of await rule()) {
    console.error(`${file}:${line}: ${problem}`);
    count += 1;
  }
}
if (count > 0) process.exit(1);
console.log('The documents say what the code does.');
