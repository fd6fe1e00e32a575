import { MessageError } from './message-error.ts';
import { varintAt, varintBytes } from './varint-at.ts';

/** Framing indicators of requests have this bit clear (RFC 9292 §3.3: 0 and 2). */
export const REQUEST = 0;

/** Framing indicators of responses have this bit set (RFC 9292 §3.3: 1 and 3). */
export const RESPONSE = 1;

/** Framing indicators of indeterminate-length messages have this bit set (RFC 9292 §3.3: 2 and 3). */
export const INDETERMINATE_LENGTH = 2;

/** Ends content and field sections of indeterminate length: a length of zero (RFC 9292 §3.2). */
export const TERMINATOR = 0;

/** Which kind of message is meant. */
export type MessageRole = typeof REQUEST | typeof RESPONSE;

/**
 * Checks a received framing indicator.
 *
 * @throws {@link MessageError} when it is not one of the two of `role`. RFC 9292 §3.3: "Other values cause the message to
 *   be invalid"; those of the other role do where only one is expected.
 */
export function checkFramingIndicator(indicator: number, role: MessageRole): void {
  if (indicator === role || indicator === (role | INDETERMINATE_LENGTH)) return;
  const kind = role === RESPONSE ? 'response' : 'request';
  throw new MessageError(
    'invalid',
    `framing indicator of a ${kind} must be ${role} or ${role | INDETERMINATE_LENGTH}, got ${indicator}`,
  );
}

/**
 * Checks that the lines of a section of known length end with it. In that framing alone the length of the section says
 * where it ends, and its lines may say otherwise (RFC 9292 §3.1).
 *
 * @throws {@link MessageError} when they do not.
 */
export function checkLineLengths(bytes: Uint8Array, from: number, to: number): void {
  let at = from;
  let isValue = false;
  while (at < to) {
    const next = at + varintBytes(bytes[at] as number);
    if (next > to) break;
    at = next + varintAt(bytes, at);
    isValue = !isValue;
  }
  if (at !== to || isValue) throw new MessageError('invalid', 'field line must end within its section');
}

/**
 * Checks padding from `from` on.
 *
 * @returns where it ends: behind the last byte.
 * @throws {@link MessageError} at a byte that is not zero. RFC 9292 §3.8: "Non-zero padding bytes cause a message to be
 *   invalid".
 */
export function checkPadding(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== 0) throw new MessageError('invalid', `padding must be zero bytes, got ${bytes[at]}`);
  }
  return bytes.length;
}
