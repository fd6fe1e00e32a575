import { DEFAULTS } from '../defaults.ts';
import { ConfigError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import type { GatewayLimits, GatewayOptions, GatewayTimeouts } from '../options.ts';
import { type AllowRule, parseAllowRule } from '../policy/allow-rule.ts';
import { type LabelOf, problemsOf } from './check-settings.ts';
import { isLoopback, type ListenAddress, parseListenAddress } from './listen-address.ts';
import { SETTINGS } from './settings.ts';
import { generateToken, isToken, TOKEN_FORM } from './token.ts';

/** {@link GatewayOptions} checked, parsed and complete: what the gateway works with. */
export interface ResolvedGatewayOptions {
  readonly listen: ListenAddress;
  readonly token: string;
  readonly allow: readonly AllowRule[];
  readonly limits: GatewayLimits;
  readonly timeouts: GatewayTimeouts;
  readonly log: Logger;
}

const OPTION_SETTINGS = SETTINGS.filter(({ flag }) => flag !== 'token-file');

/**
 * Checks the options and fills in the defaults. The only place where a default is applied.
 *
 * @throws {@link ConfigError} naming everything that is wrong.
 */
export function resolveOptions(options: GatewayOptions): ResolvedGatewayOptions {
  const problems = optionProblems(options, (path) => path);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    listen: listenAddress(options),
    token: options.token ?? generateToken(),
    allow: (options.allow ?? []).flatMap((text) => parseAllowRule(text) ?? []),
    limits: { ...DEFAULTS.limits, ...defined(options.limits) },
    timeouts: { ...DEFAULTS.timeouts, ...defined(options.timeouts) },
    log: options.logger ?? createLogger(options.logLevel ?? DEFAULTS.logLevel),
  };
}

/** What is wrong with the options, one sentence each, with values named by `labelOf`. */
export function optionProblems(options: GatewayOptions, labelOf: LabelOf): string[] {
  const { token, logger: _, ...settings } = options;
  const problems = problemsOf(settings, OPTION_SETTINGS, labelOf);
  // What came is not shown: it may be nearly the right one.
  if (token !== undefined && !isToken(token)) problems.push(`${labelOf('token')} must be ${TOKEN_FORM}.`);
  if (problems.length === 0 && token === undefined && !isLoopback(listenAddress(options))) {
    problems.push(
      `${labelOf('listen')} must be a loopback address as long as there is no token: others could reach ` +
        `${options.listen}. Give a token (--token-file FILE), or listen on 127.0.0.1.`,
    );
  }
  return problems;
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
