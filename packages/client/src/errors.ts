import { type ErrorClassName, FAILURES, type Failure, type FailureName } from '@hip/wire';

/** Stable name of what happened, for a `switch`: a row of the failure table in PROTOCOL.md, or a fault of the caller. */
export type ErrorCode =
  | FailureName
  | 'response_consumed'
  | 'response_closed'
  | 'response_not_chunked'
  | 'decode_failed'
  | 'invalid_option'
  | 'body_unreadable'
  | 'body_unrewindable'
  | 'too_many_redirects'
  | 'too_many_error_responses'
  | 'host_changed'
  | 'event_source_failed'
  | 'invalid_header'
  | 'invalid_location'
  | 'deadline_exceeded'
  | 'identity_not_found'
  | 'identity_exists'
  | 'identity_unusable'
  | 'identity_key_mismatch'
  | 'identity_password_required'
  | 'identity_password_wrong'
  | 'identity_damaged'
  | 'identity_storage_unavailable'
  | 'load_failed';

/** What is told of an error beside its message. */
export interface HTTPErrorOptions extends ErrorOptions {
  /**
   * {@link HTTPError.sent}.
   *
   * @defaultValue what the table of failures says of the code; `never` for a fault of the caller
   */
  readonly sent?: HTTPError['sent'] | undefined;

  /**
   * {@link HTTPError.url}.
   *
   * @defaultValue told by what sends the request
   */
  readonly url?: string | undefined;
}

/** One attempt that was followed by another, or by the end of the retries (urllib3's `RequestHistory`). */
export interface RequestHistory {
  /** Method that was sent. */
  readonly method: string | undefined;

  /** URL it was sent to, absolute. */
  readonly url: string | undefined;

  /** What went wrong; `undefined` when a response came. */
  readonly error: HTTPError | undefined;

  /** Status of the response, when one came. */
  readonly status: number | undefined;

  /** Where the response redirected to: its `location` as it came, which may be relative, but for a user name in it. */
  readonly redirectLocation: string | undefined;
}

/**
 * Base of every error this library raises, as in urllib3. Its message starts with what failed; `code` is stable, the
 * message is not.
 */
export class HTTPError extends Error {
  /** The name of the class, also where a minifier shortens that of the code. */
  override readonly name: string = 'HTTPError';

  /** Stable name of what happened. */
  readonly code: ErrorCode;

  /**
   * Whether the origin could have seen the request: `never`, `maybe` or `always`. Only a request that was `never` sent
   * is safe to repeat whatever its method.
   */
  readonly sent: 'never' | 'maybe' | 'always';

  /**
   * URL of the request that failed, absolute: where it was sent last, or was to be sent. Without user name, password and
   * fragment. `undefined` where there was no request, or its URL is none.
   */
  readonly url: string | undefined;

  /** The attempts of {@link RequestMethods.request} that came before, in order: errors, statuses, redirects. */
  readonly history: readonly RequestHistory[] = [];

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param code - {@link HTTPError.code}.
   * @param message - for a person.
   * @param options - the `cause`, and what the code does not say.
   */
  constructor(code: ErrorCode, message: string, options?: HTTPErrorOptions) {
    super(message, options);
    this.code = code;
    this.sent = options?.sent ?? (code in FAILURES ? FAILURES[code as FailureName].sent : 'never');
    this.url = options?.url;
  }
}

/** An option or argument cannot be honoured. Nothing was sent, unless it is a redirect that led there. */
export class InvalidRequestError extends HTTPError {
  override readonly name: string = 'InvalidRequestError';
}

/** A URL or host cannot be used, or a redirect leads to one (urllib3, where it is no InvalidRequestError). */
export class LocationValueError extends InvalidRequestError {
  override readonly name: string = 'LocationValueError';
}

/** A URL cannot be parsed (urllib3). The message does not repeat it: it may hold a password. */
export class LocationParseError extends LocationValueError {
  override readonly name = 'LocationParseError';
}

/** A URL has a scheme that is not supported (urllib3). */
export class URLSchemeUnknown extends LocationValueError {
  override readonly name: string = 'URLSchemeUnknown';

  /** The scheme, without a colon; `undefined` where there is none. */
  readonly scheme: string | undefined;

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param code - {@link HTTPError.code}.
   * @param message - for a person.
   * @param options - also {@link URLSchemeUnknown.scheme}.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: HTTPErrorOptions & { readonly scheme?: string | undefined },
  ) {
    super(code, message, options);
    this.scheme = options?.scheme;
  }
}

/** The URL of a proxy has a scheme that is not supported (urllib3). */
export class ProxySchemeUnknown extends URLSchemeUnknown {
  override readonly name = 'ProxySchemeUnknown';
}

/** The error for an option or argument that cannot be honoured. */
export function invalidOption(message: string): InvalidRequestError {
  return new InvalidRequestError('invalid_option', message);
}

/** {@link HTTPResponse.data} was asked for before the content was read. */
export class ResponseStateError extends HTTPError {
  override readonly name = 'ResponseStateError';
}

/** The session with the gateway could not be opened, or ended before the exchange did. */
export class SessionError extends HTTPError {
  override readonly name: string = 'SessionError';
}

/** The gateway does not accept the token. */
export class AuthenticationError extends SessionError {
  override readonly name = 'AuthenticationError';
}

/** The gateway's policy forbids the destination or the request. */
export class EgressDeniedError extends HTTPError {
  override readonly name = 'EgressDeniedError';
}

/** Something about a pool of connections (urllib3). */
export class PoolError extends HTTPError {
  override readonly name: string = 'PoolError';

  /** The pool, where the request was made with one. Not enumerable: its headers are nothing for a log. */
  declare readonly pool: unknown;
}

/** No connection became free within `poolTimeout` in a pool with `block` (urllib3). */
export class EmptyPoolError extends PoolError {
  override readonly name = 'EmptyPoolError';
}

/**
 * More connections came back to a pool with `block` than it may hold (urllib3). Our gateway never says so: there a
 * connection comes back once, whatever is released twice. The class is for code that names it.
 */
export class FullPoolError extends PoolError {
  override readonly name = 'FullPoolError';
}

/** `close()` of the pool or its manager was called before the request (urllib3). */
export class ClosedPoolError extends PoolError {
  override readonly name = 'ClosedPoolError';
}

/** Something took longer than it may (urllib3). */
export class TimeoutError extends HTTPError {
  override readonly name: string = 'TimeoutError';
}

/** The origin fell silent for longer than the read timeout (urllib3, where it is a {@link RequestError} too). */
export class ReadTimeoutError extends TimeoutError {
  override readonly name = 'ReadTimeoutError';

  /** {@link PoolError.pool}. */
  declare readonly pool: unknown;
}

/** A connection took longer than the connect timeout (urllib3). */
export class ConnectTimeoutError extends TimeoutError {
  override readonly name: string = 'ConnectTimeoutError';
}

/** A connection could not be made (urllib3, where it is a {@link ConnectTimeoutError} too). */
export class NewConnectionError extends ConnectTimeoutError {
  override readonly name: string = 'NewConnectionError';
}

/** The origin's name could not be resolved (urllib3). */
export class NameResolutionError extends NewConnectionError {
  override readonly name = 'NameResolutionError';
}

/** TLS with the origin failed (urllib3). */
export class SSLError extends HTTPError {
  override readonly name = 'SSLError';
}

/** A proxy could not be used (urllib3). Nothing was sent, and nothing went past it. */
export class ProxyError extends HTTPError {
  override readonly name = 'ProxyError';
}

/** A message broke the protocol, or a connection ended in the middle of one (urllib3). */
export class ProtocolError extends HTTPError {
  override readonly name: string = 'ProtocolError';
}

/** {@link HTTPResponse.readChunked} was asked of a response that has a length (urllib3). */
export class ResponseNotChunked extends ProtocolError {
  override readonly name = 'ResponseNotChunked';
}

/** The response's content ended before it was complete (urllib3, where it is the cause of a {@link ProtocolError}). */
export class IncompleteRead extends ProtocolError {
  override readonly name = 'IncompleteRead';

  /** Content that had come, in bytes, before its coding was undone. */
  readonly partial: number;

  /** Content that was still to come, in bytes; `undefined` where the origin did not say how much there is. */
  readonly expected: number | undefined;

  /**
   * For the library, and for tests of code that catches errors.
   *
   * @param code - {@link HTTPError.code}.
   * @param message - for a person.
   * @param options - also {@link IncompleteRead.partial} and {@link IncompleteRead.expected}.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: HTTPErrorOptions & { readonly partial?: number; readonly expected?: number | undefined },
  ) {
    super(code, message, options);
    this.partial = options?.partial ?? 0;
    this.expected = options?.expected;
  }
}

/** {@link HTTPErrorOptions}, and those of {@link IncompleteRead}. */
type FailureOptions = NonNullable<ConstructorParameters<typeof IncompleteRead>[2]>;

type ErrorClass = new (code: ErrorCode, message: string, options?: HTTPErrorOptions) => HTTPError;

const CLASSES: Readonly<Record<ErrorClassName, ErrorClass>> = {
  AuthenticationError,
  ClosedPoolError,
  ConnectTimeoutError,
  EgressDeniedError,
  EmptyPoolError,
  FullPoolError,
  IncompleteRead,
  InvalidRequestError,
  NameResolutionError,
  NewConnectionError,
  ProtocolError,
  ProxyError,
  ReadTimeoutError,
  SSLError,
  SessionError,
};

/**
 * The error of a failure: the one place where a row of the wire's table becomes a class. The gateway sends the words; a
 * bare code, as in a reset, is told by the name of its row.
 */
export function failureError(failure: Failure, options?: FailureOptions): HTTPError {
  const message = failure.detail === '' ? failure.name.replaceAll('_', ' ') : failure.detail;
  return new CLASSES[FAILURES[failure.name].errorClass](failure.name, message, options);
}

/** The same error once more: each of several requests that it ends has one of its own, and that is told of it alone. */
export function copyOf(error: HTTPError): HTTPError {
  return new (error.constructor as ErrorClass)(error.code, error.message, error);
}

/** Tells an error the URL of its request, unless it knows one. @returns the error. */
export function tellUrl(error: unknown, url: URL): unknown {
  // Others than http: and https: have no origin; what looks like a scheme there may be a user name.
  if (error instanceof HTTPError && url.origin !== 'null') {
    (error as { url?: string | undefined }).url ??= plainUrl(url);
  }
  return error;
}

/** Tells an error its pool. Not for a log: what a pool is, and the headers it has, are nobody's business there. */
export function tellPool(error: PoolError | ReadTimeoutError, pool: unknown): void {
  Object.defineProperty(error, 'pool', { value: pool, configurable: true });
}

/**
 * A part of the client that not every page needs, loaded when it is first needed. A failure is not remembered: who needs the
 * part next tries again.
 *
 * @param sent - {@link HTTPError.sent}, where it is needed for a response.
 */
export async function loaded<Part>(part: Promise<Part>, sent?: HTTPError['sent']): Promise<Part> {
  try {
    return await part;
  } catch (cause) {
    throw new HTTPError('load_failed', 'a part of the client could not be loaded', { cause, sent });
  }
}

/** A URL as errors and histories tell it: no user name, no fragment. */
export function plainUrl({ origin, pathname, search }: URL): string {
  return origin + pathname + search;
}
