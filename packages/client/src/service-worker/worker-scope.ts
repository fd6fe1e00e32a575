/**
 * What is used of a service worker's globals (W3C Service Workers): TypeScript has their types only in a library that
 * contradicts the one of pages.
 */
export interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listener: (event: LifeEvent & { readonly data: unknown }) => void): void;
}

/** Something that the worker may take a while for. */
export interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}

/** A request of a page. */
export interface FetchEvent extends LifeEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/** What a page asks the worker: to control it. */
export const CLAIM = 'hip: claim';

/** The globals, where they are those of a service worker. */
export function workerScope(): WorkerScope | undefined {
  const scope = globalThis as unknown as Partial<WorkerScope>;
  const isWorker = scope.registration !== undefined && typeof scope.skipWaiting === 'function';
  return isWorker ? (scope as WorkerScope) : undefined;
}
