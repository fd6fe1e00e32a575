import { createStore, get as read, update } from 'idb-keyval';
import * as DEFAULTS from '../defaults.ts';
import type { PoolManagerOptions } from '../pool/pool-options.ts';
import { contextName } from '../pool/request-sender.ts';
import { PoolManager } from '../pool-manager.ts';
import type { Route } from './route-options.ts';

/**
 * The manager of a route, made when it is first needed. A browser ends an idle worker and starts it again: the new life's
 * manager has the name of the old one's, so that it finds the gateway's connections to the origins still open.
 *
 * @param place - what tells this route from others of the same origin.
 */
export function workerManager({ managerOptions, more }: Route, place: string): () => Promise<PoolManager> {
  let making: Promise<PoolManager> | undefined;
  const make = async (): Promise<PoolManager> => {
    const options: PoolManagerOptions =
      more === undefined ? managerOptions : { ...managerOptions, ...(await more()) };
    const { retries = false, numPools = DEFAULTS.numPools } = options;
    // A gateway refuses a name that came with another number of pools a moment ago.
    return new PoolManager({ ...options, retries }, await keptName(`${place} ${numPools}`));
  };
  return () => {
    if (making === undefined) {
      making = make();
      // The next request tries again.
      making.catch(() => {
        making = undefined;
      });
    }
    return making;
  };
}

/** The name kept for a place; a new one where there is none, or the browser keeps nothing. */
async function keptName(place: string): Promise<string> {
  const fresh = contextName();
  try {
    const store = createStore('hip-service-worker', 'names');
    await update<unknown>(place, (known) => (isName(known) ? known : fresh), store);
    const kept = await read<unknown>(place, store);
    return isName(kept) ? kept : fresh;
  } catch {
    return fresh;
  }
}

/** As {@link contextName} makes them: a gateway ends the session of a longer one. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\d-]{1,64}$/.test(value);
}
