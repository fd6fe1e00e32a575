import type { FieldLines } from '@hip/wire';
import type { FetchRequest } from './fetch-request.ts';

/** Fields that describe a body, dropped with it (Fetch standard, "request-body-header name"). */
const BODY_FIELD = /^content-(?:encoding|language|length|location|type)$/;

/**
 * Fields that must not reach another origin. The standard names `authorization`; a browser keeps cookies and `host` out
 * of a page's hands, a tunnel does not, so they go too.
 */
const ORIGIN_FIELD = /^(?:authorization|cookie|host)$/;

/**
 * The request that follows a redirect: "HTTP-redirect fetch" of the Fetch standard.
 *
 * @throws TypeError where the standard gives a network error.
 */
export function redirectedRequest(request: FetchRequest, status: number, location: string): FetchRequest {
  const target = targetUrl(location, request.url);
  const { method } = request;
  const becomesGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD');
  // "If internalResponse's status is not 303, request's body is non-null, and request's body's source is null": also
  // where a GET without the body would follow.
  if (status !== 303 && request.body !== undefined && !request.body.isReplayable) {
    throw new TypeError(
      `redirect with status ${status} needs the body again, and a stream can be read only once`,
    );
  }
  const staysAtOrigin = target.origin === request.url.origin;
  const keeps = (name: string): boolean =>
    !(becomesGet && BODY_FIELD.test(name)) && (staysAtOrigin || !ORIGIN_FIELD.test(name));
  return {
    ...request,
    method: becomesGet ? 'GET' : method,
    url: target,
    lines: filtered(request.lines, keeps),
    body: becomesGet ? undefined : request.body,
  };
}

/** Where a location leads from `url`, whose fragment it inherits. */
function targetUrl(location: string, url: URL): URL {
  // Servers write UTF-8 where only ASCII may stand, and browsers read it; what is none keeps its bytes.
  const text = location.replace(/[\x80-\xff]/g, encodeByte);
  if (!URL.canParse(text, url)) throw new TypeError('redirect must lead to a URL');
  const target = new URL(text, url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new TypeError(`redirect must lead to http: or https:, got ${target.protocol}`);
  }
  if (target.hash === '') target.hash = url.hash;
  return target;
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function filtered(lines: FieldLines, keeps: (name: string) => boolean): FieldLines {
  const kept: FieldLines = [];
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    if (keeps(name)) kept.push(name, lines[i + 1] as string);
  }
  return kept;
}
