import type { FieldLines } from '@hip/wire';
import { usualAcceptEncoding } from '../decode/content-encoding.ts';
import { tellUrl } from '../errors.ts';
import { extractBody, type RequestBody } from '../exchange/request-body.ts';
import { checkToken } from '../exchange/request-head.ts';
import { baseUrl } from '../page-url.ts';
import { bodySource } from './body-source.ts';
import { fetchSettings } from './fetch-settings.ts';
import { takeRequestBody } from './request-source.ts';

/** What a call of `fetch()` asks for. */
export interface FetchRequest<Body = RequestBody> {
  readonly method: string;
  readonly url: URL;
  readonly lines: FieldLines;
  readonly body: Body | undefined;
  readonly signal: AbortSignal | undefined;
  readonly redirect: RequestRedirect;
  readonly credentials?: RequestCredentials;
  /** Has what else was asked for; `undefined` where nothing was, as in most calls. */
  readonly settings: Request | undefined;
}

/** Methods that are sent in upper case however they are written (Fetch standard, "normalize a method"). */
const NORMALIZED_METHODS: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

const REDIRECT_MODES: readonly string[] = ['follow', 'error', 'manual'];
const CREDENTIALS_MODES: readonly string[] = ['omit', 'same-origin', 'include'];

/** Methods no fetch may use (Fetch standard, "forbidden method"). */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * Reads the arguments of `fetch()` as the standard's Request constructor does, without making a platform `Request`,
 * which would drop headers a tunnel may send. A Request that is given has its body taken.
 *
 * @param base - what relative URLs are relative to.
 * @throws TypeError as the standard says.
 */
export function readFetchArguments(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  base: string | undefined = baseUrl(),
): FetchRequest<RequestBody | Promise<RequestBody>> {
  const request = isRequest(input) ? input : undefined;
  const method = normalizeMethod(init?.method ?? request?.method ?? 'GET');
  const url = parseUrl(request?.url ?? String(input), base);
  const source = init?.body ?? null;
  const inherits = source === null && (request?.body ?? null) !== null;
  if (request?.bodyUsed && source === null) {
    throw new TypeError('input must be a Request whose body has not been used');
  }
  if ((inherits || source !== null) && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`Request with GET/HEAD method cannot have body, got method ${method}`);
  }
  if (source instanceof ReadableStream && (init as { duplex?: string }).duplex !== 'half') {
    throw new TypeError('init.duplex must be "half" when body is a ReadableStream');
  }
  const redirect = init?.redirect ?? request?.redirect ?? 'follow';
  if (!REDIRECT_MODES.includes(redirect)) {
    throw new TypeError(`init.redirect must be one of ${REDIRECT_MODES.join(', ')}, got ${redirect}`);
  }
  const credentials = init?.credentials ?? request?.credentials ?? 'same-origin';
  if (!CREDENTIALS_MODES.includes(credentials)) {
    throw new TypeError(
      `init.credentials must be one of ${CREDENTIALS_MODES.join(', ')}, got ${credentials}`,
    );
  }
  const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined;
  if (signal !== undefined && typeof signal.aborted !== 'boolean') {
    throw new TypeError('init.signal must be an AbortSignal');
  }
  const settings = fetchSettings(url, request, init, method);
  const lines = headerLines(init?.headers ?? request?.headers);
  const given = source === null ? undefined : requestBody(source, url);
  return {
    method,
    url,
    lines,
    body: inherits ? takeRequestBody(request as Request) : given,
    signal,
    redirect,
    credentials,
    settings,
  };
}

/** Whether it is a Request: the platform's, one of another realm, or one of another library. */
function isRequest(input: RequestInfo | URL): input is Request {
  return (
    typeof input === 'object' &&
    (input as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Request'
  );
}

function requestBody(source: unknown, url: URL): RequestBody | Promise<RequestBody> {
  try {
    return extractBody(bodySource(source));
  } catch (error) {
    throw tellUrl(error, url);
  }
}

function normalizeMethod(method: string): string {
  checkToken('method', method);
  const upper = method.toUpperCase();
  if (FORBIDDEN_METHODS.has(upper)) throw new TypeError(`method ${method} is forbidden`);
  return NORMALIZED_METHODS.has(upper) ? upper : method;
}

function parseUrl(text: string, base: string | undefined): URL {
  // Not repeated: it may hold a password.
  if (!URL.canParse(text, base)) throw new TypeError('Failed to parse URL');
  const url = new URL(text, base);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('url must not have a user name or password: send an authorization header');
  }
  return url;
}

function headerLines(headers: HeadersInit | undefined): FieldLines {
  const lines: FieldLines = [];
  let accepts = false;
  let codings: string | undefined = usualAcceptEncoding();
  if (headers !== undefined) {
    for (const [name, value] of headers instanceof Headers ? headers : new Headers(headers)) {
      lines.push(name, value);
      accepts ||= name === 'accept';
      if (name === 'accept-encoding') codings = undefined;
      // Fetch standard, "HTTP-network-or-cache fetch": a part of coded content could not be decoded.
      else if (name === 'range') codings &&= 'identity';
    }
  }
  // Fetch standard, "fetch", step 13.
  if (!accepts) lines.push('accept', '*/*');
  if (codings !== undefined) lines.push('accept-encoding', codings);
  return lines;
}
