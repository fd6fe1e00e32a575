import { isIPv6 } from 'node:net';
import { canonicalHost } from './host-name.ts';

/** One `--allow`: a host, as clients name it, that may also be at an address which is not public. */
export interface AllowRule {
  /** As {@link canonicalHost} gives it. */
  readonly host: string;

  /** 1 to 65535, or `undefined` for every port. */
  readonly port: number | undefined;
}

/** What {@link parseAllowRule} accepts, in words for an error message. */
export const ALLOW_RULE_FORM = 'HOST:PORT or HOST:* (an IPv6 address in brackets)';

const FORM = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._~!$&'()+;=-]+)):(\*|\d{1,5})$/;

/** The rule written as `host:port`, or `undefined` when it is not of {@link ALLOW_RULE_FORM}. */
export function parseAllowRule(text: string): AllowRule | undefined {
  const [, address, name, portText] = FORM.exec(text.trim().toLowerCase()) ?? [];
  if (address !== undefined && !isIPv6(address)) return undefined;
  const host = address ?? name;
  if (host === undefined) return undefined;
  if (portText === '*') return { host: canonicalHost(host), port: undefined };
  const port = Number(portText);
  return port >= 1 && port <= 65_535 ? { host: canonicalHost(host), port } : undefined;
}

/** Does the rule name this host, as {@link canonicalHost} gives it, and this port? */
export function ruleMatches(rule: AllowRule, host: string, port: number): boolean {
  return (rule.port === undefined || rule.port === port) && rule.host === host;
}
