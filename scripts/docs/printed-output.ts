import type { ExampleEvent } from './example-events.ts';

/** What a line of an example says it prints, and does. */
interface Print {
  readonly line: number;
  /** What stands in the comment behind it. */
  readonly expected: string | undefined;
  readonly printed: readonly string[];
}

/**
 * What is wrong with what a program printed: the comment behind a `console.log()` is what it prints, with a comma between one time and the
 * next, in one line, and `…` for whatever differs from run to run. On a page that says so once, every line that prints says what.
 */
export function outputFaults(
  code: string,
  events: readonly ExampleEvent[],
  isRequired: boolean,
): { line: number; problem: string }[] {
  const prints = code.split('\n').flatMap((text, index): Print[] => {
    const line = index + 1;
    const printed = events.filter((event) => event.line === line).map((event) => event.printed ?? '');
    return /\bconsole\.log\b/.test(text) ? [{ line, expected: expectedIn(text), printed }] : [];
  });
  return prints.flatMap(({ line, expected, printed }) => {
    const actual = oneLine(printed.join(', '));
    if (expected === undefined) {
      const isSilent = !isRequired || printed.length === 0;
      return isSilent ? [] : [{ line, problem: `prints "${actual}": say so in a comment behind it` }];
    }
    if (printed.length > 0 && patternOf(expected).test(actual)) return [];
    const what = printed.length === 0 ? 'nothing' : `"${actual}"`;
    return [{ line, problem: `must print "${expected}", as its comment says, and prints ${what}` }];
  });
}

/** Whether any line of the code says what it prints. */
export function saysOutput(code: string): boolean {
  return code.split('\n').some((text) => expectedIn(text) !== undefined);
}

function expectedIn(text: string): string | undefined {
  return /\bconsole\.log\b.*? \/\/ (.*)$/.exec(text)?.[1];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function patternOf(expected: string): RegExp {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
