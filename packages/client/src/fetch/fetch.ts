import * as DEFAULTS from '../defaults.ts';
import { InvalidRequestError, loaded, type RequestHistory, tellUrl } from '../errors.ts';
import { abandonWith, keepBody } from '../exchange/abandoned-bodies.ts';
import { bodyStream } from '../exchange/body-stream.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import { fieldValue } from '../exchange/field-value.ts';
import { discardBody } from '../exchange/request-body.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { ResponseContent } from '../pool/response-content.ts';
import { type FetchRequest, readFetchArguments } from './fetch-request.ts';
import type { FetchRules } from './fetch-rules.ts';
import type { FetchSender } from './fetch-sender.ts';
import type { FetchInit, FetchOptions, FetchResponse } from './fetch-types.ts';
import { redirectLocation } from './redirect-location.ts';
import { type ResponseInfo, responseInfo } from './response-info.ts';
import { type ResponseFacts, TunnelResponse } from './tunnel-response.ts';

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/** The platform's, before anybody puts ours in its place. */
const platformFetch = globalThis.fetch;

/** On whose behalf requests are made: the standard's "environment settings object". */
export interface FetchPage {
  readonly url: URL;
  /** What relative URLs are relative to; what the platform says when left out. */
  readonly base?: string;
}

/**
 * The Fetch standard's `fetch()` over a session.
 *
 * @param page - whose requests they are; nobody's when left out.
 * @throws TypeError with the HTTPError as its `cause`, or the reason of the signal.
 */
export async function tunnelFetch(
  sender: RequestSender,
  input: RequestInfo | URL,
  init: FetchInit | undefined,
  page?: FetchPage,
): Promise<FetchResponse> {
  let request: ReturnType<typeof readFetchArguments> | undefined;
  try {
    request = readFetchArguments(input, init, page?.base);
    const { body, settings, signal, url } = request;
    if (signal?.aborted) {
      discardBody(body, signal.reason);
      throw signal.reason;
    }
    const options = copy(init?.hip);
    const ready = { ...request, body: body instanceof Promise ? await body : body };
    const send = async (rules?: FetchRules): Promise<FetchResponse> =>
      fetchFollowing(
        options === undefined ? sender : await withOptions(sender, options, ready),
        ready,
        rules,
      );
    const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
    if (isHttp && settings === undefined && page === undefined) return await send();
    const { fetchByRules } = await loaded(import('./standard-rules.ts'));
    // What needs no tunnel comes from the platform, and has no `hip`.
    return (await fetchByRules(ready, page, platformFetch, send)) as FetchResponse;
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

async function fetchFollowing(
  sender: FetchSender,
  first: FetchRequest,
  rules?: FetchRules,
): Promise<FetchResponse> {
  let request = first;
  const via: URL[] = [];
  const history: RequestHistory[] = [];
  for (let redirects = 0; ; redirects++) {
    const outgoing = rules?.outgoing(request) ?? request;
    const sent = {
      ...outgoing,
      via,
      options: {},
      connectionFields: 'drop',
      repeats: DEFAULTS.fetchRepeats,
    } as const;
    const response = await sender.send(sent, history);
    const location = redirectLocation(response.status, response.fields);
    if (location === undefined || request.redirect === 'manual') {
      const facts = responseFacts(request, response, redirects > 0, history);
      const made = (type: ResponseType): TunnelResponse =>
        platformResponse(request, response, { ...facts, type });
      return rules === undefined ? made('basic') : await rules.respond(request, facts, made);
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
    const { redirectedRequest } = await loaded(import('./redirect.ts'));
    const next = redirectedRequest(request, response.status, location);
    rules?.redirected(request, next, response.fields);
    request = next;
  }
}

function responseFacts(
  request: FetchRequest,
  response: ExchangeResponse,
  redirected: boolean,
  history: readonly RequestHistory[],
): ResponseFacts {
  const { status, fields, metadata } = response;
  let info: ResponseInfo | undefined;
  return {
    status,
    reason: metadata.reason ?? '',
    fields,
    url: withoutFragment(request.url),
    redirected,
    type: 'basic',
    signal: request.signal,
    info: () => {
      info ??= responseInfo(response, history, (reason) => fetchError(reason, request.signal));
      return info;
    },
  };
}

function platformResponse(
  request: FetchRequest,
  { status, body }: ExchangeResponse,
  facts: ResponseFacts,
): TunnelResponse {
  if (NULL_BODY_STATUSES.has(status) || request.method === 'HEAD') return new TunnelResponse(null, facts);
  const content = new ResponseContent(body, fieldValue(facts.fields, 'content-encoding'), request.url);
  const whole = content.takeAll(true);
  if (whole !== undefined) return new TunnelResponse(whole as Uint8Array<ArrayBuffer>, facts);
  let bodyError: unknown;
  const stream = bodyStream(
    {
      next: () => content.next(undefined, true),
      cancel: () => content.cancel(),
      onFailure: (told) => body.watch(() => body.error && told(body.error.reason)),
    },
    (reason) => {
      bodyError = fetchError(reason, request.signal);
      return bodyError;
    },
  );
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
