import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Group } from './rounds.ts';

/** Bytes in a kilobyte as the table has it. */
const KILOBYTE = 1_000;

/** Size of the client's core entry as a page would load it: bundled, minified, gzipped. */
export function sizeGroup(): Group {
  return {
    isExact: true,
    contenders: [
      {
        yields: ['gzipped', 'minified'],
        measure: async () => {
          const { minifiedBytes, gzippedBytes } = await coreEntrySize();
          return { gzipped: gzippedBytes / KILOBYTE, minified: minifiedBytes / KILOBYTE };
        },
      },
    ],
    rows: [
      {
        name: 'size of the client core, min+gz',
        ours: 'gzipped',
        also: ['minified'],
        unit: 'kB',
        figure: (sample) => sample['gzipped'] ?? Number.NaN,
        figureUnit: 'kB',
        target: { atMost: 16 },
      },
    ],
  };
}

/** What a page loads that imports `PoolManager` and `configure`. What is imported on demand does not count. */
async function coreEntrySize(): Promise<{ minifiedBytes: number; gzippedBytes: number }> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { configure, PoolManager } from '@hip/client';`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'later',
        setup: ({ onResolve }) =>
          onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          ),
      },
    ],
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return { minifiedBytes: contents.length, gzippedBytes: gzipSync(contents, { level: 9 }).length };
}
