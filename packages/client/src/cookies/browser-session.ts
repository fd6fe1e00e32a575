/** As much of `ServiceWorkerGlobalScope.clients` as is needed here. */
interface ServiceWorkerClients {
  matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly unknown[]>;
}

/**
 * Joins the session of all pages and workers of this origin that have `name` open, and stays in it until the page or
 * worker is gone. The first one begins a session; one that continues its own (a page reloaded, gone back to or restored,
 * a service worker started again) does not.
 *
 * @param begin - called when a session begins, before anybody else may join it.
 */
export async function joinSession(name: string, begin: () => Promise<void>): Promise<void> {
  const { locks } = navigator;
  await locks.request(name, { ifAvailable: true }, async (alone) => {
    if (alone !== null && !(await continuesOwn(name))) await begin();
  });
  await new Promise<void>((resolve, reject) => {
    const held = locks.request(name, { mode: 'shared' }, () => {
      resolve();
      return new Promise<never>(() => {});
    });
    held.catch(reject);
  });
  pageMarks()?.setItem(name, '');
}

async function continuesOwn(name: string): Promise<boolean> {
  if (pageMarks()?.getItem(name) != null) return true;
  const { clients } = globalThis as { clients?: ServiceWorkerClients };
  const pages = await clients?.matchAll({ type: 'window', includeUncontrolled: true });
  return pages !== undefined && pages.length > 0;
}

/** What outlives a page, and no longer than its tab; workers have none. */
function pageMarks(): Storage | undefined {
  return (globalThis as { sessionStorage?: Storage }).sessionStorage;
}
