import { createHash } from 'node:crypto';
import type { PolicyMode, PolicyOptions } from '../options.ts';
import { type AllowRule, parseAllowRule } from './allow-rule.ts';
import { type CompiledRule, compileRule } from './policy-rule.ts';

/** {@link PolicyOptions} of a subject ready for use. */
export interface CompiledPolicy {
  readonly mode: PolicyMode;

  /** `undefined`: everything. */
  readonly allow: readonly CompiledRule[] | undefined;

  readonly deny: readonly CompiledRule[];

  /** `undefined`: whatever `allow` and `deny` say. */
  readonly proxies: readonly AllowRule[] | undefined;

  /** Equal exactly when all rules are. */
  readonly key: string;
}

/**
 * What holds for one subject. Its own policy replaces that of all subjects part by part; lists of what is denied add up.
 *
 * @param all - of all subjects; checked.
 * @param own - of the subject; checked.
 */
export function compilePolicy(
  all: PolicyOptions = {},
  own: PolicyOptions = {},
  subject = 'default',
): CompiledPolicy {
  const ownPlace = `subjects.${subject}.policy`;
  const mode = own.mode ?? all.mode ?? 'enforce';
  const allow =
    own.allow?.map((rule, at) => compileRule(rule, `${ownPlace}.allow[${at}]`)) ??
    all.allow?.map((rule, at) => compileRule(rule, `policy.allow[${at}]`));
  const proxies = own.proxies ?? all.proxies;
  return {
    mode,
    allow: mode === 'open' ? undefined : allow,
    deny: [
      ...(all.deny ?? []).map((rule, at) => compileRule(rule, `policy.deny[${at}]`)),
      ...(own.deny ?? []).map((rule, at) => compileRule(rule, `${ownPlace}.deny[${at}]`)),
    ],
    proxies: proxies?.flatMap((entry) => parseAllowRule(entry) ?? []),
    key: createHash('sha256')
      .update(JSON.stringify([all, own]))
      .digest('base64'),
  };
}
