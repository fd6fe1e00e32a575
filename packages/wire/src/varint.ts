/**
 * Largest integer the wire carries as a number: 2^53 - 1.
 *
 * RFC 9000 §16 allows 2^62 - 1. Everything we count (bytes, streams, milliseconds) stays far below, and numbers
 * instead of BigInt keep the hot path free of allocation, so a larger value is refused where it would be counted and
 * saturated where it is only a limit ("as much as you like").
 */
export const MAX_VARINT: number = Number.MAX_SAFE_INTEGER;

/**
 * Length in bytes of `value` as a variable-length integer.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9000#section-16 | RFC 9000 §16}
 */
export function varintLength(value: number): 1 | 2 | 4 | 8 {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x4000_0000) return 4;
  return 8;
}
