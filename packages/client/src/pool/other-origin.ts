import type { ConnectionOverrides } from '../connection-options.ts';

/** What shows an origin who the client is. */
const IDENTITY = ['certFile', 'keyFile', 'keyPassword', 'pfx', 'identity'] as const;

/** What is true of one origin only. */
const OF_ONE_ORIGIN = ['serverHostname', 'assertHostname', 'assertFingerprint'] as const;

/**
 * Options of a request that a redirect has led to another origin. They were given for the first one: the client's
 * certificate, pins and names stay behind, and so does a `certReqs` that asks for less than the whole, which may have relied
 * on a pin. What the manager or pool was given holds there again, as it does for every origin. A certificate that was taken
 * away with `null` stays away.
 */
export function optionsForOtherOrigin(options: ConnectionOverrides): ConnectionOverrides {
  const kept: Record<string, unknown> = { ...options };
  for (const name of IDENTITY) if (kept[name] !== null) kept[name] = undefined;
  for (const name of OF_ONE_ORIGIN) kept[name] = undefined;
  if (!/REQUIRED$/.test(options.certReqs ?? 'REQUIRED')) kept['certReqs'] = undefined;
  return kept;
}
