import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A folder with the page, ready to be served. `remove()` deletes it. */
export interface PageBundle {
  readonly folder: string;
  remove(): void;
}

/**
 * Bundles the page. A contender that cannot be found stays an import that fails in the page when it is used: the
 * others are measured all the same.
 */
export async function bundlePage(controlUrl: string): Promise<PageBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'hip-bench-page-'));
  const script = `/bench.js?control=${encodeURIComponent(controlUrl)}`;
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><meta charset="utf-8"><title>hip bench</title><script type="module" src="${script}"></script>\n`,
  );
  await build({
    entryPoints: [fileURLToPath(new URL('./page/page.ts', import.meta.url))],
    outfile: join(folder, 'bench.js'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'error',
    plugins: [
      {
        name: 'missing-contender',
        setup({ onResolve, resolve }) {
          onResolve(
            { filter: /^@(hip|mercuryworkshop)\// },
            async ({ path, resolveDir, kind, pluginData }) => {
              if (pluginData === 'asked' || kind !== 'dynamic-import') return undefined;
              const found = await resolve(path, { resolveDir, kind, pluginData: 'asked' });
              return found.errors.length > 0 ? { path, external: true } : found;
            },
          );
        },
      },
    ],
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
