import { DeadlineError } from './retry-errors.ts';

/** Longest time a timer of the platform knows, in milliseconds; with a longer one it goes off at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Waits, in milliseconds.
 *
 * @throws the reason of the signal when it aborts before.
 */
export function wait(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      },
      Math.min(delayMs, MAX_TIMER_MS),
    );
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}

/**
 * A signal that aborts with a {@link DeadlineError} when the time is up, or as `signal` does, whichever comes first. It
 * keeps no process alive.
 *
 * @param deadlineMs - {@link Timeout.deadline}.
 */
export function deadlineSignal(deadlineMs: number, signal?: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const timer: unknown = setTimeout(
    () =>
      controller.abort(
        new DeadlineError('deadline_exceeded', `request took longer than its deadline of ${deadlineMs} ms`),
      ),
    Math.min(deadlineMs, MAX_TIMER_MS),
  );
  (timer as { unref?: () => void }).unref?.();
  return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
}
