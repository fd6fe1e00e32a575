/**
 * What the engine's parser is shown instead of `100 (Continue)`: it treats a 100 that it did not ask for as a broken
 * response and closes the connection, while any other informational status passes. 109 is not registered.
 */
export const CONTINUE_STAND_IN = 109;

/** 101: RFC 9110 §15.2.2. */
const SWITCHING_PROTOCOLS = 101;

/** Where in a response the next byte belongs. */
type Place = 'status-line' | 'interim-head' | 'rest';

const CR = 0x0d;
const LF = 0x0a;
const DIGIT_0 = 0x30;
const DIGIT_1 = 0x31;
const DIGIT_9 = 0x39;
/** `HTTP/1.1 100`: where the minor version and the status code stand (RFC 9112 §4). */
const MINOR_AT = 7;
const STATUS_AT = 9;
/** End of a head. */
const HEAD_END = [CR, LF, CR, LF] as const;

/**
 * Reads along with the bytes of a response up to the final status line. It finds out two things that the engine does
 * not tell: the HTTP version, and that a 100 came, which it rewrites in place to {@link CONTINUE_STAND_IN}.
 *
 * In nearly every response it looks at a single byte.
 */
export class StatusLineWatch {
  #place: Place = 'rest';
  #position = 0;
  #matched = 0;
  #code = 0;
  #minor = DIGIT_1;
  #continues = 0;
  #isSwitching = false;

  /** The next byte is the first of a response. */
  expectResponse(): void {
    this.#place = 'status-line';
    this.#position = 0;
    this.#continues = 0;
  }

  /** Version of the response whose status line passed last. */
  get httpVersion(): '1.0' | '1.1' {
    return this.#minor === DIGIT_0 ? '1.0' : '1.1';
  }

  /** Did the origin switch protocols? Nobody has asked it to, so what follows is not HTTP. */
  get isSwitching(): boolean {
    return this.#isSwitching;
  }

  /** Was this informational response, reported with {@link CONTINUE_STAND_IN}, a 100? */
  takeContinue(): boolean {
    if (this.#continues === 0) return false;
    this.#continues -= 1;
    return true;
  }

  /** Looks at bytes before the parser does; changes at most the last digit of each `100`. */
  inspect(chunk: Uint8Array): void {
    if (this.#place === 'rest') return;
    for (let at = 0; at < chunk.length; ) {
      if (this.#place === 'status-line') at = this.#statusLine(chunk, at);
      else if (this.#place === 'interim-head') at = this.#interimHead(chunk, at);
      else return;
    }
  }

  #statusLine(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      // RFC 9112 §2.2: an empty line before a message is ignored.
      if (this.#position === 0 && (byte === CR || byte === LF)) continue;
      const position = this.#position++;
      if (position === MINOR_AT) this.#minor = byte;
      else if (position === STATUS_AT) {
        this.#code = byte - DIGIT_0;
        if (byte !== DIGIT_1) {
          this.#place = 'rest';
          return at + 1;
        }
      } else if (position > STATUS_AT) {
        this.#code = this.#code * 10 + byte - DIGIT_0;
        if (position === STATUS_AT + 2) {
          this.#isSwitching ||= this.#code === SWITCHING_PROTOCOLS;
          if (this.#code === 100) {
            chunk[at] = DIGIT_9;
            this.#continues += 1;
          }
          this.#place = 'interim-head';
          this.#matched = 0;
          return at + 1;
        }
      }
    }
    return chunk.length;
  }

  #interimHead(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === HEAD_END[this.#matched]) this.#matched += 1;
      else this.#matched = byte === CR ? 1 : 0;
      if (this.#matched === HEAD_END.length) {
        this.#place = 'status-line';
        this.#position = 0;
        return at + 1;
      }
    }
    return chunk.length;
  }
}
