import { MessageError } from './message-error.ts';
import { varintAt, varintBytes } from './varint-at.ts';

// What the integer at the scanner's position is.
const CONTROL_STRING = 0; // length of a string of the control data
const STATUS = 1; // status code
const SECTION_LENGTH = 2; // length of a field section of known length
const SECTION_END = 3; // no integer: the position is where that section ends
const NAME = 4; // length of a field name, or the terminator
const VALUE = 5; // length of a field value

/**
 * Finds where a head or a trailer section ends, from its lengths alone. It resumes where it stopped, so a byte costs
 * the same whether bytes come one by one or all at once; only a complete part is then decoded.
 *
 * ```
 *   beginRequestHead ──▶ CONTROL_STRING × 4 ─┐      known: ──▶ SECTION_LENGTH ──▶ SECTION_END ──▶ end
 *   beginResponseHead ─▶ STATUS ─────────────┼──────▶
 *   beginTrailers ───────────────────────────┘      indeterminate: ──▶ NAME ──0──▶ end
 *                                                                     ▼   ▲
 *                                                                     VALUE
 * ```
 */
export class SectionScanner {
  /** Where the field lines begin, in bytes from the beginning of the part. */
  fieldsFrom = 0;

  /** Where they end. An indeterminate-length section has its terminator behind it. Set when the part is complete. */
  fieldsTo = 0;

  #expected = NAME;
  #firstOfFields = NAME;
  #controlStrings = 0;
  #position = 0;
  #maxBytes = 0;
  #what = '';

  /** Expects a request head: control data of `controlStrings` strings, then a field section. */
  beginRequestHead(controlStrings: number, isKnownLength: boolean, maxBytes: number): void {
    this.#begin('head', isKnownLength, maxBytes);
    this.#expected = CONTROL_STRING;
    this.#controlStrings = controlStrings;
  }

  /** Expects a response head: a status code, then a field section. */
  beginResponseHead(isKnownLength: boolean, maxBytes: number): void {
    this.#begin('head', isKnownLength, maxBytes);
    this.#expected = STATUS;
  }

  /** Expects a trailer section. */
  beginTrailers(isKnownLength: boolean, maxBytes: number): void {
    this.#begin('trailer section', isKnownLength, maxBytes);
    this.#expected = this.#firstOfFields;
  }

  #begin(what: string, isKnownLength: boolean, maxBytes: number): void {
    this.#firstOfFields = isKnownLength ? SECTION_LENGTH : NAME;
    this.#position = 0;
    this.#maxBytes = maxBytes;
    this.#what = what;
    this.fieldsFrom = 0;
  }

  /**
   * Goes on with a part that begins at `from`, as far as the bytes before `to` allow. What it has seen of the part in
   * earlier calls must still be there, and may have moved as a whole.
   *
   * @returns where the part ends, or -1 when it needs more bytes.
   * @throws {@link MessageError} as soon as the part is bound to be longer than its limit, before those bytes arrive.
   */
  scan(bytes: Uint8Array, from: number, to: number): number {
    let at = from + this.#position;
    let expected = this.#expected;
    while (at < to && expected !== SECTION_END) {
      let value = bytes[at] as number;
      let next = at + 1;
      if (value >= 0x40) {
        next = at + varintBytes(value);
        if (next > to) break;
        value = varintAt(bytes, at);
      }
      switch (expected) {
        case NAME:
          if (value === 0) {
            this.fieldsTo = at - from;
            return next;
          }
          at = next + value;
          expected = VALUE;
          break;
        case VALUE:
          at = next + value;
          expected = NAME;
          break;
        case CONTROL_STRING:
          at = next + value;
          this.#controlStrings -= 1;
          if (this.#controlStrings === 0) {
            expected = this.#firstOfFields;
            this.fieldsFrom = at - from;
          }
          break;
        case STATUS:
          at = next;
          expected = this.#firstOfFields;
          this.fieldsFrom = at - from;
          break;
        default: // SECTION_LENGTH
          at = next + value;
          expected = SECTION_END;
          this.fieldsFrom = next - from;
          this.fieldsTo = at - from;
      }
      if (at - from > this.#maxBytes) throw this.#tooLong();
    }
    if (expected === SECTION_END && at <= to) return at;
    this.#expected = expected;
    this.#position = at - from;
    return -1;
  }

  /**
   * May the message end here, `available` bytes after the beginning of the part? RFC 9292 §3.8: where an empty field
   * section would begin, and nowhere else.
   */
  isBeforeFields(available: number): boolean {
    return (
      this.#expected === this.#firstOfFields && this.#position === available && this.fieldsFrom === available
    );
  }

  #tooLong(): MessageError {
    return new MessageError(
      'limit',
      `${this.#what} must be at most ${this.#maxBytes} bytes, but its lengths say more`,
    );
  }
}
