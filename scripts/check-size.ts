/**
 * Measures what a page pays for the client: an entry that uses `PoolManager`, `configure` and every error class, bundled with
 * all it loads before the first request, minified, gzipped. What else the package exports (`ProxyManager`, the warnings) costs a
 * page only what it imports of it, and what `import()` brings (TLS and proxy options) only where it is used; the figure for all
 * exports at once is told beside it. Ends with 1 above the ceiling.
 */
import './check-node.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { ROOT } from './source-files.ts';

/** Where it is to be, in bytes: one more picture on a page, and about a congestion window of TCP at its start. */
const TARGET_BYTES = 16 * 1024;

/**
 * What it may be until it is there, in bytes. Lower it with every byte that is saved. It was 21,300 before there
 * were `Retry`, `Timeout`, multipart and urllib3's dictionary of headers; what carries them out comes with the first `request()`.
 * `response.hip` and what it tells took 700, what errors tell of their request 440, `WebSocket`, `WebSocketStream` and
 * `EventSource` 1,400: what they do at once, within their constructors, `send()` and `close()`; the rest comes with the first of each.
 * Noticing dead sessions and moving on from them took 350; what `fetch()` is asked beyond a message, aborts of what has
 * arrived, and bodies of Requests 700.
 */
const CEILING_BYTES = 28_330;

/** Leaves out what `import()` brings. */
const LATER: Plugin = {
  name: 'later',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

const client = join(ROOT, 'packages', 'client');
const errors = readFileSync(join(client, 'src', 'errors.ts'), 'utf8').matchAll(/^export class (\w+)/gm);
const used = ['PoolManager', 'configure', ...[...errors].map(([, name]) => name)].join(', ');
const page = await sizeOf(`export { ${used} } from './dist/index.js';`);
const everything = await sizeOf(`export * from './dist/index.js';`);
const cookies = await sizeOf(
  `export { CookieJar } from './dist/cookies.js'; export * from './dist/pool/cookie-exchange.js';`,
);
console.log(`client cookies, loaded where a manager has them: ${cookies.gzipped} bytes gzipped`);
console.log(
  `client core: ${page.gzipped} bytes gzipped (${page.minified} minified; everything exported: ${everything.gzipped}); target ${TARGET_BYTES}, ceiling ${CEILING_BYTES}`,
);
if (page.gzipped > CEILING_BYTES) {
  console.error(
    `client core: must be at most ${CEILING_BYTES} bytes gzipped, got ${page.gzipped}: find what grew with esbuild --analyze`,
  );
  process.exit(1);
}

async function sizeOf(entry: string): Promise<{ gzipped: number; minified: number }> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: client, sourcefile: 'entry.js' },
    bundle: true,
    plugins: [LATER],
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const minified = outputFiles[0]?.contents ?? new Uint8Array();
  return { gzipped: gzipSync(minified, { level: 9 }).length, minified: minified.length };
}
