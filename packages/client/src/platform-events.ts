// Node has no ErrorEvent, and CloseEvent only since version 23.
const PlatformErrorEvent = (globalThis as { ErrorEvent?: typeof ErrorEvent }).ErrorEvent;
const PlatformCloseEvent = (globalThis as { CloseEvent?: typeof CloseEvent }).CloseEvent;

/** An event `error` that has the error, where there is one. */
export function errorEvent(error?: unknown): Event {
  const message = error instanceof Error ? error.message : '';
  if (PlatformErrorEvent !== undefined) return new PlatformErrorEvent('error', { error, message });
  return Object.assign(new Event('error'), { error, message });
}

/** An event `close`. */
export function closeEvent(init: { wasClean: boolean; code: number; reason: string }): Event {
  if (PlatformCloseEvent !== undefined) return new PlatformCloseEvent('close', init);
  return Object.assign(new Event('close'), init);
}
