/** Runs a function in a task of its own, soon. */
const queueTask: (run: () => void) => void = taskSource();

function taskSource(): (run: () => void) => void {
  const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void };
  if (setImmediate !== undefined) return (run) => void setImmediate(run);
  // Unlike a timer, a message is not delayed by 4 ms when many follow one another.
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(null);
  };
}

/**
 * Runs what is given to it in order, each in a task of its own, as the standards say of events: whoever waits for one in an
 * async function is there again before the next. The first after a pause comes at once, in a microtask.
 */
export class TaskQueue {
  readonly #tasks: (() => void)[] = [];
  #isRunning = false;

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  /** Adds a task. */
  push(task: () => void): void {
    this.#tasks.push(task);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(this.#next);
  }

  readonly #next = (): void => {
    const task = this.#tasks.shift();
    if (task === undefined) {
      this.#isRunning = false;
      return;
    }
    queueTask(this.#next);
    task();
  };
}
