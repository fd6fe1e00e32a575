import type { Fault } from './fault.ts';
import { readPages } from './markdown.ts';

/** A line of prose in a terminal beside another window. */
const MAX_WIDTH = 120;

/** Prose is at most {@link MAX_WIDTH} characters wide. Tables, code, and what has no place to break are as wide as they must be. */
export function checkWidths(): Fault[] {
  return readPages().flatMap(({ path, prose }) =>
    prose
      .filter(({ text }) => text.length > MAX_WIDTH && !text.startsWith('|') && text.trim().includes(' '))
      .map(({ line, text }) => ({
        file: path,
        line,
        problem: `prose must be at most ${MAX_WIDTH} characters wide, got ${text.length}: break the line earlier`,
      })),
  );
}
