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

/** Above 0x7f. */
export const NOT_ASCII = 0x80;

/** The bits of every byte. */
export const CHARACTERS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  let bits = 0;
  // RFC 9110 §5.6.2 `tchar`: what methods and field names are made of.
  if (!/[\w!#$%&'*+.^`|~-]/.test(character)) bits |= NOT_IN_NAME;
  if (/[A-Z]/.test(character)) bits |= UPPER_CASE;
  if (/[\0\r\n]/.test(character)) bits |= NOT_IN_VALUE;
  if (/[ \t]/.test(character)) bits |= WHITESPACE;
  if (byte >= 0x80) bits |= NOT_ASCII;
  return bits;
});

/** The union of the bits of `bytes` from `from` to before `to`. */
export function charactersOf(bytes: Uint8Array, from: number, to: number): number {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= CHARACTERS[bytes[at] as number] as number;
  return seen;
}

/**
 * The union of the bits of the characters of `text`; all of them when one is above U+00FF and so is no byte.
 *
 * @param table - the bits of every byte.
 */
export function charactersOfText(text: string, table: Uint8Array = CHARACTERS): number {
  let seen = 0;
  let codes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    codes |= code;
    seen |= table[code & 0xff] as number;
  }
  return codes > 0xff ? 0xff : seen;
}
