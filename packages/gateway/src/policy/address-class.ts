import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../connect/parse-address.ts';

type IPv4 = ipaddr.IPv4;
type IPv6 = ipaddr.IPv6;

/** What an IP address is for. Only `public` ones are reached by default. */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'unique-local'
  | 'carrier-grade NAT'
  | 'multicast'
  | 'broadcast'
  | 'unspecified'
  | 'reserved'
  | 'transition'
  | 'invalid';

/**
 * Our word for a range of ipaddr.js, which follows the IANA special-purpose registries. A range that is not listed
 * (documentation, benchmarking, discard, ORCHID, …) is `reserved`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6890 | RFC 6890}
 */
const CLASS_BY_RANGE: Readonly<Record<string, AddressClass>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  linkLocal: 'link-local',
  deprecatedSiteLocal: 'unique-local',
  uniqueLocal: 'unique-local',
  carrierGradeNat: 'carrier-grade NAT',
  multicast: 'multicast',
  broadcast: 'broadcast',
  unspecified: 'unspecified',
};

/** RFC 4291 §2.4 and the IANA registry: what has been given out as global unicast. */
const GLOBAL_UNICAST: [IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3');
/** RFC 6052 §2.1: the well-known prefix, which a DNS64 resolver answers with for hosts that only have IPv4. */
const NAT64: [IPv6, number] = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** RFC 4291 §2.5.5.1: deprecated, yet some systems still route it to IPv4. */
const IPV4_COMPATIBLE: [IPv6, number] = ipaddr.IPv6.parseCIDR('::/96');

/** Class of an address in text form, IPv6 without brackets. `invalid` for anything else. */
export function addressClass(address: string): AddressClass {
  if (isIP(address) === 0) return 'invalid';
  const parsed = parseAddress(address);
  return parsed.kind() === 'ipv4' ? classByRange(parsed) : ipv6Class(parsed as IPv6);
}

function classByRange(address: IPv4 | IPv6): AddressClass {
  return CLASS_BY_RANGE[address.range()] ?? 'reserved';
}

/**
 * There are four cases:
 *
 * 1. the address is an IPv4 address in another spelling (mapped, NAT64): it is what the IPv4 address is;
 * 2. it carries an IPv4 address through a tunnel (6to4, Teredo, …): what it leads to is decided by a relay we do not
 *    know, so it is never public, and named after the IPv4 address when that is not public either;
 * 3. it is outside what is given out as global unicast: never public;
 * 4. else the registry decides.
 */
function ipv6Class(address: IPv6): AddressClass {
  const range = address.range();
  if (range === 'ipv4Mapped') return classByRange(address.toIPv4Address());
  if (address.match(NAT64)) return classByRange(embeddedIpv4(address, 12));

  if (range === '6to4') return tunnelled(embeddedIpv4(address, 2));
  // RFC 4380 §4: the client's IPv4 address is the last part, with each bit inverted.
  if (range === 'teredo') return tunnelled(embeddedIpv4(address, 12, 0xff));
  if (range === 'rfc6145' || range === 'rfc6052') return tunnelled(embeddedIpv4(address, 12));
  if (range === 'unspecified' || range === 'loopback') return range;
  if (address.match(IPV4_COMPATIBLE)) return tunnelled(embeddedIpv4(address, 12));

  const known = classByRange(address);
  return known === 'public' && !address.match(GLOBAL_UNICAST) ? 'reserved' : known;
}

function tunnelled(inner: IPv4): AddressClass {
  const known = classByRange(inner);
  return known === 'public' ? 'transition' : known;
}

function embeddedIpv4(address: IPv6, offset: number, mask = 0): IPv4 {
  return new ipaddr.IPv4(
    address
      .toByteArray()
      .slice(offset, offset + 4)
      .map((byte) => byte ^ mask),
  );
}
