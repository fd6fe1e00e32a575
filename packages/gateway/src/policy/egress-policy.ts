import { isIP } from 'node:net';
import { authorityText } from '../connect/authority.ts';
import type { AddressDecision } from '../connect/connector.ts';
import { type AddressClass, addressClass } from './address-class.ts';
import { type AllowRule, ruleMatches } from './allow-rule.ts';
import { bareName, isPublicName, spelledAddress } from './public-name.ts';

/** May the gateway do this? `reason` is for the operator and the client, so it names no address of ours. */
export type PolicyDecision = AddressDecision;

/** Decides where requests may go. */
export interface EgressPolicy {
  /** Asked before a pool is used: may this host and port be named at all? */
  checkTarget(target: { host: string; port: number }): PolicyDecision;

  /**
   * Asked instead of {@link EgressPolicy.checkTarget} where a proxy resolves the name, so that no address is ever seen
   * here. What such a name leads to, only the proxy decides; names that can be no public host's are not passed to it.
   */
  checkProxiedTarget(target: { host: string; port: number }): PolicyDecision;

  /** Asked with each resolved address, and with the one a socket is connected to. */
  checkAddress(target: { host: string; port: number }, address: string): PolicyDecision;
}

const ALLOWED: PolicyDecision = { allowed: true };

/** Not the address of one host, so no rule can mean it. */
const NEVER: ReadonlySet<AddressClass> = new Set(['multicast', 'broadcast', 'unspecified', 'invalid']);

/**
 * Public unicast addresses for everyone; for the hosts that `allow` names, loopback, private and all other unicast
 * addresses too.
 */
export function createEgressPolicy({ allow }: { allow: readonly AllowRule[] }): EgressPolicy {
  const isNamed = (host: string, port: number): boolean =>
    allow.some((rule) => ruleMatches(rule, host, port));

  const policy: EgressPolicy = {
    checkTarget: (target) => (isIP(target.host) === 0 ? ALLOWED : policy.checkAddress(target, target.host)),

    checkProxiedTarget(target) {
      if (isIP(target.host) !== 0) return policy.checkAddress(target, target.host);
      const name = bareName(target.host);
      const address = spelledAddress(name);
      if (address !== undefined) return policy.checkAddress(target, address);
      if (isPublicName(name) || isNamed(name, target.port) || isNamed(target.host, target.port))
        return ALLOWED;
      return {
        allowed: false,
        reason: `${authorityText(target)} is not a public name, and a proxy would resolve it`,
      };
    },

    checkAddress({ host, port }, address) {
      const found = addressClass(address);
      if (found === 'public') return ALLOWED;
      if (!NEVER.has(found) && isNamed(host, port)) return ALLOWED;
      return {
        allowed: false,
        reason: `${authorityText({ host, port })} is at ${article(found)} address, not a public one`,
      };
    },
  };
  return policy;
}

function article(found: AddressClass): string {
  return /^[aeiou]/.test(found) && found !== 'unique-local' ? `an ${found}` : `a ${found}`;
}
