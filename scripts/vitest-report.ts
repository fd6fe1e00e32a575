import { existsSync, readFileSync } from 'node:fs';

/** What a vitest run comes to. */
export interface TestCounts {
  passed: number;
  failed: number;
  /** Why the run does not count as passed, in words; undefined when it does. */
  failure: string | undefined;
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  testResults: { name: string; assertionResults: { status: string }[] }[];
}

/** Counts the tests in the JSON report at `path`. A file in which no test ran counts as failed: nothing was shown by it. */
export function readReport(path: string): TestCounts {
  if (!existsSync(path)) return { passed: 0, failed: 1, failure: 'vitest wrote no report' };
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  if (testResults.length === 0) return { passed: 0, failed: 1, failure: 'no test file was found' };
  let passed = 0;
  let failed = 0;
  const idle: string[] = [];
  for (const file of testResults) {
    const filePassed = file.assertionResults.filter((test) => test.status === 'passed').length;
    const fileFailed = file.assertionResults.filter((test) => test.status === 'failed').length;
    passed += filePassed;
    failed += fileFailed;
    if (filePassed + fileFailed === 0) idle.push(file.name);
  }
  if (idle.length > 0)
    return { passed, failed: failed + idle.length, failure: `no test ran in ${idle.join(', ')}` };
  return { passed, failed, failure: failed > 0 ? `${failed} failed` : undefined };
}
