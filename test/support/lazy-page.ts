import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const CLIENT = fileURLToPath(new URL('../../packages/client/', import.meta.url));
const BROTLI = createRequire(join(CLIENT, 'package.json')).resolve('brotli-wasm');
const WASM = join(dirname(BROTLI), 'pkg.web', 'brotli_wasm_bg.wasm');

/** What a test finds in the page as `window`. */
export type LazyWindow = typeof import('@hip/client');

/**
 * A page with the client as a bundler splits it: a file for each part that is loaded when it is first needed. Its server
 * can be told to give none of them.
 */
export class LazyPage {
  /** Whether parts are refused. */
  isDown = false;
  /** Names of the parts that were asked for, as often as they were. */
  readonly asked: string[] = [];
  readonly #files = new Map<string, Uint8Array>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '/';
      const isPart = path.startsWith('/part-');
      if (isPart) this.asked.push(path);
      const content = this.#files.get(path);
      if (content === undefined || (isPart && this.isDown)) {
        response.writeHead(503, { 'cache-control': 'no-store' }).end();
        return;
      }
      const type = path.endsWith('.wasm')
        ? 'application/wasm'
        : path === '/'
          ? 'text/html'
          : 'text/javascript';
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(content);
    });
  }

  /** Resolves with its URL. */
  async start(): Promise<string> {
    const { outputFiles } = await build({
      stdin: {
        contents: `import * as client from './dist/index.js'; Object.assign(window, client);`,
        resolveDir: CLIENT,
        sourcefile: 'entry.js',
      },
      bundle: true,
      splitting: true,
      write: false,
      outdir: '/',
      entryNames: 'entry',
      chunkNames: 'part-[name]-[hash]',
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
    });
    for (const { path, contents } of outputFiles) this.#files.set(path, contents);
    // Where brotli-wasm looks for it: beside its script.
    this.#files.set('/brotli_wasm_bg.wasm', readFileSync(WASM));
    const page = '<!doctype html><title>lazy</title><script type="module" src="/entry.js"></script>';
    this.#files.set('/', Buffer.from(page));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
