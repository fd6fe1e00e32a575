import { HTTPError, plainUrl, tellUrl } from '../errors.ts';
import { locationUrl, type RepeatableResponse, redirectLocation } from './redirect-location.ts';
import { type RepeatableRequest, redirectedRequest } from './redirected-request.ts';
import { tellEnd } from './request-history.ts';
import type { Retry } from './retry.ts';
import { DeadlineError, MaxRetryError, UnrewindableBodyError } from './retry-errors.ts';

/** What a request may do before it has the response that is wanted. */
export interface RetryPolicy {
  /** What is left of the retries: {@link Retry.fromInt} of what the user gave. */
  readonly retries: Retry;

  /** Whether redirects are followed; otherwise they are responses like others. */
  readonly redirect: boolean;

  /** Ends the matter when it aborts: no error that came of it is repeated. */
  readonly signal?: AbortSignal | undefined;

  /** Whether nobody can send any more: what failed for it is told as it is. */
  readonly isOver?: (() => boolean) | undefined;

  /** Named by a {@link MaxRetryError}. */
  readonly pool?: unknown;
}

/** What {@link performRetries} has others do. */
export interface RetryHooks<Body, Response extends RepeatableResponse> {
  /**
   * Sends a request and gives its response at the head. `attempt` counts from 0; `retries` are what is left.
   */
  send(request: RepeatableRequest<Body>, attempt: number, retries: Retry): Promise<Response>;

  /**
   * Reads the content of the response that is wanted; when it breaks off, that is an error like one of `send`. Without
   * it (`preloadContent: false`) the content is the caller's, and nothing is repeated for it.
   */
  preload?: ((response: Response) => Promise<void>) | undefined;

  /**
   * Gets rid of the content of a response that is not wanted, or whose content failed, so that its connection may be used
   * again. Never throws.
   */
  drain(response: Response): Promise<void>;

  /** Whether a body can be sent again: that of {@link RepeatableRequest} is, as it is. */
  isReplayable(body: Body): boolean;

  /** Waits; rejects with the reason of the signal when that aborts. */
  wait(delayMs: number, signal: AbortSignal | undefined): Promise<void>;

  /** Told before each further attempt: the last entry of the history says why there is one. */
  onRepeat?: ((retries: Retry, request: RepeatableRequest<unknown>) => void) | undefined;
}

/** The response that was wanted. */
export interface RetryOutcome<Body, Response> {
  /** The response of the last attempt. */
  readonly response: Response;

  /** The request it answers; its `url` is where the response came from. */
  readonly request: RepeatableRequest<Body>;

  /** What is left of the retries; their `history` tells of the attempts before. */
  readonly retries: Retry;
}

/** What another attempt begins with. */
interface Step<Body> {
  request: RepeatableRequest<Body>;
  retries: Retry;
}

/**
 * Sends a request until there is a response that need not be repeated (urllib3's `urlopen()`): after errors, after
 * statuses that are retried, and to where redirects lead.
 *
 * @throws what {@link Retry.increment} does; {@link UnrewindableBodyError} when the body is gone; {@link LocationValueError}
 * when a redirect leads nowhere; {@link InvalidHeader} when `retry-after` cannot be read; the reason of the signal.
 */
export async function performRetries<Body, Response extends RepeatableResponse>(
  first: RepeatableRequest<Body>,
  policy: RetryPolicy,
  hooks: RetryHooks<Body, Response>,
): Promise<RetryOutcome<Body, Response>> {
  const progress = { request: first, retries: policy.retries };
  try {
    return await repeat(progress, policy, hooks);
  } catch (error) {
    throw tellError(error, progress, policy);
  }
}

/** {@link performRetries}, with errors that do not know yet what they are errors of. @param progress - kept up to date. */
async function repeat<Body, Response extends RepeatableResponse>(
  progress: Step<Body>,
  policy: RetryPolicy,
  hooks: RetryHooks<Body, Response>,
): Promise<RetryOutcome<Body, Response>> {
  for (let attempt = 0; ; attempt++) {
    const { request, retries } = progress;
    let response: Response | undefined;
    let cause: unknown;
    try {
      response = await hooks.send(request, attempt, retries);
      const next = afterResponse(request, response, retries, policy);
      if (next === undefined) {
        await hooks.preload?.(response);
        return { response, request, retries };
      }
      Object.assign(progress, next);
    } catch (error) {
      if (policy.signal?.aborted || policy.isOver?.()) throw error;
      if (response !== undefined) await hooks.drain(response);
      tellEnd(error, { pool: policy.pool, history: [] });
      progress.retries = afterError(request, error, retries, policy);
      cause = error;
      response = undefined;
    }
    if (response !== undefined) await hooks.drain(response);
    const { body } = progress.request;
    if (body !== undefined && !hooks.isReplayable(body)) {
      throw new UnrewindableBodyError(
        'body_unrewindable',
        'Unable to record file position for rewinding request body during a redirect/retry: give text, bytes or a Blob',
        { cause },
      );
    }
    const delayMs = progress.retries.delayMs(response);
    if (delayMs > 0) await hooks.wait(delayMs, policy.signal);
    hooks.onRepeat?.(progress.retries, progress.request);
  }
}

/**
 * What is left after an error. What is not worth repeating is thrown again, such as what a response led to; after an
 * attempt that the origin may have seen, not as if it had seen none.
 */
function afterError(
  request: RepeatableRequest<unknown>,
  error: unknown,
  retries: Retry,
  policy: RetryPolicy,
): Retry {
  const attempt = attemptOf(request, policy);
  try {
    return retries.increment({ ...attempt, error });
  } catch (final) {
    const wasSent = retries.history.some((earlier) => earlier.error && earlier.error.sent !== 'never');
    if (!wasSent || final !== error || !(error instanceof HTTPError) || error.sent !== 'never') throw final;
    const { method, url, pool } = attempt;
    const entry = { method, url, error, status: undefined, redirectLocation: undefined };
    throw new MaxRetryError(pool, url, error, [...retries.history, entry]);
  }
}

/** What follows a response; `undefined` when it is the one that is wanted, or must do. */
function afterResponse<Body>(
  request: RepeatableRequest<Body>,
  response: RepeatableResponse,
  retries: Retry,
  policy: RetryPolicy,
): Step<Body> | undefined {
  const { status, headers } = response;
  const location = policy.redirect ? redirectLocation(response) : undefined;
  const isRedirect = location !== undefined;
  if (!isRedirect && !retries.isRetry(request.method, status, Boolean(headers.get('retry-after')))) return;
  try {
    const left = retries.increment({ ...attemptOf(request, policy), response });
    if (!isRedirect) return { request, retries: left };
    const target = locationUrl(location, request.url);
    return {
      request: redirectedRequest(request, target, status === 303, left.removeHeadersOnRedirect),
      retries: left,
    };
  } catch (error) {
    const isRaised = isRedirect ? retries.raiseOnRedirect : retries.raiseOnStatus;
    if (error instanceof MaxRetryError && !isRaised) return;
    throw error;
  }
}

/**
 * Tells an error that ends the matter of the request: the URL that was or was to be asked, the pool, the attempts before. The
 * reason of a signal is its owner's, and an error of another request, whose content was the body of this one, is that one's.
 */
function tellError(
  error: unknown,
  { request, retries }: Step<unknown>,
  { signal, pool }: RetryPolicy,
): unknown {
  const isForeign = signal?.aborted && error === signal.reason && !(error instanceof DeadlineError);
  if (isForeign || !(error instanceof HTTPError)) return error;
  tellUrl(error, request.url);
  return error.url === plainUrl(request.url) ? tellEnd(error, { pool, history: retries.history }) : error;
}

/** What errors and histories tell of an attempt: no user name, no fragment. */
function attemptOf({ method, url }: RepeatableRequest<unknown>, { pool }: RetryPolicy) {
  return { method, url: plainUrl(url), pool };
}
