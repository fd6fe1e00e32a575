import type { RequestBody } from '../exchange/request-body.ts';

/**
 * What the bodies of Requests were made from, as far as that is known: a platform's Request shows only a stream, whose
 * length nobody knows and which can be sent once.
 */
export const REQUEST_SOURCES = new WeakMap<Request, RequestBody>();

/** Takes the body of a Request, which is used from then on. */
export function takeRequestBody(request: Request): RequestBody | Promise<RequestBody> {
  const stream = request.body as ReadableStream<Uint8Array>;
  if (stream.locked) throw new TypeError('input must be a Request whose body is not locked');
  const known = REQUEST_SOURCES.get(request);
  if (known === undefined) {
    const reader = stream.getReader();
    const first = reader.read();
    first.catch(() => {});
    return import('./platform-body.ts').then(({ platformBody }) => platformBody(reader, first));
  }
  void stream.cancel();
  return known;
}
