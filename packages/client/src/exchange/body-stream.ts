/** Content that is read in pieces. */
interface PieceSource {
  /** The next piece, or `undefined` at the end. */
  next(): Promise<Uint8Array | undefined>;

  /** Wants no more. */
  cancel(): void;

  /** Has `told` called when the content breaks off, also while nobody reads. */
  onFailure?(told: (reason: unknown) => void): void;
}

/**
 * The content of a response as a byte stream. It pulls: what nobody reads stays with the origin.
 *
 * @param errorOf - what readers get for a reason the content broke off; the reason itself when left out.
 */
export function bodyStream(
  body: PieceSource,
  errorOf: (reason: unknown) => unknown = (reason) => reason,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source: UnderlyingByteSource = {
    type: 'bytes',
    start(controller) {
      body.onFailure?.((reason) => controller.error(errorOf(reason)));
    },
    async pull(controller) {
      const piece = await body.next().catch((reason: unknown) => {
        throw errorOf(reason);
      });
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
  };
  // What a page has added to Object.prototype is no part of the source.
  return new ReadableStream(Object.setPrototypeOf(source, null), Object.create(null));
}
