import { concatenate } from '../exchange/content-queue.ts';

/** Version of undici, whose classes are Node's, where they are the platform's. */
function undici(): number | undefined {
  const { process } = globalThis as { process?: { versions?: { undici?: string } } };
  const version = process?.versions?.undici;
  return version === undefined ? undefined : Number.parseInt(version, 10);
}

/**
 * Whether the platform reads bodies through promises of `{ done, value }`: then a page that defines `Object.prototype.then`
 * gets hold of them, against the standard.
 */
export function readsThroughPromises(): boolean {
  return undici() !== undefined;
}

/** Whether `clone()` gives the same chunks to both, instead of copies to one of them. */
export function cloneSharesChunks(): boolean {
  const version = undici();
  return version !== undefined && version < 8;
}

/**
 * All of a body, read by a pipe, which hands its chunks on without a promise around each.
 *
 * @throws TypeError when the body is used already, or holds anything but bytes; whatever its stream broke off with.
 */
export function consume<Value>(
  { body, bodyUsed }: Response,
  convert: (bytes: Uint8Array<ArrayBuffer>) => Value | Promise<Value>,
): Promise<Value> {
  const pieces: Uint8Array[] = [];
  const converted = (): Value | Promise<Value> =>
    convert(concatenate(pieces).slice() as Uint8Array<ArrayBuffer>);
  if (bodyUsed || body?.locked) {
    return Promise.reject(new TypeError('Body is unusable: body has already been used, or is locked'));
  }
  if (body === null) return Promise.resolve(undefined).then(converted);
  const sink: UnderlyingSink<unknown> = {
    write(chunk) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('body must be a stream of Uint8Array');
      pieces.push(chunk);
    },
  };
  const writable = new WritableStream(Object.setPrototypeOf(sink, null), Object.create(null));
  return body.pipeTo(writable).then(converted);
}
