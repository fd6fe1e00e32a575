import { cookiePage } from './cookie-page.ts';

// A service worker that answers what pages ask of it, as cookie-page.ts does in a page, and all their requests.

/** As much of `FetchEvent` as is needed here. */
interface RequestEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

// Made when the worker starts, as a worker that routes requests makes its manager.
void cookiePage.count('worker');

addEventListener('fetch', (event) => {
  const { request } = event as RequestEvent;
  (event as RequestEvent).respondWith(fetch(request));
});

addEventListener('message', async ({ data, ports: [port] }) => {
  const [name, ...args] = data as [string, ...unknown[]];
  const methods = cookiePage as unknown as Record<string, (...all: unknown[]) => unknown>;
  port?.postMessage(await methods[name]?.(...args));
});
