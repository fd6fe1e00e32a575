import { Resolver } from 'node:dns/promises';
import { INTERNALS } from '../defaults.ts';
import type { Lookup } from './resolve.ts';
import { spelledAddress } from './spelled-address.ts';

/**
 * Asks these name servers, and nobody else: no hosts file, no search domains.
 *
 * @param servers - IP addresses with or without a port.
 */
export function createDnsLookup(servers: readonly string[]): Lookup {
  const resolver = new Resolver({ timeout: INTERNALS.dnsTimeoutMs, tries: INTERNALS.dnsTries });
  resolver.setServers(servers);
  return async (host) => {
    const name = host.toLowerCase().replace(/\.$/, '');
    // RFC 6761 §6.3: these names always are the loopback address, and are not to be asked for.
    if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1'];
    // As every other resolver reads it: a name server would be asked for a name of digits.
    const address = spelledAddress(name);
    if (address) return [address];
    const [ipv6, ipv4] = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
    const addresses = interleave(addressesOf(ipv6), addressesOf(ipv4));
    if (addresses.length > 0) return addresses;
    throw ipv4.status === 'rejected' ? ipv4.reason : (ipv6 as PromiseRejectedResult).reason;
  };
}

function addressesOf(result: PromiseSettledResult<string[]>): string[] {
  return result.status === 'fulfilled' ? result.value : [];
}

/** RFC 8305 §4: the families take turns, so that one without a way out costs one attempt. */
function interleave(first: string[], second: string[]): string[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, at) => [first[at], second[at]])
    .flat()
    .filter((address) => address !== undefined);
}
