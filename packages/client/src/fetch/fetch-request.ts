import type { FieldLines } from '@hip/wire';
import { usualAcceptEncoding } from '../decode/content-encoding.ts';
import { tellUrl } from '../errors.ts';
import { extractBody, type RequestBody } from '../exchange/request-body.ts';
import type { BodySource } from '../options.ts';

/** What a call of `fetch()` asks for. */
export interface FetchRequest<Body = RequestBody> {
  readonly method: string;
  readonly url: URL;
  readonly lines: FieldLines;
  readonly body: Body | undefined;
  readonly signal: AbortSignal | undefined;
  readonly redirect: RequestRedirect;
  readonly credentials?: RequestCredentials;
}

/** Methods that are sent in upper case however they are written (Fetch standard, "normalize a method"). */
const NORMALIZED_METHODS: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);

const REDIRECT_MODES: readonly string[] = ['follow', 'error', 'manual'];
const CREDENTIALS_MODES: readonly string[] = ['omit', 'same-origin', 'include'];

/** Methods no fetch may use (Fetch standard, "forbidden method"). */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/**
 * Reads the arguments of `fetch()` as the standard's Request constructor does, without making a platform `Request`,
 * which would drop headers a tunnel may send.
 *
 * @throws TypeError as the standard says.
 */
export function readFetchArguments(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): FetchRequest<RequestBody | Promise<RequestBody>> {
  const request = input instanceof Request ? input : undefined;
  if (init?.integrity !== undefined && init.integrity !== '') {
    throw new TypeError('init.integrity is not supported: check the bytes yourself');
  }
  const method = normalizeMethod(init?.method ?? request?.method ?? 'GET');
  const url = parseUrl(request?.url ?? String(input));
  if (request?.bodyUsed && (init?.body ?? null) === null) {
    throw new TypeError('input must be a Request whose body has not been used');
  }
  const source = init?.body ?? request?.body ?? null;
  if (source !== null && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`Request with GET/HEAD method cannot have body, got method ${method}`);
  }
  if (init?.body instanceof ReadableStream && (init as { duplex?: string }).duplex !== 'half') {
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
  return {
    method,
    url,
    lines: headerLines(init?.headers ?? request?.headers),
    body: source === null ? undefined : requestBody(source, url),
    signal: (init?.signal === undefined ? request?.signal : init.signal) ?? undefined,
    redirect,
    credentials,
  };
}

function requestBody(source: unknown, url: URL): RequestBody | Promise<RequestBody> {
  try {
    // Web IDL makes a text of what is none of those it names.
    return extractBody(typeof source === 'object' ? (source as BodySource) : String(source));
  } catch (error) {
    throw tellUrl(error, url);
  }
}

function normalizeMethod(method: string): string {
  const upper = method.toUpperCase();
  if (FORBIDDEN_METHODS.has(upper)) throw new TypeError(`method ${method} is forbidden`);
  return NORMALIZED_METHODS.has(upper) ? upper : method;
}

function parseUrl(text: string): URL {
  const { document, location } = globalThis as {
    document?: { baseURI: string };
    location?: { href: string };
  };
  const base = document?.baseURI ?? location?.href;
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
