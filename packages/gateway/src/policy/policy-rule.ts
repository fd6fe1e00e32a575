import { isIP } from 'node:net';
import type { PolicyRule } from '../options.ts';
import { type Block, isInBlock, parseBlock, plainAddress } from './address-class.ts';
import { type AllowRule, parseAllowRule, ruleMatches } from './allow-rule.ts';
import { type HostPattern, parseHostPattern } from './host-name.ts';

/** What a rule is asked about before addresses are known. */
export interface RuleSubject {
  /** `undefined` where a proxy itself is meant: rules about schemes do not speak of it. */
  readonly scheme: string | undefined;

  /** The same for methods. */
  readonly method: string | undefined;

  /** As {@link canonicalHost} gives it. */
  readonly host: string;
  readonly port: number;

  /** Through which proxy, its host as {@link canonicalHost} gives it; `undefined` for none. */
  readonly proxy: { readonly host: string; readonly port: number } | undefined;
}

/** A {@link PolicyRule} ready for use. */
export interface CompiledRule {
  /** Where it stands in the configuration: `subjects.ci.policy.allow[2]`. */
  readonly place: string;

  readonly hosts: readonly HostPattern[] | undefined;
  readonly addresses: readonly Block[] | undefined;
  readonly ports: readonly PortRange[] | undefined;
  readonly schemes: readonly string[] | undefined;
  readonly methods: readonly string[] | undefined;
  readonly via: readonly ('direct' | AllowRule)[] | undefined;
}

/** First and last port. */
export type PortRange = readonly [number, number];

/** What {@link parsePorts} accepts, in words for an error message. */
export const PORTS_FORM = 'ports from 1 to 65535: numbers, or ranges such as "8000-8099"';

/** A port or a range of ports, or `undefined` when it is neither. */
export function parsePorts(entry: number | string): PortRange | undefined {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(entry)) ?? [];
  if (first === undefined) return undefined;
  const range: PortRange = [Number(first), Number(last ?? first)];
  return range[0] >= 1 && range[0] <= range[1] && range[1] <= 65_535 ? range : undefined;
}

/** What {@link parseAddresses} accepts, in words for an error message. */
export const ADDRESSES_FORM =
  'IP addresses or CIDR blocks such as "10.1.0.0/16", with no bit set behind the slash';

/**
 * A block of addresses, or `undefined` when it is none. One whose address does not begin it (`10.1.2.3/8`) is a mistake: one of
 * the two is not what was meant. A block of IPv4 addresses in IPv6 spelling is refused: they are compared as IPv4.
 */
export function parseAddresses(entry: string): Block | undefined {
  const [address = '', bits] = entry.split('/');
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  if (bits !== undefined && !/^(?:\d|[1-9]\d{1,2})$/.test(bits)) return undefined;
  if (plainAddress(address)?.toString().includes(':') !== address.includes(':')) return undefined;
  try {
    const block = parseBlock(entry);
    return isFirst(block) ? block : undefined;
  } catch {
    return undefined;
  }
}

function isFirst([address, bits]: Block): boolean {
  return address.toByteArray().every((byte, at) => {
    const networkBits = Math.min(8, Math.max(0, bits - at * 8));
    return (byte & (0xff >> networkBits)) === 0;
  });
}

/** One entry of `via`, or `undefined` when it is none. */
export function parseVia(entry: string): 'direct' | AllowRule | undefined {
  return entry === 'direct' ? entry : parseAllowRule(entry);
}

/** @param rule - has been checked. */
export function compileRule(rule: PolicyRule, place: string): CompiledRule {
  const { hosts, addresses, ports, schemes, methods, via } = rule;
  return {
    place,
    hosts: hosts?.flatMap((entry) => parseHostPattern(entry) ?? []),
    addresses: addresses?.flatMap((entry) => (parseAddresses(entry) ? [parseAddresses(entry) as Block] : [])),
    ports: ports?.flatMap((entry) => (parsePorts(entry) ? [parsePorts(entry) as PortRange] : [])),
    schemes,
    methods,
    via: via?.flatMap((entry) => parseVia(entry) ?? []),
  };
}

/** Does everything match but the addresses, which are not known yet? */
export function matchesRequest(
  rule: CompiledRule,
  { scheme, method, host, port, proxy }: RuleSubject,
): boolean {
  const { hosts, ports, schemes, methods, via } = rule;
  return (
    (hosts === undefined || (isIP(host) === 0 && hosts.some((matches) => matches(host)))) &&
    (ports === undefined || ports.some(([first, last]) => port >= first && port <= last)) &&
    (schemes === undefined || (scheme !== undefined && schemes.includes(scheme))) &&
    (methods === undefined || (method !== undefined && methods.includes(method))) &&
    (via === undefined || via.some((way) => isWay(way, proxy)))
  );
}

function isWay(way: 'direct' | AllowRule, proxy: RuleSubject['proxy']): boolean {
  if (way === 'direct') return proxy === undefined;
  return proxy !== undefined && ruleMatches(way, proxy.host, proxy.port);
}

/** Is the address in one of the rule's blocks? A rule without blocks has none. */
export function matchesAddress({ addresses = [] }: CompiledRule, address: string): boolean {
  const plain = plainAddress(address);
  return plain !== undefined && addresses.some((block) => isInBlock(plain, block));
}

/** Does the rule name this address alone, and not just a block around it? */
export function namesAddress({ addresses = [] }: CompiledRule, address: string): boolean {
  const plain = plainAddress(address);
  if (plain === undefined) return false;
  const bits = plain.kind() === 'ipv4' ? 32 : 128;
  return addresses.some((block) => block[1] === bits && isInBlock(plain, block));
}
