interface Reader {
  take(event: MessageEvent<string> | undefined): void;
  fail(error: unknown): void;
}

/** Those who iterate over an event source. While there is one, events come as they are asked for, each to one of them. */
export class EventReaders {
  readonly #waiting: Reader[] = [];
  #count = 0;
  #wake: (() => void) | undefined;
  #end: { readonly error: unknown } | undefined;

  /** Resolves when an event may be dispatched. */
  async demand(): Promise<void> {
    while (this.#count > 0 && this.#waiting.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** An event has been dispatched. */
  give(event: MessageEvent<string>): void {
    this.#waiting.shift()?.take(event);
  }

  /** No more events come; `undefined` for an end that was wished for. */
  end(error: unknown): void {
    this.#end ??= { error };
    for (const reader of this.#waiting.splice(0)) this.#tellEnd(reader, this.#end);
    this.#wake?.();
  }

  /** Events as they are asked for. */
  async *read(): AsyncGenerator<MessageEvent<string>, void, undefined> {
    this.#count++;
    try {
      for (;;) {
        const event = await this.#next();
        if (event === undefined) return;
        yield event;
      }
    } finally {
      this.#count--;
      this.#wake?.();
    }
  }

  #next(): Promise<MessageEvent<string> | undefined> {
    return new Promise((take, fail) => {
      const reader = { take, fail };
      if (this.#end === undefined) this.#waiting.push(reader);
      else this.#tellEnd(reader, this.#end);
      this.#wake?.();
    });
  }

  #tellEnd(reader: Reader, { error }: { readonly error: unknown }): void {
    if (error === undefined) reader.take(undefined);
    else reader.fail(error);
  }
}
