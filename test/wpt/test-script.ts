import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** What a test says about itself in lines that begin with `// META:`. */
export interface TestScript {
  /** Scripts to load before it, as absolute paths. */
  readonly scripts: readonly string[];
  /** Whether it may take a minute. */
  readonly isLong: boolean;
  /** Where it is meant to run; `undefined` where it says nothing. */
  readonly globals: readonly string[] | undefined;
  /** Queries it is run with, each a test of its own; at least an empty one. */
  readonly variants: readonly string[];
}

/**
 * Reads the lines.
 *
 * @param path - of the script below the folder, with a leading slash.
 */
export function readTestScript(folder: string, path: string): TestScript {
  const meta = [...readFileSync(folder + path, 'utf8').matchAll(/^\/\/ META: (\w+)=(.*?)\s*$/gm)];
  const all = (key: string): string[] =>
    meta.filter(([, name]) => name === key).map(([, , value = '']) => value);
  return {
    scripts: all('script')
      .map((script) => posix.resolve(posix.dirname(path), script))
      .filter((script) => !/^\/resources\/testharness(?:report)?\.js$/.test(script)),
    isLong: all('timeout').includes('long'),
    globals: all('global')[0]?.split(','),
    variants: all('variant').length === 0 ? [''] : all('variant'),
  };
}
