import { type InvalidRequestError, invalidOption } from '../errors.ts';
import { escaped, percentEncode } from './percent-encoding.ts';

/** What has an obvious spelling in a URL. */
export type UrlencodeValue = string | number | bigint | boolean | Uint8Array;

/** Fields for a query; those that come several times are given as pairs. */
export type UrlencodeFields =
  | Readonly<Record<string, UrlencodeValue>>
  | Iterable<readonly [name: string, value: UrlencodeValue]>;

/**
 * Fields as `application/x-www-form-urlencoded`, as Python's `urlencode()`: UTF-8, a space becomes `+`, and everything
 * but letters, digits and `-._~` is percent-encoded.
 *
 * @throws {@link InvalidRequestError} when a value is a file, a list or nothing: what that means is not for us to say.
 */
export function urlencode(fields: UrlencodeFields): string {
  const pairs: string[] = [];
  for (const pair of Symbol.iterator in fields ? fields : Object.entries(fields)) {
    if (!Array.isArray(pair)) throw unsuitable('fields', pair);
    const [name, value] = pair;
    pairs.push(`${quotePlus(name)}=${quotePlus(textOf(name, value))}`);
  }
  return pairs.join('&');
}

/** Python's `quote_plus()`. */
export function quotePlus(value: string | Uint8Array): string {
  if (typeof value !== 'string') return Array.from(value, quoteByte).join('');
  return value.replace(/[^\w.~ -]+/g, percentEncode).replaceAll(' ', '+');
}

function quoteByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[\w.~ -]/.test(character) ? quotePlus(character) : escaped(byte);
}

function textOf(name: string, value: UrlencodeValue): string | Uint8Array {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value instanceof Uint8Array) return value;
      throw unsuitable(`field ${name}`, value);
  }
}

function unsuitable(subject: string, value: unknown): InvalidRequestError {
  const got = Array.isArray(value) ? 'an array' : value instanceof Blob ? 'a Blob' : typeof value;
  return invalidOption(
    `${subject} must be text, numbers, booleans or Uint8Array where it is urlencoded, got ${got}`,
  );
}
