import type { FieldLines } from '@hip/wire';

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where a response says that it redirects to, or `undefined` when it does not redirect. */
export function redirectLocation(status: number, fields: FieldLines): string | undefined {
  if (!REDIRECT_STATUSES.has(status)) return undefined;
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === 'location') return fields[i + 1];
  return undefined;
}
