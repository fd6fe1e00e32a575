/** Things that happen in a test, kept in order and waited for one by one. */
export class Arrivals<Item> {
  /** Everything so far. */
  readonly all: Item[] = [];
  #taken = 0;
  readonly #waiting: ((item: Item) => void)[] = [];
  readonly #watching: [index: number, (item: Item) => void][] = [];

  /** One more happened. */
  push(item: Item): void {
    const index = this.all.push(item) - 1;
    for (const [wanted, watching] of this.#watching) if (wanted === index) watching(item);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    this.#taken++;
    waiting(item);
  }

  /** The first one that nobody has waited for yet. */
  next(): Promise<Item> {
    if (this.#taken < this.all.length) return Promise.resolve(this.all[this.#taken++] as Item);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The one at a position, whoever else has waited for it. */
  at(index: number): Promise<Item> {
    if (index < this.all.length) return Promise.resolve(this.all[index] as Item);
    return new Promise((resolve) => this.#watching.push([index, resolve]));
  }

  /** The next `count`, in order. */
  async take(count: number): Promise<Item[]> {
    const items: Item[] = [];
    while (items.length < count) items.push(await this.next());
    return items;
  }
}

/** A promise that something outside it settles, at most once. */
export class Latch<Value = void> {
  readonly promise: Promise<Value>;
  #settle!: (value: Value) => void;
  isOpen = false;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Lets everybody through who waits, now or later. */
  open(value: Value): void {
    this.isOpen = true;
    this.#settle(value);
  }
}

/** Lets everything that is ready now happen first, several turns of the event loop of it: sockets on loopback included. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
