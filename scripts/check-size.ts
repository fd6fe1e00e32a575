/**
 * Measures the client's core entry as a page gets it: bundled with everything it imports, minified, gzipped. Ends with 1 above
 * the limit.
 */
import './check-node.ts';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from './source-files.ts';

/** 16 KiB: one more picture on a page, and about a congestion window of TCP at its start. */
const LIMIT_BYTES = 16 * 1024;

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
console.log(`client core: ${gzipped} bytes gzipped of ${LIMIT_BYTES} allowed (${minified.length} minified)`);
if (gzipped > LIMIT_BYTES) {
  console.error(
    `client core: must be at most ${LIMIT_BYTES} bytes gzipped, got ${gzipped}: find what grew with esbuild --analyze`,
  );
  process.exit(1);
}
