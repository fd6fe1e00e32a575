import { isIP } from 'node:net';
import { authorityText } from '../connect/authority.ts';
import type { AddressDecision, AddressGrant } from '../connect/connector.ts';
import { spelledAddress } from '../connect/spelled-address.ts';
import type { OperatorNote } from '../errors.ts';
import { type Logger, SILENT_LOGGER } from '../logger.ts';
import { type AddressClass, addressClass } from './address-class.ts';
import { type AllowRule, ruleMatches } from './allow-rule.ts';
import { type CompiledPolicy, compilePolicy } from './compile-policy.ts';
import { bareName, canonicalHost } from './host-name.ts';
import type { OwnListeners } from './own-listeners.ts';
import {
  type CompiledRule,
  matchesAddress,
  matchesRequest,
  namesAddress,
  type RuleSubject,
} from './policy-rule.ts';
import { isPublicName } from './public-name.ts';

/** What the policy is asked about before anything is resolved. */
export interface PolicyRequest {
  readonly scheme: string;
  readonly method: string;

  /** As the client named it, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;

  /** Through which proxy; `undefined` for none. */
  readonly proxy: { readonly host: string; readonly port: number } | undefined;

  /** Whether the gateway resolves the name. Else the proxy does, and no address is ever seen here. */
  readonly isResolvedHere: boolean;
}

/** May the request go there? If so, its connections as far as `grant` goes. */
export type PolicyDecision =
  | {
      readonly allowed: true;
      readonly grant: AddressGrant;
      /** Why it would have been refused, were the rules enforced. */
      readonly reported: OperatorNote | undefined;
    }
  | Refusal;

type Refusal = Extract<AddressDecision, { allowed: false }>;

/** Decides where requests of one subject may go. */
export interface EgressPolicy {
  /** Equal exactly when the rules are. */
  readonly key: string;

  /** Whether what is decided depends on the method. */
  readonly isByMethod: boolean;

  /** May this request go to the host and port it names? */
  decide(request: PolicyRequest): PolicyDecision;

  /** May this proxy be used? */
  decideProxy(proxy: { host: string; port: number }): PolicyDecision;

  /**
   * May a request that may go to its target name this host in `Host`, instead of the target's? Asked of the rules about names:
   * the server behind the address serves what `Host` says.
   */
  decideHostField(request: PolicyRequest, host: string): PolicyDecision;
}

/** What a policy is made of. */
export interface EgressPolicyOptions {
  /** Hosts that may be at addresses which are not public. */
  readonly allow: readonly AllowRule[];

  /** @defaultValue no rules, enforced */
  readonly rules?: CompiledPolicy;

  /** Name in the log. */
  readonly subject?: string;

  readonly own?: Pick<OwnListeners, 'at'>;

  /** Takes what mode `report` reports when a connection is made. */
  readonly log?: Logger;
}

/** Not the address of one host, so no rule can mean it. */
const NEVER: ReadonlySet<AddressClass> = new Set(['multicast', 'broadcast', 'unspecified', 'invalid']);

const ALLOWED: AddressDecision = { allowed: true };

/** An {@link EgressPolicy} for one subject. */
export function createEgressPolicy(options: EgressPolicyOptions): EgressPolicy {
  return new RuleEgressPolicy(options);
}

class RuleEgressPolicy implements EgressPolicy {
  readonly key: string;
  readonly isByMethod: boolean;
  readonly #rules: CompiledPolicy;
  readonly #allow: readonly AllowRule[];
  readonly #subject: string;
  readonly #own: Pick<OwnListeners, 'at'> | undefined;
  readonly #log: Logger;

  constructor({ allow, rules = compilePolicy(), subject = 'default', own, log }: EgressPolicyOptions) {
    this.#rules = rules;
    this.#allow = allow;
    this.#subject = subject;
    this.#own = own;
    this.#log = log ?? SILENT_LOGGER;
    this.key = rules.key;
    this.isByMethod = [...(rules.allow ?? []), ...rules.deny].some(({ methods }) => methods !== undefined);
  }

  decide(request: PolicyRequest): PolicyDecision {
    const subject = ruleSubject(request, request.host);
    const refusal = this.#ruleRefusal(subject, request.isResolvedHere);
    // What has been reported is not reported once more for each address.
    const allow = refusal === undefined ? this.#rules.allow : undefined;
    const allowRules = allow?.filter((rule) => matchesRequest(rule, subject));
    const decision = this.#enforce(refusal, this.#grant(request, subject, allowRules, 'the rules decide'));
    if (!decision.allowed) return decision;
    const address = literalAddress(request.host);
    if (address !== undefined) return asDecision(decision.grant.checkAddress(request, address), decision);
    if (request.isResolvedHere || this.#isKnownName(subject)) return decision;
    const reason = `${authorityText(request)} is not a public name, and a proxy would resolve it`;
    return this.#refuse(request, reason, 'only public names are passed to proxies');
  }

  decideProxy(proxy: { host: string; port: number }): PolicyDecision {
    const { allow, proxies, deny } = this.#rules;
    const subject = ruleSubject({ ...proxy, proxy: undefined }, proxy.host);
    const isNamed = proxies?.some((rule) => ruleMatches(rule, subject.host, subject.port)) === true;
    const isMissing = proxies === undefined ? allow !== undefined : !isNamed;
    const denied = deny.find((rule) => rule.addresses === undefined && matchesRequest(rule, subject));
    const refusal =
      isMissing || denied
        ? this.#refuse(
            proxy,
            `the proxy ${authorityText(proxy)} is none that this gateway may use for you: its operator can allow it`,
            denied?.place ?? 'not among policy.proxies',
          )
        : undefined;
    const grant = this.#grant(proxy, subject, undefined, isNamed ? 'named' : 'the rules decide');
    const decision = this.#enforce(refusal, grant);
    const address = literalAddress(proxy.host);
    if (!decision.allowed || address === undefined) return decision;
    return asDecision(decision.grant.checkAddress(proxy, address), decision);
  }

  decideHostField(request: PolicyRequest, host: string): PolicyDecision {
    const refusal = this.#ruleRefusal(ruleSubject(request, host), false);
    return this.#enforce(refusal, { key: '', checkAddress: () => ALLOWED });
  }

  /** What the rules say before an address is known: nothing, as long as one of them may still allow it. */
  #ruleRefusal(subject: RuleSubject, isResolvedHere: boolean): Refusal | undefined {
    const { allow, deny } = this.#rules;
    const denied = deny.find((rule) => rule.addresses === undefined && matchesRequest(rule, subject));
    if (denied !== undefined) return this.#notAllowed(subject, denied.place);
    if (allow === undefined) return undefined;
    const isAddressKnown = isResolvedHere || isIP(subject.host) !== 0;
    const mayMatch = (rule: CompiledRule): boolean =>
      (rule.addresses === undefined || isAddressKnown) && matchesRequest(rule, subject);
    return allow.some(mayMatch) ? undefined : this.#notAllowed(subject, 'no rule of the allow list matches');
  }

  /**
   * Decides about addresses, in this order:
   *
   * 1. what is never allowed: addresses of no host, metadata services, the gateway itself;
   * 2. what a rule denies;
   * 3. what no rule allows, where there is an allow list;
   * 4. what is not public, unless a rule or `--allow` names it, or the mode is `open`.
   */
  #grant(
    named: { host: string; port: number },
    subject: RuleSubject,
    allowRules: readonly CompiledRule[] | undefined,
    byName: 'named' | 'the rules decide',
  ): AddressGrant {
    const { host, port } = subject;
    const denyRules = this.#rules.deny.filter((rule) => rule.addresses && matchesRequest(rule, subject));
    const listed = allowRules?.filter(({ addresses }) => addresses !== undefined) ?? [];
    const isAnyAddress = allowRules === undefined || listed.length < allowRules.length;
    const flags = this.#allow.filter((rule) => ruleMatches(rule, host, port));
    const isNamed = byName === 'named' || flags.length > 0;

    const checkAddress = (address: string): AddressDecision => {
      const found = addressClass(address);
      const at = `${authorityText(named)} is at ${article(found)} address, not a public one`;
      const refuse = (reason: string, rule: string): Refusal => this.#refuse(named, reason, rule, address);
      if (NEVER.has(found)) return refuse(at, 'never allowed');
      const isExact = flags.length > 0 && host === canonicalHost(address);
      if (found === 'cloud metadata' && !isExact && !listed.some((rule) => namesAddress(rule, address)))
        return refuse(at, 'a metadata service must be allowed by its address alone');
      const own = this.#own?.at(address, port);
      const isOwnNamed = own === 'session' && flags.some((rule) => rule.port === port);
      if (own !== undefined && !isOwnNamed)
        return refuse(`${authorityText(named)} is the gateway itself`, `own listener (${own})`);

      const denied = denyRules.find((rule) => matchesAddress(rule, address));
      const allowing = listed.find((rule) => matchesAddress(rule, address));
      const rule =
        denied?.place ??
        (isAnyAddress || allowing ? undefined : 'no rule of the allow list has this address');
      if (rule !== undefined) {
        const refusal = this.#notAllowed(subject, rule, address);
        if (this.#rules.mode !== 'report') return refusal;
        this.#log.warn(refusal.note ?? {}, 'Destination would be refused');
      }
      if (found === 'public' || isNamed || allowing !== undefined || this.#rules.mode === 'open')
        return ALLOWED;
      return refuse(at, 'not public, and neither --allow nor a rule with addresses names it');
    };
    const places = [...listed, ...denyRules].map(({ place }) => place);
    return {
      key: `${isAnyAddress ? 'any' : 'listed'} ${places.join()}`,
      checkAddress: (_hop, address) => checkAddress(address),
    };
  }

  #isKnownName({ host, port }: RuleSubject): boolean {
    return isPublicName(host) || this.#allow.some((rule) => ruleMatches(rule, host, port));
  }

  /** What a refusal by rules comes to in this mode. */
  #enforce(refusal: Refusal | undefined, grant: AddressGrant): PolicyDecision {
    if (refusal === undefined) return { allowed: true, grant, reported: undefined };
    if (this.#rules.mode !== 'report') return refusal;
    return { allowed: true, grant, reported: refusal.note };
  }

  #notAllowed(subject: RuleSubject, rule: string, address?: string): Refusal {
    const { scheme, method, host, port, proxy } = subject;
    const what = scheme === undefined ? '' : `${method} to ${scheme}://`;
    const way = proxy === undefined ? '' : ` through the proxy ${authorityText(proxy)}`;
    const reason = `${what}${authorityText({ host, port })}${way} is not allowed by this gateway's policy: its operator can allow it`;
    return this.#refuse({ host, port }, reason, rule, address, method);
  }

  #refuse(
    named: { host: string; port: number },
    reason: string,
    rule: string,
    address?: string,
    method?: string,
  ): Refusal {
    const note: OperatorNote = {
      subject: this.#subject,
      destination: authorityText(named),
      ...(method === undefined ? {} : { method }),
      ...(address === undefined ? {} : { address, addressClass: addressClass(address) }),
      mode: this.#rules.mode,
      rule,
      reason,
    };
    return { allowed: false, reason, note };
  }
}

function ruleSubject(
  { scheme, method, port, proxy }: Partial<PolicyRequest> & Pick<PolicyRequest, 'port' | 'proxy'>,
  host: string,
): RuleSubject {
  return {
    scheme,
    method,
    host: canonicalHost(host),
    port,
    proxy: proxy && { host: canonicalHost(proxy.host), port: proxy.port },
  };
}

/** The address that a host is, in whatever spelling; empty when it looks like one and is none; `undefined` for a name. */
function literalAddress(host: string): string | undefined {
  return isIP(host) === 0 ? spelledAddress(bareName(host)) : host;
}

function asDecision(checked: AddressDecision, allowed: PolicyDecision): PolicyDecision {
  return checked.allowed ? allowed : checked;
}

function article(found: AddressClass): string {
  return /^[aeiou]/.test(found) && found !== 'unique-local' ? `an ${found}` : `a ${found}`;
}
