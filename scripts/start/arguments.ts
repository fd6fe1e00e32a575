import { parseArgs } from 'node:util';

export const USAGE = `npm start -- [--port N] [--allow HOST:PORT]

  --port N           port of the demo page; 0 for any free one (default: 8785, or a free one where that is taken)
  --allow HOST:PORT  a host that is not public and that requests may go to, such as localhost:3000; may be repeated
  --help             this text`;

const OPTIONS = {
  port: { type: 'string' },
  allow: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What `npm start` is asked for. */
export interface StartArguments {
  help: boolean;
  /** Undefined when the user has no wish. */
  port: number | undefined;
  allow: string[];
}

/** @throws Error for a person, naming the argument. */
export function startArguments(args: readonly string[]): StartArguments {
  const { port, allow = [], help = false } = parsed(args);
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new Error(`--port must be a number from 0 to 65535, got ${JSON.stringify(port)}`);
  }
  return { help, allow, port: port === undefined ? undefined : Number(port) };
}

function parsed(args: readonly string[]): { port?: string; allow?: string[]; help?: boolean } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`);
  }
}
