import { concatenate } from '../exchange/content-queue.ts';
import type { BodySource } from '../options.ts';

/** Bytes that are waited for, so that a body can be sent with its length. A piece that is larger is in memory anyway. */
const MAX_WHOLE_BYTES = 1_048_576;

/** How long they are waited for, in milliseconds: a small file takes a few, and a stream that trickles is not held up. */
const MAX_WAIT_MS = 50;

type Piece = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

/**
 * The body of a page's request: in one piece where all of it is here at once, otherwise as it is read. A browser does not
 * tell a service worker how long a body is, and some servers want a `content-length`.
 *
 * @param whole - whether to wait for all of it.
 */
export async function uploadBody(request: Request, whole: boolean): Promise<BodySource | undefined> {
  const { body } = request;
  if (body === null) return undefined;
  // Firefox has no streams here.
  if (whole || body === undefined) return withoutType(await request.blob());
  const reader = body.getReader();
  const begun: Uint8Array<ArrayBuffer>[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, MAX_WAIT_MS, undefined);
  });
  try {
    for (let bytes = 0; ; ) {
      const next = reader.read();
      const piece = await Promise.race([next, late]);
      if (piece?.done) return concatenate(begun) as Uint8Array<ArrayBuffer>;
      const isTooMuch = bytes > 0 && bytes + (piece?.value.length ?? 0) > MAX_WHOLE_BYTES;
      if (piece === undefined || isTooMuch) return rest(begun, next, reader);
      bytes += piece.value.length;
      begun.push(piece.value);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The request has its own `content-type`, or none. */
function withoutType(blob: Blob): Blob | undefined {
  return blob.size === 0 ? undefined : blob.slice();
}

async function* rest(
  begun: Uint8Array<ArrayBuffer>[],
  next: Promise<Piece>,
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* begun;
    for (let piece = await next; !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    // Nothing where it has ended; where it has not, the page need not read on.
    await reader.cancel();
  }
}
