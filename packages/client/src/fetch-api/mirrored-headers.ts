/**
 * Headers of a Request that keep what a browser's drop. What they are told, the platform's Request is told too, so that what it
 * makes of its headers (the type of a `blob()`) stays true.
 */
export class MirroredHeaders extends Headers {
  readonly #mirror: Headers;

  constructor(mirror: Headers, init: HeadersInit | undefined) {
    super(init);
    this.#mirror = mirror;
  }

  override append(name: string, value: string): void {
    super.append(name, value);
    this.#mirror.append(name, value);
  }

  override delete(name: string): void {
    super.delete(name);
    this.#mirror.delete(name);
  }

  override set(name: string, value: string): void {
    super.set(name, value);
    this.#mirror.set(name, value);
  }
}
