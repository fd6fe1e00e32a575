/**
 * A `fetch` in the place of the platform's, and the classes that go with it: they keep what a browser's drop.
 *
 * @example
 * ```ts
 * const http = new PoolManager({ gateway: 'ws://127.0.0.1:8787/session', token: 'secret' });
 * Object.assign(globalThis, { fetch: createFetch(http), Headers, Request, Response });
 * ```
 *
 * @module
 */
export { type CreateFetchOptions, createFetch } from './create-fetch.ts';
export { Headers } from './headers.ts';
export { Request } from './request.ts';
export { Response } from './response.ts';
