import { DEFAULTS } from '../defaults.ts';
import { HTTPError } from '../errors.ts';
import { bodyStream } from '../exchange/body-stream.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { type FetchRequest, readFetchArguments } from './fetch-request.ts';
import { redirectedRequest, redirectTarget } from './redirect.ts';
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
  try {
    return await fetchFollowing(sender, readFetchArguments(input, init));
  } catch (error) {
    if (error instanceof HTTPError) throw new TypeError(`fetch failed: ${error.message}`, { cause: error });
    throw error;
  }
}

async function fetchFollowing(sender: RequestSender, first: FetchRequest): Promise<Response> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const response = await sender.send({ ...request, options: {}, connectionFields: 'drop' });
    const target = redirectTarget(response.status, fieldValue(response, 'location'), request.url);
    if (target === undefined || request.redirect === 'manual') {
      return platformResponse(request, response, redirects > 0);
    }
    response.body.cancel();
    if (request.redirect === 'error') throw new TypeError('fetch failed: unexpected redirect');
    if (redirects === DEFAULTS.maxFetchRedirects) {
      throw new TypeError(`fetch failed: more than ${DEFAULTS.maxFetchRedirects} redirects`);
    }
    request = redirectedRequest(request, response.status, target);
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
  if (body.isComplete) return new TunnelResponse(body.takeAll() as Uint8Array<ArrayBuffer>, facts);
  return new TunnelResponse(bodyStream(body), facts);
}

function fieldValue(response: ExchangeResponse, name: string): string | undefined {
  for (let i = 0; i < response.fields.length; i += 2) {
    if (response.fields[i] === name) return response.fields[i + 1];
  }
  return undefined;
}

function withoutFragment(url: URL): string {
  const at = url.href.indexOf('#');
  return at < 0 ? url.href : url.href.slice(0, at);
}
