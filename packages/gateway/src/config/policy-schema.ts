import { z } from 'zod';
import { ALLOW_RULE_FORM, parseAllowRule } from '../policy/allow-rule.ts';
import { HOST_PATTERN_FORM, parseHostPattern } from '../policy/host-name.ts';
import { ADDRESSES_FORM, PORTS_FORM, parseAddresses, parsePorts, parseVia } from '../policy/policy-rule.ts';
import type { LabelOf } from './check-settings.ts';
import { nearest } from './nearest.ts';

// Each message says what is expected: problems of a policy name the entry that is wrong, not the whole policy.

const METHOD_FORM = 'methods as they are sent, such as "GET"';

function listOf(expected: string, isGood: (entry: string) => boolean): z.ZodType<string[]> {
  const entry = z.string({ error: expected }).refine(isGood, { error: expected });
  return z.array(entry, { error: `a list of ${expected}` }).min(1, { error: `a list of ${expected}` });
}

const PORT = z
  .union([z.int(), z.string()], { error: PORTS_FORM })
  .refine((entry) => parsePorts(entry) !== undefined, { error: PORTS_FORM });

const RULE = z
  .strictObject(
    {
      hosts: listOf(HOST_PATTERN_FORM, (entry) => parseHostPattern(entry) !== undefined).optional(),
      addresses: listOf(ADDRESSES_FORM, (entry) => parseAddresses(entry) !== undefined).optional(),
      ports: z
        .array(PORT, { error: `a list of ${PORTS_FORM}` })
        .min(1, { error: `a list of ${PORTS_FORM}` })
        .optional(),
      schemes: listOf('"http" or "https"', (entry) => entry === 'http' || entry === 'https').optional(),
      methods: listOf(METHOD_FORM, (entry) => /^[A-Z][A-Z-]*$/.test(entry) && entry !== 'CONNECT').optional(),
      via: listOf(
        `"direct" or a proxy as ${ALLOW_RULE_FORM}`,
        (entry) => parseVia(entry) !== undefined,
      ).optional(),
    },
    {
      error: (issue) =>
        issue.code === 'invalid_type' ? 'a rule, such as { "hosts": ["api.example.com"] }' : undefined,
    },
  )
  .refine((rule) => Object.values(rule).some((part) => part !== undefined), {
    error: 'a rule with at least one of hosts, addresses, ports, schemes, methods and via',
  });

const RULES = z.array(RULE, { error: 'a list of rules' });

/** A policy, in the file and in the options. */
export const POLICY: z.ZodType = z
  .strictObject({
    mode: z.enum(['enforce', 'report', 'open'], { error: 'enforce, report or open' }).optional(),
    allow: RULES.optional(),
    deny: RULES.optional(),
    proxies: z
      .array(
        z
          .string({ error: `a proxy as ${ALLOW_RULE_FORM}` })
          .refine((entry) => parseAllowRule(entry) !== undefined, { error: `a proxy as ${ALLOW_RULE_FORM}` }),
        { error: `a list of proxies, each as ${ALLOW_RULE_FORM}` },
      )
      .optional(),
  })
  .refine(({ mode, allow }) => mode !== 'open' || allow === undefined, {
    path: ['allow'],
    error: 'absent where the mode is open, which has no use for it',
  });

/** What {@link POLICY} is, in words for an error message. */
export const POLICY_FORM = 'an object with mode, allow, deny and proxies, each of which may be left out';

/** What is wrong with a policy, one sentence each, with the place of each entry. */
export function policyProblems(value: unknown, path: string, labelOf: LabelOf): string[] {
  const result = POLICY.safeParse(value);
  if (result.success) return [];
  const { issues } = result.error;
  const isMisspelt = (at: readonly PropertyKey[]): boolean =>
    issues.some(({ code, path: of }) => code === 'unrecognized_keys' && of.join() === at.join());
  const problems = issues.flatMap((issue) => {
    // A rule that has nothing but a part whose name is wrong.
    if (issue.code === 'custom' && isMisspelt(issue.path)) return [];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey(labelOf(placeText(path, [...issue.path, key])), key));
    const label = labelOf(placeText(path, issue.path));
    const got = issue.path.reduce<unknown>((at, name) => (at as Record<PropertyKey, unknown>)[name], value);
    const expected = issue.path.length === 0 ? POLICY_FORM : issue.message;
    return [`${label} must be ${expected}, got ${shown(got)}.`];
  });
  return [...new Set(problems)];
}

const KEYS = ['mode', 'allow', 'deny', 'proxies', 'hosts', 'addresses', 'ports', 'schemes', 'methods', 'via'];

function unknownKey(label: string, key: string): string {
  const suggestion = nearest(key, KEYS);
  return `${label} is not a setting.${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`}`;
}

/** `policy.allow[2].hosts[0]`. */
function placeText(path: string, more: readonly PropertyKey[]): string {
  return more.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    path,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
