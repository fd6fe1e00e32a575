import { sessionsFor } from './configure.ts';
import { CONNECTION_OPTIONS } from './connection-options.ts';
import * as DEFAULTS from './defaults.ts';
import { checkCookies, checkCount, checkFlag, checkNames } from './pool/check-options.ts';
import type { PoolOptions } from './pool/pool-options.ts';
import { contextName, RequestSender } from './pool/request-sender.ts';

/** {@link RequestDefaults} by name. */
export const REQUEST_DEFAULTS = ['headers', 'retries', 'timeout'] as const;

/**
 * The sender of a manager or pool, from its options.
 *
 * @param numPools - pools kept at the gateway.
 * @param name - of the context.
 * @param more - names of options that `subject` has beside those of a pool.
 * @throws {@link InvalidRequestError} when an option cannot be honoured.
 */
export function configuredSender(
  subject: string,
  options: PoolOptions,
  numPools: number,
  name = contextName(),
  ...more: string[]
): RequestSender {
  const known = ['gateway', 'token', ...more, 'maxsize', 'block', 'cookies', ...REQUEST_DEFAULTS];
  const connects = checkNames(subject, options, known, CONNECTION_OPTIONS);
  const context = {
    name,
    numPools,
    maxsize: checkCount('maxsize', options.maxsize, 1, DEFAULTS.maxsize),
    block: checkFlag('block', options.block, DEFAULTS.block),
  };
  const cookies = checkCookies(options.cookies);
  return new RequestSender(sessionsFor(options), context, connects ? [{ ...options }] : undefined, cookies);
}
