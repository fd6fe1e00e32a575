import { createContentDecoder } from '../../packages/client/src/decode/content-decoder.ts';
import { type ContentSource, DecodedBody } from '../../packages/client/src/decode/decoded-body.ts';
import * as DEFAULTS from '../../packages/client/src/defaults.ts';

/**
 * Content with its `content-encoding` undone, as a byte stream that pulls. Content without a coding that is known passes as it
 * is.
 *
 * @param errorOf - what readers get for an error; the error itself when left out.
 * @throws {@link DecodeError} for more than five codings.
 */
export function decodedStream(
  source: ContentSource,
  contentEncoding: string,
  errorOf: (reason: unknown) => unknown = (reason) => reason,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const decoder = createContentDecoder(contentEncoding);
  const body = decoder === undefined ? source : new DecodedBody(source, decoder);
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const piece = await body.next(DEFAULTS.streamAmountBytes).catch((reason: unknown) => {
        throw errorOf(reason);
      });
      if (piece === undefined) {
        controller.close();
        // A reader with a buffer of its own waits for an answer (Streams standard, ReadableByteStreamControllerRespond).
        controller.byobRequest?.respond(0);
      } else {
        controller.enqueue(piece as Uint8Array<ArrayBuffer>);
      }
    },
    cancel() {
      body.cancel();
    },
  });
}
