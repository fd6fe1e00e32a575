import type { FieldLines } from '@hip/wire';
import { invalidOption } from '../errors.ts';
import type { HeadersSource } from '../options.ts';

/**
 * Headers whose names have no case and may come several times, as urllib3's `HTTPHeaderDict`: iterating gives every
 * line, {@link HTTPHeaderDict.get} joins the values of a name with a comma.
 */
export class HTTPHeaderDict implements Iterable<[name: string, value: string]> {
  readonly #lines: FieldLines;

  /** @param source - headers to start with. */
  constructor(source: HeadersSource = []) {
    this.#lines = [];
    for (const [name, value] of entriesOf(source)) this.add(name, value);
  }

  /** The dictionary of the field lines of a message. */
  static fromLines(lines: FieldLines): HTTPHeaderDict {
    const dict = new HTTPHeaderDict();
    for (const text of lines) dict.#lines.push(text);
    return dict;
  }

  /** The field lines: name, value, name, value, with names in lower case. */
  toLines(): FieldLines {
    return [...this.#lines];
  }

  /**
   * Adds a value to those the name has.
   *
   * @throws {@link InvalidRequestError} when the value is no string: what a number means is for its writer to say.
   */
  add(name: string, value: string): void {
    if (typeof value !== 'string') {
      throw invalidOption(`header ${name} must be a string, got ${typeof value}`);
    }
    this.#lines.push(name.toLowerCase(), value);
  }

  /** Replaces every value of the name by one. */
  set(name: string, value: string): void {
    this.discard(name);
    this.add(name, value);
  }

  /** Removes every value of the name. */
  discard(name: string): void {
    const lower = name.toLowerCase();
    for (let i = this.#lines.length - 2; i >= 0; i -= 2)
      if (this.#lines[i] === lower) this.#lines.splice(i, 2);
  }

  /** The values of a name, joined with `, `; `undefined` when there is none. */
  get(name: string): string | undefined {
    const values = this.getlist(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  /** Every value of a name, in order: the way to read `set-cookie`. */
  getlist(name: string): string[] {
    const lower = name.toLowerCase();
    const values: string[] = [];
    for (let i = 0; i < this.#lines.length; i += 2) {
      if (this.#lines[i] === lower) values.push(this.#lines[i + 1] as string);
    }
    return values;
  }

  /** Whether the name has a value. */
  has(name: string): boolean {
    return this.getlist(name).length > 0;
  }

  /** Every line, in order. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (let i = 0; i < this.#lines.length; i += 2)
      yield [this.#lines[i] as string, this.#lines[i + 1] as string];
  }
}

function entriesOf(source: HeadersSource): Iterable<readonly [name: string, value: string]> {
  return Symbol.iterator in source ? source : Object.entries(source);
}
