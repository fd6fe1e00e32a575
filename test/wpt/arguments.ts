import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface WptArguments {
  readonly folder: string;
  readonly runtime: 'node' | 'chromium';
  readonly contender: 'hip' | 'native' | 'undici';
  readonly globals: readonly string[];
  readonly filter: string | undefined;
  readonly jobs: number;
  readonly isVerbose: boolean;
  readonly json: string | undefined;
}

const USAGE = `npm run wpt -- FOLDER [--runtime node|chromium] [--native | --undici] [--filter TEXT]
  FOLDER      a checkout of web-platform-tests
  --runtime   where the tests run (node)
  --native    the platform's own fetch in place of ours; nothing is compared with the list of expected failures
  --undici    npm's undici in place of ours, in Node
  --filter    only files with TEXT in their path
  --globals   window, worker or both, separated by a comma: where a page runs a script that may run in either (window)
  --jobs      files at once (2)
  --verbose   every test that fails, also where that is expected
  --json      a file to write every outcome to`;

/**
 * Reads them.
 *
 * @throws Error with how to call, when they cannot be understood.
 */
export function readArguments(args: readonly string[]): WptArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runtime: { type: 'string', default: 'node' },
      native: { type: 'boolean', default: false },
      undici: { type: 'boolean', default: false },
      filter: { type: 'string' },
      globals: { type: 'string', default: 'window' },
      jobs: { type: 'string', default: '2' },
      verbose: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const { runtime, native, undici } = values;
  const [folder] = positionals;
  if (
    folder === undefined ||
    (runtime !== 'node' && runtime !== 'chromium') ||
    (undici && runtime !== 'node')
  ) {
    throw new Error(USAGE);
  }
  return {
    folder: folder.replace(/\/$/, ''),
    runtime,
    contender: undici ? 'undici' : native ? 'native' : 'hip',
    globals: values.globals.split(','),
    filter: values.filter,
    jobs: Number(values.jobs),
    isVerbose: values.verbose,
    json: values.json,
  };
}
