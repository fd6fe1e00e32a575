import * as DEFAULTS from '../defaults.ts';
import { InvalidRequestError, loaded, type RequestHistory, tellUrl } from '../errors.ts';
import { abandonWith, keepBody } from '../exchange/abandoned-bodies.ts';
import { bodyStream } from '../exchange/body-stream.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import { fieldValue } from '../exchange/field-value.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { ResponseContent } from '../pool/response-content.ts';
import { type FetchRequest, readFetchArguments } from './fetch-request.ts';
import type { FetchSender } from './fetch-sender.ts';
import type { FetchInit, FetchOptions, FetchResponse } from './fetch-types.ts';
import { redirectedRequest, redirectLocation } from './redirect.ts';
import { type ResponseInfo, responseInfo } from './response-info.ts';
import { TunnelResponse } from './tunnel-response.ts';

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * The Fetch standard's `fetch()` over a session.
 *
 * @throws TypeError with the HTTPError as its `cause`, or the reason of the signal.
 */
export async function tunnelFetch(
  sender: RequestSender,
  input: RequestInfo | URL,
  init: FetchInit | undefined,
): Promise<FetchResponse> {
  let request: ReturnType<typeof readFetchArguments> | undefined;
  try {
    request = readFetchArguments(input, init);
    const options = copy(init?.hip);
    const { body } = request;
    const ready = { ...request, body: body instanceof Promise ? await body : body };
    return await fetchFollowing(
      options === undefined ? sender : await withOptions(sender, options, ready),
      ready,
    );
  } catch (error) {
    if (request !== undefined && !request.signal?.aborted) tellUrl(error, request.url);
    throw fetchError(error, request?.signal);
  }
}

/**
 * What the standard makes of an error: the reason of the signal as it is, everything else a TypeError. Libraries that repeat
 * requests know a failure of the network by Node's very words; what failed, the cause says. What was asked wrongly is none.
 */
function fetchError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof TypeError || (signal?.aborted && error === signal.reason)) return error;
  const detail = error instanceof InvalidRequestError ? `: ${error.message}` : '';
  return new TypeError(`fetch failed${detail}`, { cause: error });
}

/** The caller may go on changing what it gave. */
function copy(options: FetchOptions | undefined): FetchOptions | undefined {
  return typeof options === 'object' ? { ...options } : options;
}

/** A sender that carries out `init.hip`: loaded with the first one. */
async function withOptions(
  sender: RequestSender,
  options: FetchOptions,
  request: FetchRequest,
): Promise<FetchSender> {
  const { OptionSender } = await loaded(import('./option-sender.ts'));
  return new OptionSender(sender, options, request);
}

async function fetchFollowing(sender: FetchSender, first: FetchRequest): Promise<FetchResponse> {
  let request = first;
  const via: URL[] = [];
  const history: RequestHistory[] = [];
  for (let redirects = 0; ; redirects++) {
    const response = await sender.send(
      { ...request, via, options: {}, connectionFields: 'drop', repeats: DEFAULTS.fetchRepeats },
      history,
    );
    const location = redirectLocation(response.status, response.fields);
    if (location === undefined || request.redirect === 'manual') {
      return platformResponse(request, response, redirects > 0, history);
    }
    const { method, url } = request;
    history.push({
      method,
      url: withoutFragment(url),
      error: undefined,
      status: response.status,
      redirectLocation: location,
    });
    response.body.cancel();
    if (request.redirect === 'error') throw new TypeError('fetch failed: unexpected redirect');
    if (redirects === DEFAULTS.maxFetchRedirects) {
      throw new TypeError(`fetch failed: more than ${DEFAULTS.maxFetchRedirects} redirects`);
    }
    via.push(request.url);
    request = redirectedRequest(request, response.status, location);
  }
}

function platformResponse(
  request: FetchRequest,
  response: ExchangeResponse,
  redirected: boolean,
  history: readonly RequestHistory[],
): TunnelResponse {
  const { status, fields, metadata, body } = response;
  const errorOf = (reason: unknown): unknown => fetchError(reason, request.signal);
  let info: ResponseInfo | undefined;
  const facts = {
    status,
    reason: metadata.reason ?? '',
    fields,
    url: withoutFragment(request.url),
    redirected,
    info: () => {
      info ??= responseInfo(response, history, errorOf);
      return info;
    },
  };
  if (NULL_BODY_STATUSES.has(status) || request.method === 'HEAD') return new TunnelResponse(null, facts);
  const content = new ResponseContent(body, fieldValue(fields, 'content-encoding'), request.url);
  const whole = content.takeAll(true);
  if (whole !== undefined) return new TunnelResponse(whole as Uint8Array<ArrayBuffer>, facts);
  let bodyError: unknown;
  const source = { next: () => content.next(undefined, true), cancel: () => content.cancel() };
  const stream = bodyStream(source, (reason) => {
    bodyError = errorOf(reason);
    return bodyError;
  });
  const result = new TunnelResponse(stream, {
    ...facts,
    bodyError: () => bodyError,
    keepBody: () => keepBody(body),
  });
  abandonWith(result, body);
  return result;
}

function withoutFragment(url: URL): string {
  const at = url.href.indexOf('#');
  return at < 0 ? url.href : url.href.slice(0, at);
}
