/** Points at which a server waits until a test lets it go on. */
export class Latches {
  readonly #latches = new Map<string, PromiseWithResolvers<void>>();

  /** Resolves once `name` is released, also where that has happened already. */
  passed(name: string): Promise<void> {
    return this.#latch(name).promise;
  }

  release(name: string): void {
    this.#latch(name).resolve();
  }

  #latch(name: string): PromiseWithResolvers<void> {
    let latch = this.#latches.get(name);
    if (!latch) {
      latch = Promise.withResolvers<void>();
      this.#latches.set(name, latch);
    }
    return latch;
  }
}
