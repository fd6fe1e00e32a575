import { InvalidRequestError, invalidOption } from '../errors.ts';
import { CONSOLE } from '../logger.ts';
import { PoolManager } from '../pool-manager.ts';
import { checkRoute, type RouteOptions } from './route-options.ts';
import { routedFetch } from './routed-fetch.ts';
import { workerManager } from './worker-manager.ts';
import { CLAIM, type LifeEvent, type WorkerScope, workerScope } from './worker-scope.ts';

/** Routes of this worker so far: each has a place of its own. */
let routes = 0;

/**
 * In a service worker: sends the requests that its pages make to chosen origins through a gateway. Pages need no change:
 * `<img>`, `fetch()`, XHR and scripts of others go where the worker sends them. Call it while the worker's script runs for
 * the first time, that is not after an `await`; once for each gateway.
 *
 * The worker takes over as soon as it is installed, and takes control of pages that are open.
 *
 * @throws {@link InvalidRequestError} outside a service worker, and when an option cannot be honoured.
 *
 * @example
 * ```ts
 * routeThroughHip({ gateway: 'wss://gateway.example/session', token, origins: ['https://api.internal'] });
 * ```
 */
export function routeThroughHip(options: RouteOptions): void {
  const scope = workerScope();
  if (scope === undefined) throw invalidOption('routeThroughHip() is for the script of a service worker');
  const route = checkRoute(options);
  // What is wrong with them shows when the worker is installed, not with the first request.
  if (route.more === undefined) new PoolManager(route.managerOptions);
  routes += 1;
  const manager = workerManager(route, `${scope.registration.scope} ${routes}`);
  scope.addEventListener('fetch', (event) => {
    try {
      if (!route.takes(event.request)) return;
      event.respondWith(routedFetch(event.request, manager, route.bufferUploads));
    } catch (error) {
      // A choice that fails: what may be meant for the gateway does not go past it, and nothing else goes to it.
      CONSOLE.warn(error);
      event.respondWith(Promise.resolve(Response.error()));
    }
  });
  if (routes === 1) takeOver(scope);
}

function takeOver(scope: WorkerScope): void {
  const claim = (event: LifeEvent): void => event.waitUntil(scope.clients.claim());
  scope.addEventListener('install', (event) => {
    event.waitUntil(checkSingleFile());
    event.waitUntil(scope.skipWaiting());
  });
  scope.addEventListener('activate', claim);
  // A page that was loaded past the worker (with Shift) has to ask.
  scope.addEventListener('message', (event) => {
    if (event.data === CLAIM) claim(event);
  });
}

/** Service workers may not load modules later on: what the client does so must be in the worker's file. */
async function checkSingleFile(): Promise<void> {
  try {
    await import('../pool/perform-request.ts');
  } catch (cause) {
    const message =
      'routeThroughHip() must be in one file with all that it imports: have the bundler put import() into it, too';
    throw new InvalidRequestError('invalid_option', message, { cause });
  }
}
