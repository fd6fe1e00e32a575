/** What testharness.js numbers the outcomes of a test with. */
export const OUTCOMES = ['PASS', 'FAIL', 'TIMEOUT', 'NOTRUN', 'PRECONDITION_FAILED'] as const;

/** One test of a file. */
export interface Subtest {
  readonly name: string;
  /** A place in {@link OUTCOMES}. */
  readonly status: number;
  readonly message: string;
}

/** What came of a file. */
export interface FileResults {
  /** 0 when the harness itself was content, 1 for an error, 2 when its time was up. */
  readonly status: number;
  readonly message: string;
  readonly subtests: readonly Subtest[];
}

/** A file as it is run: a variant of it, in one kind of global. */
export interface TestRun {
  /** Below the folder, with a leading slash: what lists of failures name. */
  readonly file: string;
  /** Where a browser finds it, below the origin; the query of its variant included. */
  readonly page: string;
  readonly isLong: boolean;
  readonly server: 'http' | 'https' | 'h2';
}

/** Runs files. */
export interface TestRuntime {
  run(test: TestRun): Promise<FileResults>;
  close(): Promise<void>;
}

/** The outcome of a file of which nothing was heard. */
export function failedFile(message: string, status = 1): FileResults {
  return { status, message, subtests: [] };
}
