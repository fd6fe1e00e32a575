import type { IncomingBody } from './incoming-body.ts';

/**
 * The content of a response as a byte stream. It pulls: what nobody reads stays with the origin.
 */
export function bodyStream(body: IncomingBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const piece = await body.next();
      if (piece === undefined) {
        controller.close();
        // A reader with a buffer of its own waits for an answer (Streams standard, ReadableByteStreamControllerRespond).
        controller.byobRequest?.respond(0);
        return;
      }
      controller.enqueue(piece as Uint8Array<ArrayBuffer>);
    },
    cancel() {
      body.cancel();
    },
  });
}
