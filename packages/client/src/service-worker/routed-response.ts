import { contentCodings } from '../decode/content-encoding.ts';
import type { HTTPResponse } from '../pool/http-response.ts';

/** Statuses whose responses have no body (Fetch standard, "null body status"). */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/** reason-phrase of RFC 9112 §4: what `Response` accepts as `statusText`. */
const REASON_PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * An origin's response as a page gets it from a service worker. A redirect stays one: the browser follows it, with the
 * rules of the page's request, and only where the worker is asked again does it come through the gateway.
 *
 * @param report - told why a body broke off.
 */
export function routedResponse(
  method: string,
  response: HTTPResponse,
  report: (error: unknown) => void,
): Response {
  const { status, reason } = response;
  const init = { status, statusText: REASON_PHRASE.test(reason) ? reason : '', headers: headersOf(response) };
  if (method === 'HEAD' || NULL_BODY_STATUSES.has(status)) {
    void response.drainConn();
    return new Response(null, init);
  }
  return new Response(stream(response, report), init);
}

function headersOf(response: HTTPResponse): [string, string][] {
  // What was decoded on the way is neither coded nor as long any more.
  const isDecoded = contentCodings(response.headers.get('content-encoding') ?? '') !== undefined;
  const gone = isDecoded ? ['set-cookie', 'content-encoding', 'content-length'] : ['set-cookie'];
  return [...response.headers].filter(([name]) => !gone.includes(name));
}

function stream(
  response: HTTPResponse,
  report: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      try {
        const piece = (await response.read1()) as Uint8Array<ArrayBuffer>;
        if (piece.length > 0) return controller.enqueue(piece);
        controller.close();
        controller.byobRequest?.respond(0);
      } catch (error) {
        report(error);
        throw error;
      }
    },
    cancel: () => response.close(),
  });
}
