import type { RequestBody } from './request-body.ts';

/** Methods whose requests are not expected to have content: any other says that it has none (RFC 9110 §8.6). */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'DELETE',
  'TRACE',
  'OPTIONS',
  'CONNECT',
]);

/**
 * How a request tells where its content ends, as urllib3 decides it: its length in bytes, `'chunked'` where nobody
 * knows that beforehand, `undefined` where there is no content and nobody expects any.
 *
 * @param method - however it is written.
 * @param body - none is not the same as an empty one.
 * @param chunked - whether the length is not to be told even where it is known.
 * @see urllib3 `body_to_chunks`, and `chunked` of `urlopen()`
 */
export function framing(
  method: string,
  body: Pick<RequestBody, 'length'> | undefined,
  chunked = false,
): number | 'chunked' | undefined {
  if (chunked) return 'chunked';
  if (body !== undefined) return body.length ?? 'chunked';
  return WITHOUT_CONTENT.has(method.toUpperCase()) ? undefined : 0;
}
