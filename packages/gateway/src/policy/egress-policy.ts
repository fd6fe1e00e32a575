import { isIP } from 'node:net';
import type { AddressDecision } from '../connect/connector.ts';
import { type AddressClass, addressClass } from './address-class.ts';
import { type AllowRule, ruleMatches } from './allow-rule.ts';

/** May the gateway do this? `reason` is for the operator and the client, so it names no address of ours. */
export type PolicyDecision = AddressDecision;

/** Decides where requests may go. */
export interface EgressPolicy {
  /** Asked before a pool is used: may this host and port be named at all? */
  checkTarget(target: { host: string; port: number }): PolicyDecision;

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

    checkAddress({ host, port }, address) {
      const found = addressClass(address);
      if (found === 'public') return ALLOWED;
      if (!NEVER.has(found) && isNamed(host, port)) return ALLOWED;
      return {
        allowed: false,
        reason: `${authority(host, port)} is at ${article(found)} address, not a public one`,
      };
    },
  };
  return policy;
}

function authority(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function article(found: AddressClass): string {
  return /^[aeiou]/.test(found) && found !== 'unique-local' ? `an ${found}` : `a ${found}`;
}
