import { WireError } from '../errors.ts';
import { PROTOCOL_VIOLATION } from '../transport-error.ts';

/**
 * Why a message was refused. `invalid`: a rule of the format or of HTTP is broken. `truncated`: it ends where it may
 * not (RFC 9292 §3.8). `limit`: it is larger than {@link MessageLimits} allow.
 */
export type MessageErrorReason = 'invalid' | 'truncated' | 'limit';

/**
 * A binary HTTP message that breaks RFC 9292, received or about to be sent. It concerns one exchange: who catches it
 * resets that stream and leaves the session open.
 *
 * The text never holds a field value: values carry credentials, and errors are logged.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9292#section-4 | RFC 9292 §4}
 */
export class MessageError extends WireError {
  override readonly name: string = 'MessageError';

  /** What kind of fault it is. */
  readonly reason: MessageErrorReason;

  /** @param reason - the kind of fault. @param message - subject first, then what was expected and what came. */
  constructor(reason: MessageErrorReason, message: string) {
    super(PROTOCOL_VIOLATION, message);
    this.reason = reason;
  }
}

/** Longest piece of a peer's text that an error message repeats, in characters: enough to find it in a dump. */
const QUOTE_CHARACTERS = 64;

/** `text` for an error message: in quotes, one line, cut when it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTE_CHARACTERS ? `${text.slice(0, QUOTE_CHARACTERS)}…` : text);
}
