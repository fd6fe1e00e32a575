/**
 * Measures the client's core entry as a page gets it: bundled with everything it imports, minified, gzipped. Ends with 1 above
 * the ceiling.
 */
import './check-node.ts';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from './source-files.ts';

/** Where it is to be, in bytes: one more picture on a page, and about a congestion window of TCP at its start. */
const TARGET_BYTES = 16 * 1024;

/** What it may be until it is there, in bytes. It only ever goes down: lower it with every byte that is saved. */
const CEILING_BYTES = 23_500;

const { outputFiles } = await build({
  entryPoints: [join(ROOT, 'packages', 'client', 'dist', 'index.js')],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  write: false,
});
const minified = outputFiles[0]?.contents ?? new Uint8Array();
const gzipped = gzipSync(minified, { level: 9 }).length;
console.log(
  `client core: ${gzipped} bytes gzipped (${minified.length} minified); target ${TARGET_BYTES}, ceiling ${CEILING_BYTES}`,
);
if (gzipped > CEILING_BYTES) {
  console.error(
    `client core: must be at most ${CEILING_BYTES} bytes gzipped, got ${gzipped}: find what grew with esbuild --analyze`,
  );
  process.exit(1);
}
