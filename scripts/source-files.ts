import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

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

/** One way into a package: what users import, and the source file behind it. */
export interface EntryPoint {
  /** `@hip/client`, or `@hip/client/part`. */
  readonly specifier: string;
  /** Path from the repository's root, with `/`. */
  readonly file: string;
}

/** Every module that a package exports, as its package.json says. */
export function entryPoints(name: (typeof PACKAGES)[number]): EntryPoint[] {
  const folder = posix.join('packages', name);
  const { name: packageName, exports } = JSON.parse(
    readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
  ) as {
    name: string;
    exports: Record<string, { types?: string } | string>;
  };
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typeof target === 'string' ? undefined : target.types;
    if (types === undefined) return [];
    const file = posix.join(folder, types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts'));
    return [{ specifier: posix.join(packageName, path), file }];
  });
}
