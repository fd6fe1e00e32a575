import type { FieldLines, RequestHead } from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { InvalidRequestError, invalidOption } from '../errors.ts';
import { framing } from './framing.ts';
import type { RequestBody } from './request-body.ts';
import { isSkipped } from './skip-header.ts';

/**
 * Fields that belong to one connection, not to the message (RFC 9110 §7.6.1), or that frame it: they are the gateway's
 * to write, and never come from a user.
 */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9110 §5.6.2: what methods and field names are. */
export const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** A character that no value may hold: it is no byte, or would end the line (RFC 9110 §5.5). */
const NOT_IN_VALUE = /[\0\r\n\u0100-\uffff]/;

/** What happens to a field of {@link CONNECTION_FIELDS}: `request()` says no, `fetch()` drops it, as the standard does. */
export type ConnectionFieldRule = 'refuse' | 'drop';

/**
 * The head of a request, from what the user asked for.
 *
 * @param lines - the user's field lines, names in lower case.
 * @param target - path and query; those of the URL when left out.
 * @throws {@link InvalidRequestError} when the URL or a field cannot be sent.
 */
export function requestHead(
  method: string,
  url: URL,
  lines: FieldLines,
  body: RequestBody | undefined,
  rule: ConnectionFieldRule,
  target: string = url.pathname + url.search,
): RequestHead {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalidOption(`url must be http: or https:, got ${url.protocol}`);
  }
  checkToken('method', method);
  const fields: FieldLines = [];
  const has = new Set<string>();
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    if (CONNECTION_FIELDS.has(name)) {
      if (rule === 'drop') continue;
      throw invalidOption(`header ${name} belongs to the gateway's connection with the origin: leave it out`);
    }
    checkToken('name of a header', name);
    const value = trim(lines[i + 1] as string);
    if (NOT_IN_VALUE.test(value)) {
      throw new InvalidRequestError(
        'http_request_error',
        `header ${name} must be bytes: characters up to U+00FF, without NUL, CR and LF`,
      );
    }
    if (isSkipped(name, value)) {
      has.add(name);
      continue;
    }
    if (name === 'content-length') checkLength(value, body);
    has.add(name);
    fields.push(name, value);
  }
  if (!has.has('user-agent')) fields.push('user-agent', DEFAULTS.userAgent);
  if (!has.has('accept-encoding')) fields.push('accept-encoding', 'identity');
  if (body?.type !== undefined && !has.has('content-type')) fields.push('content-type', body.type);
  const length = framing(method, body);
  if (typeof length === 'number' && !has.has('content-length')) fields.push('content-length', String(length));
  return {
    method,
    scheme: url.protocol.slice(0, -1),
    authority: url.host,
    path: target,
    fields,
  };
}

/** @throws {@link InvalidRequestError} where it is none (RFC 9110 §5.6.2), as methods and names of fields are. */
export function checkToken(what: string, text: string): void {
  if (TOKEN.test(text)) return;
  throw new InvalidRequestError(
    'http_request_error',
    `${what} must be a token (RFC 9110 §5.6.2), got ${JSON.stringify(text)}`,
  );
}

/** A length that is not the body's would make the origin wait, or take the next request for a part of this one. */
function checkLength(given: string, body: RequestBody | undefined): void {
  // Nobody knows the length of a stream but who made it; the gateway holds the stream to it.
  const length = body === undefined ? 0 : body.length;
  if (length === undefined || given === String(length)) return;
  throw invalidOption(`header content-length must be ${length}, the length of the body, got ${given}`);
}

/** Without the whitespace around it, which is not part of a field value (RFC 9110 §5.5). */
function trim(value: string): string {
  return value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
}
