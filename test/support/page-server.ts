import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';

/** Pages of one origin, served from memory. */
export interface PageServer {
  /** Of the page; a query makes no difference. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Bundles scripts for the browser and serves them, with a page at `/` that loads the first.
 *
 * @param scripts - files by the name they are served under, such as `page.js`. What they `import()` is served beside them.
 */
export async function servePage(scripts: Record<string, string>): Promise<PageServer> {
  const { outputFiles } = await build({
    entryPoints: Object.entries(scripts).map(([name, file]) => ({
      in: file,
      out: name.replace(/\.js$/, ''),
    })),
    outdir: '/',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    write: false,
    logLevel: 'error',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [path.replace(/^.*[\\/]/, '/'), contents]));
  const page = `<!doctype html><meta charset="utf-8"><title>hip</title><script type="module" src="/${Object.keys(scripts)[0]}"></script>\n`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const script = files.get(pathname);
    if (pathname === '/') response.setHeader('content-type', 'text/html').end(page);
    else if (script === undefined) response.writeHead(404).end();
    else response.setHeader('content-type', 'text/javascript').end(script);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
