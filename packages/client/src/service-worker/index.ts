/**
 * A service worker that sends a page's requests to chosen origins through a gateway, and what a page installs it with.
 *
 * @module
 */
export { type InstallOptions, installServiceWorker } from './install-service-worker.ts';
export type { RouteChoice, RouteOptions } from './route-options.ts';
export { routeThroughHip } from './route-through-hip.ts';
