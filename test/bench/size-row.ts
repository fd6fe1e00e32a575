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

/** Everything that `@hip/client` exports with what it imports statically. What it imports on demand does not count. */
async function coreEntrySize(): Promise<{ minifiedBytes: number; gzippedBytes: number }> {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export * from '@hip/client';`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
      sourcefile: 'entry.js',
    },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: 'out',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = new Map(outputFiles.map((file) => [file.path, file.contents]));
  const wanted = Object.entries(metafile.outputs).flatMap(([path, output]) =>
    output.entryPoint ? [path] : [],
  );
  const counted = new Set(wanted);
  for (const path of counted) {
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') counted.add(imported);
    }
  }
  let minifiedBytes = 0;
  let gzippedBytes = 0;
  for (const path of counted) {
    const contents = [...files].find(([name]) => name.endsWith(`/${path}`))?.[1];
    if (contents === undefined)
      throw new Error(`bundle must hold ${path}, got ${[...files.keys()].join(', ')}`);
    minifiedBytes += contents.length;
    gzippedBytes += gzipSync(contents, { level: 9 }).length;
  }
  return { minifiedBytes, gzippedBytes };
}
