import { parseArgs } from 'node:util';

/** Fewest rounds whose median is worth quoting. */
export const LEAST_ROUNDS = 5;

export interface BenchArguments {
  /** Parts of row names; a row runs when one of them is in its name. Empty: all rows. */
  readonly only: readonly string[];
  readonly rounds: number;
  /** Small amounts: shows that every row works, measures nothing worth quoting. */
  readonly quick: boolean;
  /** File that the whole result is written to, round by round. */
  readonly json: string | undefined;
  readonly build: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]
  --only NAME     only rows with NAME in their name; may be given more than once
  --rounds N      interleaved rounds per row (default ${LEAST_ROUNDS})
  --quick         small amounts and 2 rounds: shows that every row works, not how fast
  --json FILE     also write every round to FILE
  --no-build      measure what is built, as it is
  --help          print this`;

/** @throws TypeError for an unknown option or a bad value. */
export function parseArguments(args: string[]): BenchArguments {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      build: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 2 : LEAST_ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`"--rounds" must be an integer >= 1, got ${values.rounds}`);
  }
  return {
    only: values.only,
    rounds,
    quick: values.quick,
    json: values.json,
    build: values.build,
    help: values.help,
  };
}
