import { violation } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';

/** How a WebSocket was closed: what a Close frame says (RFC 6455 §5.5.1). */
export interface CloseStatus {
  /** RFC 6455 §7.4; `undefined` when the frame had none. */
  readonly code: number | undefined;

  /** In words; empty without a code. */
  readonly reason: string;
}

/** Longest payload of a Close frame, in bytes (RFC 6455 §5.5). */
export const MAX_CLOSE_BYTES = 125;

/** A Close frame's payload: nothing, or two bytes of code and a reason in UTF-8. */
export function closePayload({ code, reason }: CloseStatus): Uint8Array<ArrayBuffer> {
  if (code === undefined) return new Uint8Array(0);
  const text = encodeUtf8(reason);
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}

/**
 * What a Close frame's payload says.
 *
 * @throws {@link WireError} when it is none.
 */
export function readClosePayload(payload: Uint8Array): CloseStatus {
  if (payload.length === 0) return { code: undefined, reason: '' };
  const code = ((payload[0] as number) << 8) | (payload[1] as number);
  if (payload.length === 1 || payload.length > MAX_CLOSE_BYTES || !isSentCode(code)) {
    throw violation(
      `a Close must have no payload, or a code that may be sent and at most ${MAX_CLOSE_BYTES - 2} bytes of reason`,
    );
  }
  return { code, reason: decodeUtf8(payload.subarray(2), 'reason of a Close') };
}

/** RFC 6455 §7.4, and what IANA has registered since: 1004 to 1006 and 1015 are never sent, others have no meaning yet. */
function isSentCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
