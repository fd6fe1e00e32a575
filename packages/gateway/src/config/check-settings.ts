import { z } from 'zod';
import { nearest } from './nearest.ts';
import { policyProblems } from './policy-schema.ts';
import { type FileSetting, pathText } from './settings.ts';

/** Names a value for an error message as the operator wrote it: `--listen`, `HIP_GATEWAY_LISTEN`, `listen in hip.json`. */
export type LabelOf = (path: string) => string;

/** What is wrong with `value`, one sentence each; nothing when all is well. A key that is no setting is wrong too. */
export function problemsOf(value: unknown, settings: readonly FileSetting[], labelOf: LabelOf): string[] {
  const result = schemaOf(settings).safeParse(value);
  if (result.success) return [];
  const policies = new Set<string>();
  const problems = result.error.issues.flatMap((issue) => {
    // A policy is long: what is named is the entry.
    const depth = policyDepth(issue.path);
    if (depth > 0) {
      const path = issue.path.slice(0, depth);
      const isNew = !policies.has(pathText(path));
      policies.add(pathText(path));
      return isNew ? policyProblems(valueAt(value, path), pathText(path), labelOf) : [];
    }
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey([...issue.path, key], settings, labelOf))
      : [badValue(value, issue.path, settings, labelOf)];
  });
  return [...new Set(problems)];
}

/** Length of the path to a policy that the path leads into; 0 when it leads elsewhere. */
function policyDepth(path: readonly PropertyKey[]): number {
  if (path[0] === 'policy') return 1;
  return path[0] === 'subjects' && path[2] === 'policy' ? 3 : 0;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, name) => (at as Record<PropertyKey, unknown>)[name], value);
}

function schemaOf(settings: readonly FileSetting[]): z.ZodType {
  const top: Record<string, z.ZodType> = {};
  const groups = new Map<string, Record<string, z.ZodType>>();
  for (const { path, schema } of settings) {
    const [first, second] = path;
    if (second === undefined) top[first] = schema.optional();
    else groups.set(first, { ...groups.get(first), [second]: schema.optional() });
  }
  for (const [name, group] of groups) top[name] = z.strictObject(group).optional();
  return z.strictObject(top);
}

function unknownKey(
  path: readonly PropertyKey[],
  settings: readonly FileSetting[],
  labelOf: LabelOf,
): string {
  const key = pathText(path);
  // The right name in the wrong place is the likelier slip.
  const misplaced = settings.find((setting) => setting.path.at(-1) === path.at(-1));
  const known = settings.map((setting) => pathText(setting.path));
  const suggestion = misplaced === undefined ? nearest(key, known) : pathText(misplaced.path);
  return `${labelOf(key)} is not a setting.${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`}`;
}

function badValue(
  value: unknown,
  path: readonly PropertyKey[],
  settings: readonly FileSetting[],
  labelOf: LabelOf,
): string {
  const setting = settings.find((one) => one.path.every((name, at) => name === path[at]));
  // An issue's path may lead into a list: what is named is the setting, what is shown is the entry.
  const named = pathText(setting?.path ?? path);
  const got = valueAt(value, path);
  return `${labelOf(named)} must be ${setting?.expected ?? 'an object'}, got ${shown(got)}.`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
