import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The repository's root folder. */
export const ROOT: string = join(import.meta.dirname, '..');

/** The packages that are published, in the order in which they depend on each other. */
export const PACKAGES = ['wire', 'client', 'gateway'] as const;

/** Every `.ts` file below `packages/<name>/src`, as a path from there with `/`, sorted. */
export function sourceFiles(name: (typeof PACKAGES)[number]): string[] {
  const folder = join(ROOT, 'packages', name, 'src');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
