import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** A file of a site, or what answers in its place. */
export type SiteFile = string | Uint8Array | ((request: IncomingMessage, response: ServerResponse) => void);

const TYPES: Readonly<Record<string, string>> = {
  '': 'text/html; charset=utf-8',
  js: 'text/javascript',
  png: 'image/png',
  txt: 'text/plain',
  wav: 'audio/wav',
};

/**
 * A site on loopback for pages of a test that drives Chromium: files by path, which may change while it runs. Pages of
 * 127.0.0.1 are in a secure context, so that service workers and Web Crypto are there.
 */
export class PageSite {
  readonly files: Map<string, SiteFile>;
  /** Paths that were asked for, in order, with their methods: `GET /index.html`. */
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor(files: Readonly<Record<string, SiteFile>>) {
    this.files = new Map(Object.entries(files));
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(files: Readonly<Record<string, SiteFile>>): Promise<PageSite> {
    const site = new PageSite(files);
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  /** `http://127.0.0.1:PORT` */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return this.origin + path;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    this.requests.push(`${request.method} ${pathname}`);
    const file = this.files.get(pathname);
    if (typeof file === 'function') return file(request, response);
    response.setHeader('content-type', TYPES[/[^./]*$/.exec(pathname)?.[0] ?? ''] ?? 'text/plain');
    if (file === undefined) response.statusCode = 404;
    response.end(file ?? 'not found\n');
  }
}

/**
 * A module with all that it imports, as one script for a browser; `@hip/…` are the packages as they are built.
 *
 * @param options - `split`: what `import()` brings is left out.
 */
export async function bundled(code: string, { split = false } = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: code,
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
      sourcefile: 'entry.js',
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'error',
    write: false,
    plugins: split ? [LEFT_OUT] : [],
  });
  return outputFiles[0]?.text ?? '';
}

const LEFT_OUT: Plugin = {
  name: 'left-out',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `/left-out/${path}`, external: true } : undefined,
    ),
};
