import { type InvalidRequestError, invalidOption } from '../errors.ts';
import { checkNames } from '../pool/check-options.ts';
import { CLAIM } from './worker-scope.ts';

/** Options of {@link installServiceWorker}. */
export interface InstallOptions {
  /**
   * URL below which pages are controlled: the worker's own folder or one in it, unless the server allows more with
   * `service-worker-allowed`.
   *
   * @defaultValue the folder of the worker's script
   */
  scope?: string | URL;

  /**
   * How the script is loaded: a `module` may have imports of its own, a `classic` script runs in browsers without module
   * workers, too.
   *
   * @defaultValue as a module
   */
  type?: 'module' | 'classic';

  /**
   * Gives up waiting. The worker stays registered.
   *
   * @defaultValue none: waits until the worker controls the page
   */
  signal?: AbortSignal;
}

/**
 * In a page: registers a service worker and resolves when it controls this page, so that requests from then on are the
 * worker's. On later visits that is at once; a newer script takes over while the page goes on.
 *
 * @param url - of the script, relative to the page.
 * @returns its registration.
 * @throws {@link InvalidRequestError} where there are no service workers, the page is outside the scope, or an option cannot
 * be honoured; `InvalidRequestError` too when the worker cannot be installed, with the reason in its console; what
 * `navigator.serviceWorker.register()` throws; the reason of the signal.
 */
export async function installServiceWorker(
  url: string | URL,
  options: InstallOptions = {},
): Promise<ServiceWorkerRegistration> {
  checkNames('installServiceWorker()', options, ['scope', 'type', 'signal']);
  const { type = 'module', scope, signal } = options;
  if (type !== 'module' && type !== 'classic') throw invalidOption('type must be module or classic');
  const container = (navigator as Partial<Navigator>).serviceWorker;
  if (container === undefined) {
    throw invalidOption('installServiceWorker() is for pages that came over https: or from this machine');
  }
  signal?.throwIfAborted();
  const registration = await container.register(url, {
    type,
    ...(scope !== undefined && { scope: String(scope) }),
  });
  if (!location.href.startsWith(registration.scope)) {
    throw invalidOption(
      `scope must have this page in it, got ${registration.scope}: put the script further up`,
    );
  }
  const script = new URL(url, document.baseURI);
  script.hash = '';
  await controlled(container, registration, script.href, signal);
  return registration;
}

function controlled(
  container: ServiceWorkerContainer,
  registration: ServiceWorkerRegistration,
  scriptUrl: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    const look = (): void => {
      if (container.controller?.scriptURL === scriptUrl) end(resolve);
      else if (signal?.aborted) end(() => reject(signal.reason));
      else if (worker?.state === 'redundant') end(() => reject(notInstalled(scriptUrl)));
      // It may be long past the moment when it takes control of pages by itself.
      else if (worker?.state === 'activated') worker.postMessage(CLAIM);
    };
    const end = (settle: () => void): void => {
      container.removeEventListener('controllerchange', look);
      worker?.removeEventListener('statechange', look);
      signal?.removeEventListener('abort', look);
      settle();
    };
    container.addEventListener('controllerchange', look);
    worker?.addEventListener('statechange', look);
    signal?.addEventListener('abort', look);
    look();
  });
}

function notInstalled(scriptUrl: string): InvalidRequestError {
  return invalidOption(`the service worker ${scriptUrl} could not be installed: its console has the reason`);
}
