import { EXPECTED_FAILURES, type ExpectedFailure } from './expected-failures.ts';
import { type FileResults, OUTCOMES, type Subtest, type TestRun } from './results.ts';

/** A file's results, held against the list. */
export interface Verdict {
  readonly run: TestRun;
  readonly results: FileResults;
  readonly passed: number;
  /** Failures that are not on the list, and passes that are. */
  readonly surprises: readonly string[];
  /** Failures that are, and why. */
  readonly expected: readonly { readonly failure: string; readonly reason: string }[];
}

/** Holds the results of a file against the list; one that is not ours is only counted. */
export function judge(
  run: TestRun,
  results: FileResults,
  runtime: 'node' | 'chromium',
  isOurs: boolean,
): Verdict {
  const surprises: string[] = [];
  const expected: { failure: string; reason: string }[] = [];
  for (const subtest of results.subtests) {
    const known = isOurs ? expectation(run.file, subtest.name, runtime) : undefined;
    const hasPassed = subtest.status === 0;
    if (hasPassed && known !== undefined) {
      surprises.push(`passes, against the list: ${subtest.name}`);
    } else if (!hasPassed && known === undefined) {
      surprises.push(describe(subtest));
    } else if (!hasPassed && known !== undefined) {
      expected.push({ failure: describe(subtest), reason: known.reason });
    }
  }
  if (results.status !== 0 && (!isOurs || expectation(run.file, '', runtime) === undefined)) {
    surprises.push(`harness: ${results.message || 'time is up'}`);
  }
  const passed = results.subtests.filter(({ status }) => status === 0).length;
  return { run, results, passed, surprises, expected };
}

function expectation(file: string, name: string, runtime: string): ExpectedFailure | undefined {
  return EXPECTED_FAILURES.find(
    (entry) =>
      entry.file === file &&
      (entry.runtime ?? runtime) === runtime &&
      (entry.tests?.some((test) => (typeof test === 'string' ? test === name : test.test(name))) ?? true),
  );
}

function describe({ name, status, message }: Subtest): string {
  return `${OUTCOMES[status]}: ${name}\n      ${message.split('\n')[0]}`;
}
