/** One block of addresses that is set aside for a purpose. */
export interface SpecialPurpose {
  /** In CIDR notation. */
  readonly block: string;

  /** As the registry calls it. */
  readonly name: string;

  /** The document that sets it aside. */
  readonly source: string;

  /**
   * The registry's column "Globally Reachable"; `undefined` where it says N/A. Kept because it is a fact, and not followed:
   * what is reachable from everywhere there are sinks, relays and anycast services of the network itself, no origin.
   */
  readonly isGloballyReachable: boolean | undefined;

  /** What we call an address in it. The longest block that holds an address decides. */
  readonly use:
    | 'loopback'
    | 'private'
    | 'link-local'
    | 'unique-local'
    | 'carrier-grade NAT'
    | 'multicast'
    | 'broadcast'
    | 'unspecified'
    | 'reserved'
    // What an IPv6 address in it is depends on the IPv4 address that it carries.
    | 'ipv4'
    | 'relay to ipv4';
}

/**
 * IANA's registries of special-purpose addresses as of October 2025, whole, and below them what is special by its kind and
 * therefore not in them. Nothing in this table is taken for public, except an IPv4 address that is so in another spelling.
 *
 * @see {@link https://www.iana.org/assignments/iana-ipv4-special-registry | IPv4 special-purpose registry}
 * @see {@link https://www.iana.org/assignments/iana-ipv6-special-registry | IPv6 special-purpose registry}
 */
export const SPECIAL_PURPOSE: readonly SpecialPurpose[] = [
  row('0.0.0.0/8', 'This network', 'RFC 791', false, 'unspecified'),
  row('0.0.0.0/32', 'This host on this network', 'RFC 1122', false, 'unspecified'),
  row('10.0.0.0/8', 'Private-Use', 'RFC 1918', false, 'private'),
  row('100.64.0.0/10', 'Shared Address Space', 'RFC 6598', false, 'carrier-grade NAT'),
  row('127.0.0.0/8', 'Loopback', 'RFC 1122', false, 'loopback'),
  row('169.254.0.0/16', 'Link Local', 'RFC 3927', false, 'link-local'),
  row('172.16.0.0/12', 'Private-Use', 'RFC 1918', false, 'private'),
  row('192.0.0.0/24', 'IETF Protocol Assignments', 'RFC 6890', false, 'reserved'),
  row('192.0.0.0/29', 'IPv4 Service Continuity Prefix', 'RFC 7335', false, 'reserved'),
  row('192.0.0.8/32', 'IPv4 dummy address', 'RFC 7600', false, 'reserved'),
  row('192.0.0.9/32', 'Port Control Protocol Anycast', 'RFC 7723', true, 'reserved'),
  row('192.0.0.10/32', 'Traversal Using Relays around NAT Anycast', 'RFC 8155', true, 'reserved'),
  row('192.0.0.170/32', 'NAT64/DNS64 Discovery', 'RFC 8880', false, 'reserved'),
  row('192.0.0.171/32', 'NAT64/DNS64 Discovery', 'RFC 8880', false, 'reserved'),
  row('192.0.2.0/24', 'Documentation (TEST-NET-1)', 'RFC 5737', false, 'reserved'),
  row('192.31.196.0/24', 'AS112-v4', 'RFC 7535', true, 'reserved'),
  row('192.52.193.0/24', 'AMT', 'RFC 7450', true, 'reserved'),
  row('192.88.99.0/24', 'Deprecated (6to4 Relay Anycast)', 'RFC 7526', undefined, 'reserved'),
  row('192.88.99.2/32', '6a44-relay anycast address', 'RFC 6751', false, 'reserved'),
  row('192.168.0.0/16', 'Private-Use', 'RFC 1918', false, 'private'),
  row('192.175.48.0/24', 'Direct Delegation AS112 Service', 'RFC 7534', true, 'reserved'),
  row('198.18.0.0/15', 'Benchmarking', 'RFC 2544', false, 'reserved'),
  row('198.51.100.0/24', 'Documentation (TEST-NET-2)', 'RFC 5737', false, 'reserved'),
  row('203.0.113.0/24', 'Documentation (TEST-NET-3)', 'RFC 5737', false, 'reserved'),
  row('240.0.0.0/4', 'Reserved', 'RFC 1112', false, 'reserved'),
  row('255.255.255.255/32', 'Limited Broadcast', 'RFC 919', false, 'broadcast'),

  row('::1/128', 'Loopback Address', 'RFC 4291', false, 'loopback'),
  row('::/128', 'Unspecified Address', 'RFC 4291', false, 'unspecified'),
  row('::ffff:0:0/96', 'IPv4-mapped Address', 'RFC 4291', false, 'ipv4'),
  row('64:ff9b::/96', 'IPv4-IPv6 Translat.', 'RFC 6052', true, 'ipv4'),
  row('64:ff9b:1::/48', 'IPv4-IPv6 Translat.', 'RFC 8215', false, 'relay to ipv4'),
  row('100::/64', 'Discard-Only Address Block', 'RFC 6666', false, 'reserved'),
  row('100:0:0:1::/64', 'Dummy IPv6 Prefix', 'RFC 9780', false, 'reserved'),
  row('2001::/23', 'IETF Protocol Assignments', 'RFC 2928', false, 'reserved'),
  row('2001::/32', 'TEREDO', 'RFC 4380', undefined, 'relay to ipv4'),
  row('2001:1::1/128', 'Port Control Protocol Anycast', 'RFC 7723', true, 'reserved'),
  row('2001:1::2/128', 'Traversal Using Relays around NAT Anycast', 'RFC 8155', true, 'reserved'),
  row('2001:1::3/128', 'DNS-SD Service Registration Protocol Anycast', 'RFC 9665', true, 'reserved'),
  row('2001:2::/48', 'Benchmarking', 'RFC 5180', false, 'reserved'),
  row('2001:3::/32', 'AMT', 'RFC 7450', true, 'reserved'),
  row('2001:4:112::/48', 'AS112-v6', 'RFC 7535', true, 'reserved'),
  row('2001:10::/28', 'Deprecated (previously ORCHID)', 'RFC 4843', undefined, 'reserved'),
  row('2001:20::/28', 'ORCHIDv2', 'RFC 7343', true, 'reserved'),
  row('2001:30::/28', 'Drone Remote ID Protocol Entity Tags', 'RFC 9374', true, 'reserved'),
  row('2001:db8::/32', 'Documentation', 'RFC 3849', false, 'reserved'),
  row('2002::/16', '6to4', 'RFC 3056', undefined, 'relay to ipv4'),
  row('2620:4f:8000::/48', 'Direct Delegation AS112 Service', 'RFC 7534', true, 'reserved'),
  row('3fff::/20', 'Documentation', 'RFC 9637', false, 'reserved'),
  row('5f00::/16', 'Segment Routing (SRv6) SIDs', 'RFC 9602', false, 'reserved'),
  row('fc00::/7', 'Unique-Local', 'RFC 4193', false, 'unique-local'),
  row('fe80::/10', 'Link-Local Unicast', 'RFC 4291', false, 'link-local'),

  // Not in the registries.
  row('224.0.0.0/4', 'Multicast', 'RFC 5771', undefined, 'multicast'),
  row('ff00::/8', 'Multicast', 'RFC 4291', undefined, 'multicast'),
  row('fec0::/10', 'Deprecated (Site-Local Unicast)', 'RFC 3879', undefined, 'unique-local'),
  row('::/96', 'Deprecated (IPv4-compatible)', 'RFC 4291', undefined, 'relay to ipv4'),
  row('::ffff:0:0:0/96', 'IPv4-translated', 'RFC 2765', undefined, 'relay to ipv4'),
];

/**
 * Where clouds answer a machine's questions about itself, credentials among the answers. Two of them are not in a block
 * that is special: `168.63.129.16` and, before the name was reserved, nothing told `100.100.100.200` from a customer's.
 */
export const METADATA_ADDRESSES: ReadonlyMap<string, string> = new Map([
  ['169.254.169.254', 'AWS, Azure, Google Cloud, Oracle, OpenStack, DigitalOcean and others'],
  ['169.254.170.2', 'AWS: credentials of an ECS task'],
  ['169.254.170.23', 'AWS: credentials of an EKS pod'],
  ['169.254.42.42', 'Scaleway'],
  ['169.254.0.23', 'Tencent Cloud'],
  ['100.100.100.200', 'Alibaba Cloud'],
  ['168.63.129.16', 'Azure: the host agent (WireServer)'],
  ['192.0.0.192', 'Oracle Cloud, older'],
  ['fd00:ec2::254', 'AWS'],
  ['fd00:ec2::23', 'AWS: credentials of an EKS pod'],
  ['fd20:ce::254', 'Google Cloud'],
  ['fd00:42::42', 'Scaleway'],
  ['fe80::a9fe:a9fe', 'OpenStack'],
]);

function row(
  block: string,
  name: string,
  source: string,
  isGloballyReachable: boolean | undefined,
  use: SpecialPurpose['use'],
): SpecialPurpose {
  return { block, name, source, isGloballyReachable, use };
}
