/** Limits of one {@link eventually}. */
export interface EventuallyOptions {
  /** @defaultValue 10_000 milliseconds: far above what anything here takes, also on a slow machine */
  deadlineMs?: number;
  /** @defaultValue 20 milliseconds */
  intervalMs?: number;
}

/**
 * Observes until `observe` stops throwing, and gives what it returned: for counters at the other end, which follow
 * after an event that the test can see. After the deadline the last failure is thrown as it was.
 */
export async function eventually<T>(
  observe: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { deadlineMs = 10_000, intervalMs = 20 } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await observe();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Fails where `promise` is still pending after `withinMs`: a hang then has a name, not just a test timeout. */
export async function within<T>(withinMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a promise that must reject rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${String(value)}`);
}

/** The value once it has stayed the same for `quietMs`: for a flow that must come to rest by itself. */
export async function settled<T>(observe: () => T | Promise<T>, quietMs = 500): Promise<T> {
  let value = await observe();
  for (let since = performance.now(); performance.now() - since < quietMs; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await observe();
    if (next === value) continue;
    value = next;
    since = performance.now();
  }
  return value;
}
