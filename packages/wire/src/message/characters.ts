/**
 * What a byte is not allowed in, as bits. A run of bytes is judged by the union of its bits, so the loops over names
 * and values have no branch.
 */
export const NOT_IN_NAME = 0x01;

/** An upper-case letter. */
export const UPPER_CASE = 0x02;

/** NUL, CR or LF: never in a field value (RFC 9113 §8.2.1). */
export const NOT_IN_VALUE = 0x04;

/** SP or HTAB: in a field value, but not at its ends (RFC 9113 §8.2.1). */
export const WHITESPACE = 0x08;

/** Not a character of a scheme (RFC 3986 §3.1). */
export const NOT_IN_SCHEME = 0x10;

/** Not a character of an authority (RFC 3986 §3.2). */
export const NOT_IN_AUTHORITY = 0x20;

/** Not visible ASCII, or `#`, which begins a fragment: not a character of a request target. */
export const NOT_IN_PATH = 0x40;

/** Above 0x7f. */
export const NOT_ASCII = 0x80;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';

/** RFC 9110 §5.6.2 `tchar`: what methods and field names are made of. */
const TOKEN = `${LETTERS}${DIGITS}!#$%&'*+-.^_\`|~`;

/** RFC 3986 §3.1. */
const SCHEME = `${LETTERS}${DIGITS}+-.`;

/** RFC 3986 §3.2: `unreserved`, `pct-encoded`, `sub-delims` and the delimiters of userinfo, port and IP literals. */
const AUTHORITY = `${LETTERS}${DIGITS}-._~%!$&'()*+,;=:@[]`;

/** The bits of every byte. */
export const CHARACTERS: Uint8Array = characterTable();

function characterTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const character = String.fromCharCode(byte);
    let bits = 0;
    if (!TOKEN.includes(character)) bits |= NOT_IN_NAME;
    if (byte >= 0x41 && byte <= 0x5a) bits |= UPPER_CASE;
    if (character === '\0' || character === '\r' || character === '\n') bits |= NOT_IN_VALUE;
    if (character === ' ' || character === '\t') bits |= WHITESPACE;
    if (!SCHEME.includes(character)) bits |= NOT_IN_SCHEME;
    if (!AUTHORITY.includes(character)) bits |= NOT_IN_AUTHORITY;
    if (byte <= 0x20 || byte >= 0x7f || character === '#') bits |= NOT_IN_PATH;
    if (byte >= 0x80) bits |= NOT_ASCII;
    table[byte] = bits;
  }
  return table;
}

/** The union of the bits of `bytes` from `from` to before `to`. */
export function charactersOf(bytes: Uint8Array, from: number, to: number): number {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= CHARACTERS[bytes[at] as number] as number;
  return seen;
}

/** The union of the bits of the characters of `text`; all of them when one is above U+00FF and so is no byte. */
export function charactersOfText(text: string): number {
  let seen = 0;
  let codes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    codes |= code;
    seen |= CHARACTERS[code & 0xff] as number;
  }
  return codes > 0xff ? 0xff : seen;
}
