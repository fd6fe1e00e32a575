import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import { CONFIG_FLAG, SETTINGS } from './settings.ts';

/** A command line taken apart. */
export interface ParsedFlags {
  /** Values by flag, in their order. */
  readonly values: ReadonlyMap<string, readonly string[]>;

  readonly help: boolean;
  readonly version: boolean;

  /** What is wrong with it, one sentence each. */
  readonly problems: readonly string[];
}

/** The only flag that may be there more than once. */
const REPEATABLE = 'allow';

const VALUE_FLAGS = [...SETTINGS.map(({ flag }) => flag), CONFIG_FLAG];
const SWITCHES = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } } as const;

/** Takes the arguments after the command apart. Values are not looked at. */
export function parseFlags(argv: readonly string[]): ParsedFlags {
  const options = Object.fromEntries(
    VALUE_FLAGS.map((flag) => [flag, { type: 'string', multiple: true }] as const),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, ...SWITCHES },
    // Its own messages cannot suggest the right name.
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`"${token.value}" is not an option.`);
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    seen.add(name);
    if (Object.hasOwn(SWITCHES, name)) {
      if (value !== undefined) problems.push(`${rawName} takes no value.`);
    } else if (!VALUE_FLAGS.includes(name)) {
      const suggestion = nearest(name, [...VALUE_FLAGS, ...Object.keys(SWITCHES)]);
      problems.push(`${rawName} is not an option.${suggestion ? ` Did you mean --${suggestion}?` : ''}`);
    } else if (value === undefined || value === '' || (value.startsWith('-') && !inlineValue)) {
      problems.push(`${rawName} needs a value.`);
    } else if (values.has(name) && name !== REPEATABLE) {
      problems.push(`${rawName} is there more than once.`);
    } else {
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  return { values, help: seen.has('help'), version: seen.has('version'), problems };
}
