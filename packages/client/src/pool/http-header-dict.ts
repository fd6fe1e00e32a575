import type { FieldLines } from '@hip/wire';
import { invalidOption } from '../errors.ts';
import type { HeadersSource } from '../options.ts';

/**
 * Headers whose names have no case and may come several times, as urllib3's `HTTPHeaderDict`.
 *
 * Iterating gives every line, {@link HTTPHeaderDict.keys} every name once, {@link HTTPHeaderDict.get} the values of a
 * name, joined. Names are shown as they were first written, and sent in lower case.
 */
export class HTTPHeaderDict implements Iterable<[name: string, value: string]> {
  /** Names in lower case at even places, each followed by its value: what the wire takes and gives. */
  #lines: FieldLines = [];

  /** By its lower case, how a name was first written, where that is not lower case. */
  #written: Map<string, string> | undefined;

  /**
   * @param source - headers to start with.
   * @throws {@link InvalidRequestError} when a value is no string.
   */
  constructor(source?: HeadersSource) {
    if (source !== undefined) this.extend(source);
  }

  /** The dictionary of the field lines of a message. */
  static fromLines(lines: FieldLines): HTTPHeaderDict {
    const dict = new HTTPHeaderDict();
    dict.#lines = lines.slice();
    return dict;
  }

  /** The field lines: name, value, name, value, with names in lower case. */
  toLines(): FieldLines {
    return this.#lines.slice();
  }

  /** How many names there are. */
  get size(): number {
    return this.#names().size;
  }

  /** The values of a name, joined with `, `; `undefined` when there is none. */
  get(name: string): string | undefined {
    const values = this.getlist(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  /** Every value of a name, in order: the way to read `set-cookie`. */
  getlist(name: string): string[];
  /**
   * The same, with something to give when the name has no value.
   *
   * @param fallback - that.
   */
  getlist<T>(name: string, fallback: T): string[] | T;
  getlist(name: string, fallback?: unknown): unknown {
    const lower = name.toLowerCase();
    const values: string[] = [];
    for (let at = 0; at < this.#lines.length; at += 2) {
      if (this.#lines[at] === lower) values.push(this.#lines[at + 1] as string);
    }
    return values.length === 0 && fallback !== undefined ? fallback : values;
  }

  /** Whether the name has a value. */
  has(name: string): boolean {
    return this.#find(name.toLowerCase()) >= 0;
  }

  /**
   * Replaces every value of the name by one, in the place of the first.
   *
   * @throws {@link InvalidRequestError} when the value is no string: what a number means is for its writer to say.
   */
  set(name: string, value: string): void {
    checkValue(name, value);
    const at = this.#find(name.toLowerCase());
    if (at < 0) {
      this.#push(name, value);
      return;
    }
    this.#remove(name.toLowerCase(), at + 2);
    this.#lines[at + 1] = value;
    this.#write(name);
  }

  /**
   * Adds a value to those the name has.
   *
   * @param options - `combine`: appends it to the last of those, after a comma, instead of making a line of its own.
   * @throws {@link InvalidRequestError} when the value is no string.
   */
  add(name: string, value: string, options: { combine?: boolean } = {}): void {
    checkValue(name, value);
    const last = options.combine ? this.#findLast(name.toLowerCase()) : -1;
    if (last < 0) this.#push(name, value);
    else this.#lines[last + 1] += `, ${value}`;
  }

  /**
   * Adds everything another source has (urllib3's `extend()` and `|=`).
   *
   * @throws {@link InvalidRequestError} when a value is no string.
   */
  extend(source: HeadersSource): void {
    for (const [name, value] of entriesOf(source === this ? this.copy() : source)) this.add(name, value);
  }

  /**
   * A new dictionary, with everything of this one and of another source (urllib3's `|`).
   *
   * @throws {@link InvalidRequestError} when a value is no string.
   */
  merge(source: HeadersSource): HTTPHeaderDict {
    const merged = this.copy();
    merged.extend(source);
    return merged;
  }

  /**
   * Takes the names of another source over, in place of the values they had (Python's `update()`).
   *
   * @throws {@link InvalidRequestError} when a value is no string.
   */
  update(source: HeadersSource): void {
    const other = new HTTPHeaderDict(source);
    for (const name of other.keys()) {
      const [first, ...rest] = other.getlist(name);
      this.set(name, first as string);
      for (const value of rest) this.#push(name, value);
    }
  }

  /** The value of a name, which gets `value` first if it has none. */
  setdefault(name: string, value = ''): string {
    const known = this.get(name);
    if (known !== undefined) return known;
    this.set(name, value);
    return value;
  }

  /** Removes every value of the name, and tells whether there was one. */
  delete(name: string): boolean {
    const lower = name.toLowerCase();
    this.#written?.delete(lower);
    return this.#remove(lower, 0);
  }

  /** Removes every value of the name, if it has any. */
  discard(name: string): void {
    this.delete(name);
  }

  /** A dictionary of its own with the same headers. */
  copy(): HTTPHeaderDict {
    const copy = HTTPHeaderDict.fromLines(this.#lines);
    if (this.#written !== undefined) copy.#written = new Map(this.#written);
    return copy;
  }

  /** Whether another source has the same names, each with the same values joined. Order of names does not matter. */
  equals(source: HeadersSource): boolean {
    const other = new HTTPHeaderDict(source);
    if (other.size !== this.size) return false;
    for (const name of this.#names()) if (this.get(name) !== other.get(name)) return false;
    return true;
  }

  /** Every name once, as it was first written. */
  *keys(): IterableIterator<string> {
    for (const name of this.#names()) yield this.#shown(name);
  }

  /** Every line, in order (urllib3's `items()`). */
  *entries(): IterableIterator<[name: string, value: string]> {
    for (let at = 0; at < this.#lines.length; at += 2) {
      yield [this.#shown(this.#lines[at] as string), this.#lines[at + 1] as string];
    }
  }

  /** Every name once, with its values joined. */
  *itermerged(): IterableIterator<[name: string, value: string]> {
    for (const name of this.#names()) yield [this.#shown(name), this.getlist(name).join(', ')];
  }

  /** The same as {@link HTTPHeaderDict.entries}. */
  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }

  #names(): Set<string> {
    return new Set(this.#lines.filter((_, at) => at % 2 === 0));
  }

  #shown(lower: string): string {
    return this.#written?.get(lower) ?? lower;
  }

  /** Where the first line of a name is; -1 when there is none. */
  #find(lower: string): number {
    for (let at = 0; at < this.#lines.length; at += 2) if (this.#lines[at] === lower) return at;
    return -1;
  }

  #findLast(lower: string): number {
    for (let at = this.#lines.length - 2; at >= 0; at -= 2) if (this.#lines[at] === lower) return at;
    return -1;
  }

  /** A line at the end; a name that is not there yet is shown as it is written here. */
  #push(name: string, value: string): void {
    const lower = name.toLowerCase();
    if (lower !== name && !this.has(lower)) this.#write(name);
    this.#lines.push(lower, value);
  }

  #write(name: string): void {
    const lower = name.toLowerCase();
    this.#written ??= new Map();
    this.#written.set(lower, name);
  }

  #remove(lower: string, from: number): boolean {
    const before = this.#lines.length;
    for (let at = before - 2; at >= from; at -= 2) if (this.#lines[at] === lower) this.#lines.splice(at, 2);
    return this.#lines.length < before;
  }
}

function checkValue(name: string, value: string): void {
  if (typeof value === 'string') return;
  throw invalidOption(`header ${name} must be a string, got ${typeof value}`);
}

function entriesOf(source: HeadersSource): Iterable<readonly [name: string, value: string]> {
  return Symbol.iterator in source ? source : Object.entries(source);
}
