import { concatenate } from '../exchange/content-queue.ts';
import type { RequestBody } from '../exchange/request-body.ts';

/** Most that is read of a body before the request leaves, in bytes: as much as leaves together with the head. */
const AHEAD_BYTES = 65_536;

/** Rounds of the event loop that a body may take: a platform's, whose content is in memory, is there after one or two. */
const AHEAD_TURNS = 2;

/**
 * The body of a platform's Request. Whether it was made from a text or from a stream cannot be seen, and makes a
 * difference: a text has a length, and can be sent again after a redirect. So it is read a little way: what ends within
 * {@link AHEAD_TURNS} and {@link AHEAD_BYTES} was in memory; anything else is sent as the stream it is.
 *
 * @param first - what `reader` was asked for already.
 */
export async function platformBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  first: Promise<ReadableStreamReadResult<Uint8Array>>,
): Promise<RequestBody> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let next = first;
  for (let turns = 0; length <= AHEAD_BYTES; ) {
    const read = await Promise.race([next, turn()]);
    if (read === undefined) {
      if (++turns > AHEAD_TURNS) break;
      continue;
    }
    if (read.done) return inMemory(concatenate(pieces).slice());
    pieces.push(read.value);
    length += read.value.length;
    next = reader.read();
    next.catch(() => {});
  }
  return fromStream(reader, pieces, next);
}

function inMemory(bytes: Uint8Array): RequestBody {
  return {
    bytes,
    open: undefined,
    length: bytes.length,
    type: undefined,
    isReplayable: true,
    isBorrowed: false,
  };
}

function fromStream(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  pieces: Uint8Array[],
  pending: Promise<ReadableStreamReadResult<Uint8Array>>,
): RequestBody {
  let next: Promise<ReadableStreamReadResult<Uint8Array>> | undefined = pending;
  const open = (): AsyncIterator<Uint8Array, unknown> => ({
    next: async () => {
      const piece = pieces.shift();
      if (piece !== undefined) return { done: false, value: piece };
      const read = await (next ?? reader.read());
      next = undefined;
      return read as IteratorResult<Uint8Array, undefined>;
    },
    return: async (reason) => {
      await reader.cancel(reason);
      return { done: true, value: undefined };
    },
  });
  return {
    bytes: undefined,
    open,
    length: undefined,
    type: undefined,
    isReplayable: false,
    isBorrowed: true,
  };
}

/** One round of the event loop. */
function turn(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0, undefined);
  });
}
