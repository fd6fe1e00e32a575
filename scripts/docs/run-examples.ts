/**
 * Runs the programs it is given, one after the other, and tells in JSON lines on stdout what each printed with `console.log()` and in which
 * line, and how each ended. With `--leave` what they left open does not keep the process.
 */
import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import type { ExampleEvent } from './example-events.ts';

const [leave, ...files] = process.argv.slice(2);

function tell(event: ExampleEvent): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
}

/** Line of `file` that the calls in `stack` come from. */
function lineIn(file: string, stack: string | undefined): number | undefined {
  const line = stack?.split(`${basename(file)}:`)[1];
  return line === undefined ? undefined : Number.parseInt(line, 10);
}

for (const file of files) {
  console.log = (...values: unknown[]) => {
    const text = formatWithOptions({ breakLength: Infinity, compact: true }, ...values);
    tell({ file, line: lineIn(file, new Error('printed').stack), printed: text });
  };
  try {
    await import(pathToFileURL(file).href);
    tell({ file, line: undefined });
  } catch (error) {
    const { stack, name, message } = error as Error;
    tell({ file, line: lineIn(file, stack), failed: `${name}: ${message}` });
  }
}
if (leave === '--leave') process.exit();
