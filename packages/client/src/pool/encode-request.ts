import { InvalidRequestError, invalidOption } from '../errors.ts';
import type { BodySource } from '../options.ts';
import { encodeMultipartFormdata } from './encode-multipart.ts';
import { HTTPHeaderDict } from './http-header-dict.ts';
import type { FieldValue, RequestField } from './request-field.ts';
import type { RequestInit } from './request-options.ts';
import { type UrlencodeFields, urlencode } from './urlencode.ts';

/** What a request is to carry, as the options of `request()` say it. The headers are not changed. */
export type RequestContent = Readonly<
  Pick<RequestInit, 'body' | 'encodeMultipart' | 'fields' | 'headers' | 'json' | 'multipartBoundary'>
>;

/** What is to be sent. */
export interface EncodedRequest {
  /** Method, in upper case where `request()` was asked. */
  readonly method: string;
  /** The URL, with fields in its query. */
  readonly url: string;
  /** A dictionary of its own, with the `content-type` that goes with the body. */
  readonly headers: HTTPHeaderDict;
  /** The body; `undefined` when there is none. */
  readonly body: BodySource | undefined;
}

/** Methods whose fields are sent in the URL. */
const IN_URL: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS']);

/**
 * What `request()` sends, by its method: {@link encodeInUrl} or {@link encodeInBody}.
 *
 * @throws {@link InvalidRequestError} when options contradict one another, or cannot be sent.
 * @see urllib3 `RequestMethods.request`
 */
export function encodeRequest(method: string, url: string, content: RequestContent): EncodedRequest {
  const upper = method.toUpperCase();
  return IN_URL.has(upper) ? encodeInUrl(upper, url, content) : encodeInBody(upper, url, content);
}

/**
 * What `requestEncodeUrl()` sends: fields in the query of the URL, after those it has.
 *
 * @throws {@link InvalidRequestError} when a field cannot be sent in a URL, or an option is about fields in a body.
 * @see urllib3 `RequestMethods.request_encode_url`
 */
export function encodeInUrl(method: string, url: string, content: RequestContent): EncodedRequest {
  for (const name of ['encodeMultipart', 'multipartBoundary'] as const) {
    if (content[name] === undefined) continue;
    throw invalidOption(
      `${name} is about fields in a body: leave it out, as this request has them in its URL`,
    );
  }
  const query = urlencode(pairsOf(content) as UrlencodeFields);
  return { method, url: query === '' ? url : withQuery(url, query), ...ownContent(content) };
}

/**
 * What `requestEncodeBody()` sends: fields in the body, as a form. No fields at all are no body.
 *
 * @throws {@link InvalidRequestError} when fields come with a body, or cannot be sent.
 * @see urllib3 `RequestMethods.request_encode_body`
 */
export function encodeInBody(method: string, url: string, content: RequestContent): EncodedRequest {
  const { headers, body } = ownContent(content);
  const form = encodeForm(content);
  if (form === undefined) return { method, url, headers, body };
  if (body !== undefined) throw onlyOne('fields', content.json === undefined ? 'body' : 'json');
  headers.setdefault('Content-Type', form.contentType);
  return { method, url, headers, body: form.body };
}

/** What is not fields. */
function ownContent(content: RequestContent): Pick<EncodedRequest, 'headers' | 'body'> {
  const headers = new HTTPHeaderDict(content.headers);
  const body = content.body ?? undefined;
  if (content.json === undefined) return { headers, body };
  if (body !== undefined) throw onlyOne('body', 'json');
  headers.setdefault('Content-Type', 'application/json');
  return { headers, body: jsonText(content.json) };
}

function jsonText(value: unknown): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  const why = cause instanceof Error ? cause.message : `got ${typeof value}`;
  throw new InvalidRequestError('invalid_option', `json must be a value that JSON can say: ${why}`, {
    cause,
  });
}

function encodeForm(content: RequestContent): { body: BodySource; contentType: string } | undefined {
  const { encodeMultipart = true, multipartBoundary } = content;
  if (!encodeMultipart && multipartBoundary !== undefined) {
    throw invalidOption(
      'multipartBoundary is about multipart/form-data: leave it or encodeMultipart: false out',
    );
  }
  const pairs = pairsOf(content);
  if (pairs.length === 0) return undefined;
  if (!encodeMultipart) {
    return { body: urlencode(pairs as UrlencodeFields), contentType: 'application/x-www-form-urlencoded' };
  }
  return encodeMultipartFormdata(
    content.fields instanceof FormData ? content.fields : pairs,
    multipartBoundary,
  );
}

/** As a list: an iterator gives them once. */
function pairsOf(content: RequestContent): (RequestField | readonly [name: string, value: FieldValue])[] {
  const fields = content.fields ?? [];
  if (typeof fields !== 'object')
    throw invalidOption(`fields must be an object, pairs or FormData, got ${typeof fields}`);
  return [...(Symbol.iterator in fields ? fields : Object.entries(fields))];
}

/** Into the query, which ends where a fragment begins. */
function withQuery(url: string, query: string): string {
  const hash = url.indexOf('#');
  const end = hash < 0 ? url.length : hash;
  const base = url.slice(0, end);
  const separator = !base.includes('?') ? '?' : /[?&]$/.test(base) ? '' : '&';
  return base + separator + query + url.slice(end);
}

function onlyOne(one: string, other: string): InvalidRequestError {
  return invalidOption(`${one} and ${other} both say what the body is: give one of them`);
}
