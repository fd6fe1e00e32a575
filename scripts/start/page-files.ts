import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, stop } from 'esbuild';
import { ROOT } from '../source-files.ts';
import type { PageFile } from './page-server.ts';

const FOLDER = join(ROOT, 'examples', 'browser');

const STATIC: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
};

/** The demo page's files by path: those that are served as they are, and the script, bundled. */
export async function pageFiles(): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const [name, type] of Object.entries(STATIC)) {
    files.set(`/${name}`, { type, content: readFileSync(join(FOLDER, name)) });
  }
  const { outputFiles } = await build({
    entryPoints: [join(FOLDER, 'main.ts')],
    outfile: join(FOLDER, 'main.js'),
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    sourcemap: 'linked',
    logLevel: 'silent', // what it has to say is in the error
  });
  await stop(); // esbuild keeps a process for the next build, and there is none
  for (const { path, contents } of outputFiles) {
    const type = path.endsWith('.map') ? 'application/json' : 'text/javascript; charset=utf-8';
    files.set(`/${basename(path)}`, { type, content: contents });
  }
  return files;
}
