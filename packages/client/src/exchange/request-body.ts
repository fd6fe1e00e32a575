import { InvalidRequestError, invalidOption, loaded } from '../errors.ts';
import type { BodySource } from '../options.ts';

/** A body ready to be sent. */
export interface RequestBody {
  /** All of it, when it is in memory. */
  readonly bytes: Uint8Array | undefined;
  /** Otherwise its pieces, in order; called once per attempt. */
  readonly open: (() => AsyncIterator<Uint8Array, unknown>) | undefined;
  /** Length in bytes, when known without reading it. */
  readonly length: number | undefined;
  /** `content-type` that goes with it, when the source implies one (Fetch standard, "extract a body"). */
  readonly type: string | undefined;
  /** Whether it can be sent again. */
  readonly isReplayable: boolean;
  /** Whether its source may fill one buffer again and again: each piece must have left before the next is asked for. */
  readonly isBorrowed: boolean;
}

const encoder = new TextEncoder();

/** What a body is that says no more of itself. */
const UNKNOWN: RequestBody = {
  bytes: undefined,
  open: undefined,
  length: undefined,
  type: undefined,
  isReplayable: false,
  isBorrowed: false,
};

/**
 * Turns what the user gave into a body, as the Fetch standard extracts one. A form takes a moment: it needs an encoder
 * that most pages never load.
 *
 * @throws {@link InvalidRequestError} when it is none.
 */
export function extractBody(source: Exclude<BodySource, FormData>): RequestBody;
export function extractBody(source: BodySource): RequestBody | Promise<RequestBody>;
export function extractBody(source: BodySource): RequestBody | Promise<RequestBody> {
  if (typeof source === 'string') return inMemory(encoder.encode(source), 'text/plain;charset=UTF-8');
  if (source instanceof URLSearchParams) {
    return inMemory(encoder.encode(source.toString()), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  if (source instanceof ArrayBuffer) return inMemory(new Uint8Array(source).slice(), undefined);
  if (ArrayBuffer.isView(source)) {
    // "a copy of the bytes held by object": the caller may go on writing into its buffer.
    return inMemory(new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice(), undefined);
  }
  if (source instanceof Blob) return fromBlob(source);
  if (source instanceof FormData) return fromFormData(source);
  if (source instanceof ReadableStream) return fromStream(source);
  if (typeof source === 'object') {
    if (Symbol.asyncIterator in source) return borrowed(() => iterate(source[Symbol.asyncIterator]()));
    if (Symbol.iterator in source) return borrowed(() => iterate(source[Symbol.iterator]()));
  }
  throw invalidOption(
    'body must be a string, bytes, Blob, FormData, URLSearchParams, ReadableStream or an iterable of Uint8Array',
  );
}

/** A body that will not be sent: whoever makes it is told, if it is made while it is sent. */
export function discardBody(body: RequestBody | Promise<RequestBody> | undefined, reason: unknown): void {
  if (body instanceof Promise) {
    body.then((made) => discardBody(made, reason)).catch(() => {});
  } else if (body?.isBorrowed) {
    try {
      body
        .open?.()
        .return?.(reason)
        ?.catch(() => {});
    } catch {
      // It is somebody else's already.
    }
  }
}

function inMemory(bytes: Uint8Array, type: string | undefined): RequestBody {
  return { ...UNKNOWN, bytes, length: bytes.length, type, isReplayable: true };
}

function fromBlob(blob: Blob): RequestBody {
  return {
    ...UNKNOWN,
    open: () => readStream(blob.stream()),
    length: blob.size,
    type: blob.type === '' ? undefined : blob.type,
    isReplayable: true,
  };
}

async function fromFormData(form: FormData): Promise<RequestBody> {
  // Now, since the caller may go on writing into it.
  const entries = [...form];
  const { encodeFormData } = await loaded(import('./multipart.ts'));
  const { body, contentType } = encodeFormData(entries);
  return body instanceof Blob ? { ...fromBlob(body), type: contentType } : inMemory(body, contentType);
}

function fromStream(stream: ReadableStream<Uint8Array>): RequestBody {
  checkReadable(stream);
  return borrowed(() => {
    // Somebody may have begun to read it while the request waited for a session.
    checkReadable(stream);
    return readStream(stream);
  });
}

function checkReadable(stream: ReadableStream<Uint8Array>): void {
  if (!stream.locked) return;
  throw new InvalidRequestError(
    'body_unreadable',
    'body must be a ReadableStream that is not locked or read already',
  );
}

/** Sync or async, an iterator that may end without a `return` of its own. */
function iterate(
  iterator: Iterator<Uint8Array, unknown> | AsyncIterator<Uint8Array, unknown>,
): AsyncIterator<Uint8Array, unknown> {
  return {
    next: async () => iterator.next(),
    return: async (value) => (await iterator.return?.(value)) ?? { done: true, value },
  };
}

function borrowed(open: () => AsyncIterator<Uint8Array, unknown>): RequestBody {
  return { ...UNKNOWN, open, isBorrowed: true };
}

function readStream(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array, unknown> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<Uint8Array, undefined>>,
    return: async (reason) => {
      await reader.cancel(reason);
      return { done: true, value: undefined };
    },
  };
}
