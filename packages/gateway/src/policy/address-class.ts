import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../connect/parse-address.ts';
import { METADATA_ADDRESSES, SPECIAL_PURPOSE, type SpecialPurpose } from './special-purpose.ts';

type IPv4 = ipaddr.IPv4;
type IPv6 = ipaddr.IPv6;

/** What an IP address is for. Only `public` ones are reached by default. */
export type AddressClass =
  | 'public'
  | Exclude<SpecialPurpose['use'], 'ipv4' | 'relay to ipv4'>
  | 'transition'
  | 'cloud metadata'
  | 'invalid';

/** A block of addresses: its first one, and how many bits of it count. */
export type Block = [IPv4 | IPv6, number];

interface Row {
  readonly block: Block;
  readonly use: SpecialPurpose['use'];
}

/** The longest first: it decides. */
const ROWS: readonly Row[] = SPECIAL_PURPOSE.map(({ block, use }) => ({
  block: parseBlock(block),
  use,
})).sort((a, b) => b.block[1] - a.block[1]);

/** RFC 4291 §2.4 and the IANA registry: what has been given out as global unicast. */
const GLOBAL_UNICAST: [IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3');
const TEREDO: [IPv6, number] = ipaddr.IPv6.parseCIDR('2001::/32');
const SIX_TO_FOUR: [IPv6, number] = ipaddr.IPv6.parseCIDR('2002::/16');

/** Class of an address in text form, IPv6 without brackets. `invalid` for anything else. */
export function addressClass(address: string): AddressClass {
  return isIP(address) === 0 ? 'invalid' : classOf(parseAddress(address));
}

/**
 * The address itself, whatever it is written as: an IPv4 address that comes as an IPv6 one (mapped, or for NAT64) as
 * IPv4. `undefined` when it is none.
 */
export function plainAddress(address: string): IPv4 | IPv6 | undefined {
  if (isIP(address) === 0) return undefined;
  const parsed = parseAddress(address);
  if (parsed.kind() === 'ipv4') return parsed;
  const isIpv4 = rowOf(parsed)?.use === 'ipv4';
  return isIpv4 ? embeddedIpv4(parsed as IPv6, 12) : withoutZone(parsed as IPv6);
}

/** Is the address, which {@link plainAddress} gave, in the block? */
export function isInBlock(address: IPv4 | IPv6, [first, bits]: Block): boolean {
  return address.kind() === first.kind() && address.match(first, bits);
}

/** A block in CIDR notation, or a single address. Throws for anything else. */
export function parseBlock(text: string): Block {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = parseAddress(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * There are five cases:
 *
 * 1. a cloud's metadata service, whatever block it is in;
 * 2. an IPv4 address in another spelling (mapped, NAT64): it is what the IPv4 address is;
 * 3. it carries an IPv4 address through a tunnel (6to4, Teredo, …): what it leads to is decided by a relay we do not
 *    know, so it is never public, and named after the IPv4 address when that is not public either;
 * 4. what the registries set aside is what they set it aside for;
 * 5. the rest is public, as far as it is given out as global unicast.
 */
function classOf(address: IPv4 | IPv6): AddressClass {
  const bare = address.kind() === 'ipv6' ? withoutZone(address as IPv6) : address;
  if (METADATA_ADDRESSES.has(bare.toString())) return 'cloud metadata';
  const use = rowOf(bare)?.use;
  if (bare.kind() === 'ipv4') return (use as AddressClass | undefined) ?? 'public';
  const ipv6 = bare as IPv6;
  if (use === 'ipv4') return classOf(embeddedIpv4(ipv6, 12));
  if (use === 'relay to ipv4') {
    const known = classOf(carriedIpv4(ipv6));
    return known === 'public' ? 'transition' : known;
  }
  return use ?? (ipv6.match(GLOBAL_UNICAST) ? 'public' : 'reserved');
}

function rowOf(address: IPv4 | IPv6): Row | undefined {
  return ROWS.find(({ block }) => isInBlock(address, block));
}

function carriedIpv4(address: IPv6): IPv4 {
  if (address.match(SIX_TO_FOUR)) return embeddedIpv4(address, 2);
  // RFC 4380 §4: the client's IPv4 address is the last part, with each bit inverted.
  return address.match(TEREDO) ? embeddedIpv4(address, 12, 0xff) : embeddedIpv4(address, 12);
}

function withoutZone(address: IPv6): IPv6 {
  return new ipaddr.IPv6(address.parts);
}

function embeddedIpv4(address: IPv6, offset: number, mask = 0): IPv4 {
  return new ipaddr.IPv4(
    address
      .toByteArray()
      .slice(offset, offset + 4)
      .map((byte) => byte ^ mask),
  );
}
