import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { FailureError, failed, prohibited } from '../errors.ts';
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
 * The addresses to connect to, in their order and each once. One that is refused refuses all: no honest host is at a public
 * and a private address at once, and a name that is so is how a client is led from the one to the other.
 *
 * @param hop - the target of the route, or its proxy.
 * @throws {@link FailureError} `destination_prohibited` when one is refused, or there is none.
 */
export function allowedAddresses(
  hop: { host: string; port: number },
  addresses: readonly string[],
  checkAddress: AddressCheck,
): readonly string[] {
  if (addresses.length === 0) throw failed('destination_prohibited', `${hop.host} has no address`);
  for (const address of addresses) confirmAddress(hop, address, checkAddress);
  return [...new Set(addresses)];
}

/** @throws {@link FailureError} `destination_prohibited` when the address is refused. */
export function confirmAddress(
  hop: { host: string; port: number },
  address: string,
  checkAddress: AddressCheck,
): void {
  const decision = checkAddress(hop, address);
  if (!decision.allowed) throw new FailureError(prohibited(decision.reason, decision.note));
}
