import { getCACertificates } from 'node:tls';
import { DEFAULTS } from '../defaults.ts';
import { ConfigError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import type {
  GatewayLimits,
  GatewayOptions,
  GatewayTimeouts,
  IdentityOptions,
  PolicyOptions,
} from '../options.ts';
import { type AllowRule, parseAllowRule } from '../policy/allow-rule.ts';
import { certificatesOf, credentialProblems, DEFAULT_SUBJECT } from './check-credentials.ts';
import { type LabelOf, problemsOf } from './check-settings.ts';
import { isLoopback, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { policyProblems } from './policy-schema.ts';
import { SETTINGS } from './settings.ts';
import { generateToken } from './token.ts';

/** {@link GatewayOptions} checked, parsed and complete: what the gateway works with. */
export interface ResolvedGatewayOptions {
  readonly listen: ListenAddress;
  readonly token: string;
  readonly subjects: readonly ResolvedSubject[];
  readonly identities: ReadonlyMap<string, IdentityOptions>;
  /** Certificates in PEM, or `undefined` for those that come with Node. */
  readonly trust: readonly string[] | undefined;
  readonly allow: readonly AllowRule[];
  /** Of all subjects. */
  readonly policy: PolicyOptions | undefined;
  /** Name servers; none for the system's resolver. */
  readonly dns: readonly string[];
  readonly limits: GatewayLimits;
  readonly timeouts: GatewayTimeouts;
  readonly log: Logger;
}

/** Somebody who may use the gateway. */
export interface ResolvedSubject {
  readonly name: string;
  readonly token: string;
  readonly identities: readonly string[];
  /** Its own; see {@link ResolvedGatewayOptions.policy}. */
  readonly policy: PolicyOptions | undefined;
}

/** Those whose value is a path, where an embedded gateway is given the content, are checked by {@link credentialProblems}. */
const OPTION_SETTINGS = SETTINGS.filter(({ flag }) => flag !== 'token-file' && flag !== 'trust');

/**
 * Checks the options and fills in the defaults. The only place where a default is applied.
 *
 * @throws {@link ConfigError} naming everything that is wrong.
 */
export function resolveOptions(options: GatewayOptions): ResolvedGatewayOptions {
  const problems = optionProblems(options, (path) => path);
  if (problems.length > 0) throw new ConfigError(problems);
  const token = options.token ?? generateToken();
  return {
    listen: listenAddress(options),
    token,
    subjects: subjectsOf(options, token),
    identities: new Map(Object.entries(options.identities ?? {})),
    trust: trustOf(options),
    allow: (options.allow ?? []).flatMap((text) => parseAllowRule(text) ?? []),
    policy: options.policy,
    dns: options.dns ?? [],
    limits: { ...DEFAULTS.limits, ...defined(options.limits) },
    timeouts: { ...DEFAULTS.timeouts, ...defined(options.timeouts) },
    log: options.logger ?? createLogger(options.logLevel ?? DEFAULTS.logLevel),
  };
}

/** What is wrong with the options, one sentence each, with values named by `labelOf`. */
export function optionProblems(options: GatewayOptions, labelOf: LabelOf): string[] {
  const { token, trust: _trust, identities: _identities, subjects, policy, logger: _, ...settings } = options;
  const problems = problemsOf(settings, OPTION_SETTINGS, labelOf);
  if (policy !== undefined) problems.push(...policyProblems(policy, 'policy', labelOf));
  const credentials = credentialProblems(options, labelOf);
  problems.push(...credentials);
  for (const [name, one] of credentials.length > 0 ? [] : Object.entries(subjects ?? {}))
    if (one.policy !== undefined)
      problems.push(...policyProblems(one.policy, `subjects.${name}.policy`, labelOf));
  const isOpen = token === undefined && !Object.values(options.subjects ?? {}).some((one) => one.token);
  if (problems.length === 0 && isOpen && !isLoopback(listenAddress(options))) {
    problems.push(
      `${labelOf('listen')} must be a loopback address as long as there is no token: others could reach ` +
        `${options.listen}. Give a token (--token-file FILE), or listen on 127.0.0.1.`,
    );
  }
  return problems;
}

function subjectsOf({ subjects = {} }: GatewayOptions, token: string): ResolvedSubject[] {
  const named = Object.entries(subjects).filter(([name]) => name !== DEFAULT_SUBJECT);
  return [
    {
      name: DEFAULT_SUBJECT,
      token,
      identities: subjects[DEFAULT_SUBJECT]?.identities ?? [],
      policy: subjects[DEFAULT_SUBJECT]?.policy,
    },
    // Checked: each has a token.
    ...named.map(([name, subject]) => ({
      name,
      token: subject.token as string,
      identities: subject.identities ?? [],
      policy: subject.policy,
    })),
  ];
}

function trustOf({ trust }: GatewayOptions): readonly string[] | undefined {
  if ((trust ?? DEFAULTS.trust) === 'bundled') return undefined;
  return trust === 'system' ? getCACertificates('system') : certificatesOf(trust as string);
}

function listenAddress({ listen }: GatewayOptions): ListenAddress {
  return parseListenAddress(listen ?? DEFAULTS.listen) as ListenAddress;
}

/** An option that is `undefined` counts as left out. */
function defined<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
