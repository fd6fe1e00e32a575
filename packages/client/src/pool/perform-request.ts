import { CONNECTION_OPTIONS } from '../connection-options.ts';
import { invalidOption, loaded, plainUrl, type RequestHistory, tellUrl } from '../errors.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import { extractBody, type RequestBody } from '../exchange/request-body.ts';
import { checkFlag, checkNames, checkPoolTimeout } from './check-options.ts';
import { foreignOptions } from './foreign-options.ts';
import { HTTPHeaderDict } from './http-header-dict.ts';
import { HTTPResponse } from './http-response.ts';
import { requestLog } from './log-requests.ts';
import { encodeTarget } from './parse-url.ts';
import { performRetries, type RetryHooks } from './perform-retries.ts';
import { ProgressListeners } from './progress.ts';
import type { RequestInit } from './request-options.ts';
import type { RequestSender } from './request-sender.ts';
import { Retry } from './retry.ts';
import { HostChangedError } from './retry-errors.ts';
import { Timeout } from './timeout.ts';
import { deadlineSignal, wait } from './wait.ts';

/** Where `fields` and `json` go: an export of encode-request.ts. */
export type ContentEncoder = 'encodeRequest' | 'encodeInUrl' | 'encodeInBody';

/** Where a request goes: to a URL, or to a path of an origin. */
export type RequestTarget = {
  /** The pool that was asked, if it was one: requests stay at its origin unless told otherwise. */
  readonly pool?:
    | {
        /** Whether a URL leads to its origin. */
        isSameHost(url: URL): boolean;
      }
    | undefined;
} & (
  | {
      /** Absolute. */
      readonly url: URL;
    }
  | {
      /** Scheme, host and port. */
      readonly origin: string;
      /** Sent as it is, dots and all, but for what must be percent-encoded (urllib3). */
      readonly path: string;
    }
);

/** What the requests of a manager or pool have that say nothing else. */
interface Defaults {
  readonly headers: HTTPHeaderDict;
  readonly retries: Retry;
  readonly timeout: Timeout;
}

/** What `urlopen()` takes beside options of connections. */
const NAMES = [
  'headers',
  'body',
  'retries',
  'redirect',
  'assertSameHost',
  'timeout',
  'preloadContent',
  'decodeContent',
  'poolTimeout',
  'signal',
  'onUploadProgress',
  'onDownloadProgress',
];

/** What an encoder is needed for. */
const CONTENT_NAMES = ['fields', 'json', 'encodeMultipart', 'multipartBoundary'] as const;

/**
 * urllib3's `request()` and `urlopen()`: encodes what is to be sent, sends it as often as need be, and preloads the content
 * unless told otherwise.
 *
 * @param targetOf - what a URL means to the manager or pool.
 * @param encoder - none for `urlopen()`, which sends everything as it is.
 */
export async function performRequest(
  sender: RequestSender,
  defaults: Defaults,
  targetOf: (url: string | URL) => RequestTarget,
  method: string,
  url: string | URL,
  init: RequestInit,
  encoder: ContentEncoder | undefined,
): Promise<HTTPResponse> {
  try {
    return await perform(sender, defaults, targetOf, method, url, init, encoder);
  } catch (error) {
    if (!init.signal?.aborted) {
      try {
        tellUrl(error, placeOf(targetOf(url)).firstUrl);
      } catch {
        // There is no URL to tell of.
      }
    }
    throw error;
  }
}

async function perform(
  ...[sender, defaults, targetOf, method, url, init, encoder]: Parameters<typeof performRequest>
): Promise<HTTPResponse> {
  const known = encoder === undefined ? NAMES : [...NAMES, ...CONTENT_NAMES];
  const overrides = checkNames('request()', init, known, CONNECTION_OPTIONS) ? { ...init } : undefined;
  const options = checkPoolTimeout(init.poolTimeout);
  const timeout = init.timeout === undefined ? defaults.timeout : Timeout.from(init.timeout);
  const progress = new ProgressListeners(init);
  const redirect = checkFlag('redirect', init.redirect, true);
  const retries = Retry.fromInt(init.retries, redirect, defaults.retries);
  // Now, so that what follows counts.
  const signal =
    timeout.deadline === null ? init.signal : deadlineSignal(timeout.deadline, init.signal ?? undefined);
  const given = { method, url: String(url), headers: init.headers ?? defaults.headers, body: init.body };
  const encoded =
    encoder !== undefined && CONTENT_NAMES.some((name) => init[name] !== undefined)
      ? (await loaded(import('./encode-request.ts')))[encoder](method, given.url, { ...init, ...given })
      : given;
  const { pool, ...place } = targetOf(encoded.url);
  const { target, firstUrl } = placeOf(place);
  if (pool === undefined && init.assertSameHost !== undefined) {
    throw invalidOption('assertSameHost is for pools: a manager goes to every host');
  }
  const staysAt = checkFlag('assertSameHost', init.assertSameHost, true) ? pool : undefined;
  let latest: ExchangeResponse;
  // Once a redirect has led away, what was given for the first origin stays behind: also on the way back.
  let isAway = false;
  let isAwayFromPool = false;
  const hooks: RetryHooks<RequestBody, HTTPResponse> = {
    async send(request, attempt, left) {
      if (staysAt?.isSameHost(request.url) === false) {
        throw new HostChangedError(pool, plainUrl(request.url), attempt > 0 ? 'always' : 'never', left);
      }
      isAway ||= request.url.origin !== firstUrl.origin;
      isAwayFromPool ||= pool?.isSameHost(request.url) === false;
      const answer = await progress.send(request.body, (onBodySent) =>
        sender.send({
          ...request,
          options: { ...timeout.requestOptions(), ...options },
          signal,
          connectionFields: 'refuse',
          overrides: isAway ? overrides && foreignOptions(overrides) : overrides,
          elsewhere: isAwayFromPool ? foreignOptions : undefined,
          via: redirectsOf(left.history.slice(retries.history.length)),
          onBodySent,
        }),
      );
      const response = new HTTPResponse(request.url, answer, {
        method: request.method,
        decodeContent: init.decodeContent,
        retries: left,
        requestUrl: firstUrl.href,
        end: init.preloadContent === false ? { pool, history: left.history } : undefined,
      });
      latest = answer;
      requestLog()?.response(request, response);
      return response;
    },
    async preload(response) {
      progress.receive(latest, response.lengthRemaining);
      if (init.preloadContent ?? true) await response.preload();
    },
    drain: (response) => response.drainConn(),
    isReplayable: (body) => body.isReplayable,
    wait,
    onRepeat: (left, request) => requestLog()?.repeat(left, request),
  };
  const source = encoded.body ?? undefined;
  const extracted = source === undefined ? source : extractBody(source);
  const body = extracted instanceof Promise ? await extracted : extracted;
  const { response } = await performRetries(
    {
      method: encoder === 'encodeRequest' ? method.toUpperCase() : method,
      url: firstUrl,
      target,
      lines: new HTTPHeaderDict(encoded.headers).toLines(),
      body,
    },
    { retries, redirect, signal, pool, isOver: () => sender.isClosed },
    hooks,
  );
  return response;
}

/** URLs that redirected, first to last. */
function redirectsOf(history: readonly RequestHistory[]): string[] {
  return history.flatMap(({ url, redirectLocation }) => (redirectLocation === undefined ? [] : (url ?? [])));
}

/** The URL of a request, without the user name that is not sent, and what is asked for there where its path does not say it. */
function placeOf(place: RequestTarget): { firstUrl: URL; target: string | undefined } {
  if ('path' in place) {
    const target = encodeTarget(place.path);
    return { firstUrl: new URL(place.origin + target), target };
  }
  const firstUrl = new URL(place.url);
  firstUrl.username = '';
  firstUrl.password = '';
  return { firstUrl, target: undefined };
}
