/** One thing that is wrong in a document or comment. */
export interface Fault {
  /** Path from the repository's root. */
  readonly file: string;

  /** From 1. */
  readonly line: number;

  /** What is wrong, and how to mend it. */
  readonly problem: string;
}
