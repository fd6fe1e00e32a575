import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeoutError } from '../../src/errors.ts';
import { DeadlineError } from '../../src/pool/retry-errors.ts';
import { deadlineSignal, wait } from '../../src/pool/wait.ts';
import { rejection } from '../support/client.ts';

const MONTH_MS = 31 * 24 * 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise has been fulfilled by now. */
function watch(promise: Promise<void>): { isOver: boolean } {
  const state = { isOver: false };
  void promise.then(() => {
    state.isOver = true;
  });
  return state;
}

describe('wait', () => {
  it.each([1, 5_000])('waits %i ms', async (delayMs) => {
    const state = watch(wait(delayMs));
    await vi.advanceTimersByTimeAsync(delayMs - 1);
    expect(state.isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(state.isOver).toBe(true);
  });

  it('waits longer than a timer can', async () => {
    const state = watch(wait(MONTH_MS));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(state.isOver).toBe(false);
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const rejected = rejection(wait(5_000, controller.signal));
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(reason);
    expect(await rejected).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin when its signal has aborted', async () => {
    const reason = new Error('enough');
    expect(await rejection(wait(5_000, AbortSignal.abort(reason)))).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves nothing with a signal that stays', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const waiting = wait(10, signal);
    await vi.advanceTimersByTimeAsync(10);
    await waiting;
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });
});

describe('deadlineSignal', () => {
  it('aborts when the time is up', async () => {
    const signal = deadlineSignal(2_000);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.reason).toBeInstanceOf(DeadlineError);
    expect(signal.reason).toBeInstanceOf(TimeoutError);
    expect(signal.reason).toMatchObject({
      name: 'DeadlineError',
      code: 'deadline_exceeded',
      sent: 'maybe',
      message: 'request took longer than its deadline of 2000 ms',
    });
  });

  it('aborts as the other signal does, whichever comes first', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const signal = deadlineSignal(2_000, controller.signal);
    controller.abort(reason);
    expect(signal.reason).toBe(reason);
    const late = deadlineSignal(2_000, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(late.reason).toBeInstanceOf(DeadlineError);
    expect(signal.reason).toBe(reason);
    expect(deadlineSignal(2_000, AbortSignal.abort(reason)).reason).toBe(reason);
  });

  it('does not abort at once when it is further off than a timer can be', async () => {
    const signal = deadlineSignal(MONTH_MS);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(signal.aborted).toBe(false);
  });

  it('keeps no process alive', () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    deadlineSignal(2_000);
    const timer = timers.mock.results[0]?.value as { hasRef(): boolean };
    expect(timer.hasRef()).toBe(false);
  });
});
