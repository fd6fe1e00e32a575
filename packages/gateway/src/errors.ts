import { type Failure, type FailureName, failureText } from '@hip/wire';

/** Facts for the operator's log: addresses, rules. Never sent to a client. */
export type OperatorNote = Readonly<Record<string, unknown>>;

/** What a client is told, and what its operator is told beside. */
export interface NotedFailure extends Failure {
  readonly note?: OperatorNote | undefined;
}

/** A failure `destination_prohibited`. */
export function prohibited(detail: string, note: OperatorNote | undefined): NotedFailure {
  return { name: 'destination_prohibited', detail, ...(note === undefined ? {} : { note }) };
}

/**
 * A {@link Failure} while it travels as an exception inside the gateway: from where it is recognised to the exchange
 * that tells the client. Whoever throws one has already decided what the client may read.
 */
export class FailureError extends Error {
  override readonly name: string = 'FailureError';

  /** Row of the failure table, and the detail of this case. */
  readonly failure: NotedFailure;

  /** @param failure - what the client is told. @param options - `cause`, for the operator's log only. */
  constructor(failure: NotedFailure, options?: ErrorOptions) {
    super(failureText(failure), options);
    this.failure = failure;
  }
}

/** A {@link FailureError} of the row `name`. */
export function failed(name: FailureName, detail: string, options?: ErrorOptions): FailureError {
  return new FailureError({ name, detail }, options);
}

/**
 * The gateway cannot start as it is configured. The message holds one line per problem, each naming the option as the
 * operator wrote it, what was expected and what came.
 */
export class ConfigError extends Error {
  /** The name of the class. */
  override readonly name: string = 'ConfigError';

  /** One sentence per problem. */
  readonly problems: readonly string[];

  /**
   * For the gateway, and for tests of code that catches it.
   *
   * @param problems - at least one sentence.
   */
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
