import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { failed } from '../errors.ts';
import type { AddressCheck } from './connector.ts';

/** Addresses of a name, best first. Rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** What the operating system knows: its hosts file, its resolver, in its order (RFC 6724). */
export const systemLookup: Lookup = async (host) => {
  const found = await dnsLookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

/**
 * Addresses of `host`, asked for once: what is checked is what is connected to, so a second answer of a hostile name
 * server changes nothing. An IP address is not looked up.
 */
export function resolve(host: string, lookup: Lookup, signal: AbortSignal): Promise<readonly string[]> {
  if (isIP(host) !== 0) return Promise.resolve([host]);
  // A query to the system's resolver cannot be cancelled: after an abort its answer is just not waited for.
  return new Promise((settle, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    lookup(host)
      .then(settle, reject)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/**
 * The addresses that may be connected to, in their order and each once.
 *
 * @throws {@link FailureError} `destination_prohibited` when none may.
 */
export function allowedAddresses(
  target: { host: string; port: number },
  addresses: readonly string[],
  checkAddress: AddressCheck,
): readonly string[] {
  let reason = `${target.host} has no address`;
  const allowed = new Set<string>();
  for (const address of addresses) {
    const decision = checkAddress(target, address);
    if (decision.allowed) allowed.add(address);
    else reason = decision.reason;
  }
  if (allowed.size === 0) throw failed('destination_prohibited', reason);
  return [...allowed];
}
