/**
 * Errors across threads, and into logs. `structuredClone()` and `postMessage()` take every error of this library, but what
 * arrives has its message, its stack and its causes alone (HTML standard, StructuredSerializeInternal): these two functions
 * keep the class, the code, the URL and the history as well.
 *
 * @example
 * ```ts
 * // in a worker
 * self.postMessage({ error: errorToJSON(error) });
 * // in the page
 * worker.onmessage = ({ data }) => fail(errorFromJSON(data.error));
 * ```
 *
 * @module
 */
import { DecodeError } from './decode/decode-error.ts';
import * as errors from './errors.ts';
import { HTTPError, type InvalidRequestError, invalidOption, type RequestHistory } from './errors.ts';
import { IdentityError } from './identity-store/identity-error.ts';
import * as retryErrors from './pool/retry-errors.ts';

/** An error as data that JSON, `structuredClone()` and `postMessage()` take: see {@link errorToJSON}. */
export interface ErrorJSON {
  /** The nearest class that both sides have: one of this library, of the language, or `DOMException`. */
  readonly class: string;

  /** Name of the error; other than the class where somebody has made a class of their own. */
  readonly name: string;

  /** For a person. */
  readonly message: string;

  /** Where it was made. */
  readonly stack?: string;

  /** {@link HTTPError.code}. */
  readonly code?: string;

  /** {@link HTTPError.sent}. */
  readonly sent?: string;

  /** {@link HTTPError.url}. */
  readonly url?: string;

  /** {@link HTTPError.history}; errors that are in a history, or the reason at its end, have none of their own. */
  readonly history?: readonly AttemptJSON[];

  /** {@link URLSchemeUnknown.scheme}. */
  readonly scheme?: string;

  /** {@link IncompleteRead.partial}, in bytes. */
  readonly partial?: number;

  /** {@link IncompleteRead.expected}, in bytes. */
  readonly expected?: number;

  /** What led to it: an error like this one, or what else was thrown, as text where it is an object. */
  readonly cause?: ErrorJSON | string | number | boolean | null;
}

/** {@link RequestHistory} as data. */
export interface AttemptJSON {
  /** {@link RequestHistory.method}. */
  readonly method?: string;

  /** {@link RequestHistory.url}. */
  readonly url?: string;

  /** {@link RequestHistory.error}. */
  readonly error?: ErrorJSON;

  /** {@link RequestHistory.status}. */
  readonly status?: number;

  /** {@link RequestHistory.redirectLocation}. */
  readonly redirectLocation?: string;
}

/** Errors that lead to one another at most: one may be its own cause. */
const MAX_CAUSES = 16;

/** What of an {@link HTTPError} is a text or a number. */
const PLAIN = ['code', 'sent', 'url', 'scheme', 'partial', 'expected'] as const;

/** Values of {@link HTTPError.sent}. */
const SENT: readonly unknown[] = ['never', 'maybe', 'always'];

const ATTEMPT = ['method', 'url', 'status', 'redirectLocation'] as const;

type AnyClass = abstract new (...given: never[]) => Error;

/** By name. */
const CLASSES: ReadonlyMap<string, AnyClass> = new Map(
  Object.entries({
    ...errors,
    ...retryErrors,
    DecodeError,
    IdentityError,
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  } as Record<string, unknown>).filter(isErrorClass),
);

/**
 * An error as data. Of a {@link HTTPError} everything is kept but the pool, and the retries of a {@link HostChangedError};
 * of others the class, the name, the message, the stack and the cause. `JSON.stringify()` makes a line for a log of it.
 *
 * @param error - what was caught: also one of another class, such as the `TypeError` of a `fetch()` or an `AbortError`.
 */
export function errorToJSON(error: unknown): ErrorJSON {
  return toJSON(error instanceof Error ? error : new Error(String(error)), MAX_CAUSES, true);
}

/**
 * The error that {@link errorToJSON} has made data of: of the same class, if it is one of this library or of the language,
 * and otherwise an `Error` with its name. Its pool is `undefined`.
 *
 * @param json - may come from a thread that is not trusted: it makes errors and nothing else.
 * @throws {@link InvalidRequestError} when it is not what {@link errorToJSON} makes.
 */
export function errorFromJSON(json: unknown): Error {
  return fromJSON(json, MAX_CAUSES);
}

function isErrorClass(entry: [string, unknown]): entry is [string, AnyClass] {
  const [, value] = entry;
  return typeof value === 'function' && (value === Error || value.prototype instanceof Error);
}

function toJSON(error: Error, depth: number, tellsHistory: boolean): ErrorJSON {
  const { name, message, stack, cause } = error;
  const json: Record<string, unknown> = { class: classOf(error), name, message };
  if (typeof stack === 'string') json.stack = stack;
  if (error instanceof HTTPError) {
    copyPlain(PLAIN, error, json);
    if (tellsHistory) json.history = error.history.map((attempt) => attemptToJSON(attempt, depth - 1));
  }
  const isTold = error instanceof HTTPError && error.history.length > 0;
  if (cause !== undefined && depth > 1) {
    json.cause = causeToJSON(cause, depth - 1, tellsHistory && !isTold);
  }
  return json as unknown as ErrorJSON;
}

function causeToJSON(cause: unknown, depth: number, tellsHistory: boolean): ErrorJSON['cause'] {
  if (cause instanceof Error) return toJSON(cause, depth, tellsHistory);
  if (cause === null || typeof cause === 'boolean' || Number.isFinite(cause)) {
    return cause as null | boolean | number;
  }
  return String(cause);
}

function attemptToJSON(attempt: RequestHistory, depth: number): AttemptJSON {
  const json: Record<string, unknown> = {};
  copyPlain(ATTEMPT, attempt, json);
  // One less than for the error that has the history.
  if (attempt.error instanceof Error && depth > 0) json.error = toJSON(attempt.error, depth, false);
  return json;
}

/** Name of the nearest class that the other side has, too. */
function classOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException';
  for (let type: object | null = error; type !== null; type = Object.getPrototypeOf(type)) {
    for (const [name, each] of CLASSES) if (each.prototype === type) return name;
  }
  return 'Error';
}

function fromJSON(json: unknown, depth: number): Error {
  if (!isRecord(json) || typeof json.name !== 'string' || typeof json.message !== 'string' || depth === 0) {
    throw invalid();
  }
  const { name, message, stack } = json;
  const cause = isRecord(json.cause) ? fromJSON(json.cause, depth - 1) : json.cause;
  const error =
    json.class === 'DOMException' ? new DOMException(message, name) : revived(json, message, cause, depth);
  const hidden = { configurable: true, writable: true };
  if (error.name !== name) Object.defineProperty(error, 'name', { ...hidden, value: name });
  if (typeof stack === 'string') Object.defineProperty(error, 'stack', { ...hidden, value: stack });
  return error;
}

/** An error of the class that is named. A real one: what is made by `Object.create` is no error for the platform. */
function revived(json: Record<string, unknown>, message: string, cause: unknown, depth: number): Error {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  const type = CLASSES.get(String(json.class)) ?? Error;
  Object.setPrototypeOf(error, type.prototype);
  if (!(error instanceof HTTPError)) return error;
  if (typeof json.code !== 'string' || !SENT.includes(json.sent)) throw invalid();
  const history = historyOf(json.history, depth - 1);
  const told: Record<string, unknown> = { name: json.name, url: undefined, history };
  copyPlain(PLAIN, json, told);
  if (type === retryErrors.MaxRetryError) told.reason = cause;
  return Object.assign(error, told);
}

function historyOf(json: unknown, depth: number): RequestHistory[] {
  return (Array.isArray(json) ? json : []).filter(isRecord).map((attempt) => {
    const told: Record<string, unknown> = {};
    for (const name of ATTEMPT) told[name] = undefined;
    copyPlain(ATTEMPT, attempt, told);
    told.error = attempt.error === undefined ? undefined : fromJSON(attempt.error, depth);
    return told as unknown as RequestHistory;
  });
}

function copyPlain(names: readonly string[], from: object, to: Record<string, unknown>): void {
  for (const name of names) {
    const value = (from as Record<string, unknown>)[name];
    if (typeof value === 'string' || typeof value === 'number') to[name] = value;
  }
}

function invalid(): InvalidRequestError {
  return invalidOption('errorFromJSON() must be given what errorToJSON() makes');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
