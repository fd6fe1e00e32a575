import type { FieldLines } from '@hip/wire';
import { failed } from '../errors.ts';
import { isConnectionSpecific, withoutConnectionOptions } from './connection-specific-fields.ts';

/** What the fields of a request become before they are written. */
export interface ForwardedRequest {
  /** `host` first, then what the client sent, less what is about one connection; without `content-length`. */
  readonly fields: FieldLines;

  /** Length the client announced, in bytes. */
  readonly contentLength: number | undefined;
}

/**
 * Makes a request's fields ready for HTTP/1.1: framing is the engine's, whatever the client wrote.
 *
 * @param proxyFields - for the proxy that forwards the request, which were checked when they were declared.
 * @throws {@link FailureError} `http_request_error` when they contradict themselves.
 */
export function forwardedRequest(
  fields: FieldLines,
  authority: string,
  proxyFields?: FieldLines,
): ForwardedRequest {
  let host: string | undefined;
  let contentLength: number | undefined;
  let connection = '';
  const kept: FieldLines = ['host', authority];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    if (name === 'host') {
      // RFC 9112 §3.2: a request with more than one Host is answered with 400.
      if (host !== undefined) throw failed('http_request_error', 'Host is there more than once');
      host = value;
      // RFC 9112 §3.2.2: a proxy goes by the target alone. One that does not must not be led elsewhere than was checked.
      if (proxyFields === undefined) kept[1] = value;
    } else if (name === 'content-length') {
      contentLength = agreedLength(contentLength, value);
    } else if (name === 'connection') {
      connection = connection === '' ? value : `${connection},${value}`;
    } else if (name.startsWith(':')) {
      // RFC 9292 §3.6 lets extensions have pseudo-fields; to HTTP/1.1 they are no names (RFC 9113 §8.3).
      throw failed('http_request_error', 'pseudo-fields cannot be sent to an HTTP/1.1 origin');
    } else if (
      name !== 'expect' &&
      name !== 'trailer' &&
      !isForProxies(name) &&
      !isConnectionSpecific(name)
    ) {
      // Expect: the client has no way to wait for a 100, and its content is already on the way (RFC 9110 §10.1.1).
      // Trailer: the engine cannot send a trailer section, so none may be announced.
      kept.push(name, value);
    }
  }
  const passed = connection === '' ? kept : withoutOptions(kept, connection);
  return { fields: proxyFields === undefined ? passed : withProxyFields(passed, proxyFields), contentLength };
}

/** RFC 9110 §7.6.1: an option must not name a field that is for all recipients. Without `Host` a request is none. */
function withoutOptions([name, host, ...others]: FieldLines, connection: string): FieldLines {
  return [name as string, host as string, ...withoutConnectionOptions(others, connection)];
}

/**
 * Is this field between a client and its proxy? Whatever begins like that: an origin that sits behind proxies of its own may
 * believe it.
 */
function isForProxies(name: string): boolean {
  return name.startsWith('proxy-');
}

/** As in urllib3, the proxy's fields replace those of the same name, and there is always an `Accept`. */
function withProxyFields(fields: FieldLines, proxyFields: FieldLines): FieldLines {
  const merged: FieldLines = [];
  let hasAccept = hasField(proxyFields, 'accept');
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (hasField(proxyFields, name)) continue;
    if (name === 'accept') hasAccept = true;
    merged.push(name, fields[at + 1] as string);
  }
  if (!hasAccept) merged.push('accept', '*/*');
  merged.push(...proxyFields);
  return merged;
}

function hasField(fields: FieldLines, name: string): boolean {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return true;
  return false;
}

/** RFC 9110 §8.6: a length is decimal digits; two that differ make the message unreadable. */
function agreedLength(known: number | undefined, value: string): number {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (length === undefined || (known !== undefined && known !== length)) {
    throw failed('http_request_error', 'Content-Length is not one decimal number');
  }
  return length;
}
