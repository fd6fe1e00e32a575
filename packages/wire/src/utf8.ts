import { violation } from './errors.ts';

// The Encoding standard's classes exist in every runtime this package meets, but belong to none of its type libraries.
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** `text` as UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * `bytes` read as UTF-8.
 *
 * @throws {@link WireError} when they are not UTF-8; `what` names them.
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw violation(`${what} must be UTF-8`);
  }
}
