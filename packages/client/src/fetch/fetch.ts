import type { FieldLines } from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { tellUrl } from '../errors.ts';
import { abandonWith, keepBody } from '../exchange/abandoned-bodies.ts';
import { bodyStream } from '../exchange/body-stream.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { ResponseContent } from '../pool/response-content.ts';
import { type FetchRequest, readFetchArguments } from './fetch-request.ts';
import { redirectedRequest, redirectLocation } from './redirect.ts';
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
  init: RequestInit | undefined,
): Promise<Response> {
  let request: ReturnType<typeof readFetchArguments> | undefined;
  try {
    request = readFetchArguments(input, init);
    const { body } = request;
    const ready = { ...request, body: body instanceof Promise ? await body : body };
    return await fetchFollowing(sender, ready);
  } catch (error) {
    if (request !== undefined && !request.signal?.aborted) tellUrl(error, request.url);
    throw fetchError(error, request?.signal);
  }
}

/** What the standard makes of an error: the reason of the signal as it is, everything else a TypeError. */
function fetchError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof TypeError || (signal?.aborted && error === signal.reason)) return error;
  return new TypeError(`fetch failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

async function fetchFollowing(sender: RequestSender, first: FetchRequest): Promise<Response> {
  let request = first;
  const via: URL[] = [];
  for (let redirects = 0; ; redirects++) {
    const response = await sender.send({ ...request, via, options: {}, connectionFields: 'drop' });
    const location = redirectLocation(response.status, response.fields);
    if (location === undefined || request.redirect === 'manual') {
      return platformResponse(request, response, redirects > 0);
    }
    response.body.cancel();
    if (request.redirect === 'error') throw new TypeError('fetch failed: unexpected redirect');
    if (redirects === DEFAULTS.maxFetchRedirects) {
      throw new TypeError(`fetch failed: more than ${DEFAULTS.maxFetchRedirects} redirects`);
    }
    via.push(request.url);
    request = redirectedRequest(request, response.status, location);
  }
}

function platformResponse(request: FetchRequest, response: ExchangeResponse, redirected: boolean): Response {
  const { status, fields, metadata, body } = response;
  const facts = {
    status,
    reason: metadata.reason ?? '',
    fields,
    url: withoutFragment(request.url),
    redirected,
  };
  if (NULL_BODY_STATUSES.has(status) || request.method === 'HEAD') return new TunnelResponse(null, facts);
  const content = new ResponseContent(body, fieldValue(fields, 'content-encoding'), request.url);
  const whole = content.takeAll(true);
  if (whole !== undefined) return new TunnelResponse(whole as Uint8Array<ArrayBuffer>, facts);
  let bodyError: unknown;
  const source = { next: () => content.next(undefined, true), cancel: () => content.cancel() };
  const stream = bodyStream(source, (reason) => {
    bodyError = fetchError(reason, request.signal);
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

/** The value of a list-based field: its lines joined (RFC 9110 §5.3). */
function fieldValue(fields: FieldLines, name: string): string {
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === name).join(', ');
}

function withoutFragment(url: URL): string {
  const at = url.href.indexOf('#');
  return at < 0 ? url.href : url.href.slice(0, at);
}
