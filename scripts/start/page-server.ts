import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { closeServer, LOOPBACK } from './listen.ts';

/** One file of the page. */
export interface PageFile {
  type: string;
  content: string | Uint8Array;
}

/** What the page needs to know, by `config.json`. */
export interface PageConfig {
  gateway: string;
  token: string;
  /** The demo origin, without a slash at the end. */
  origin: string;
}

/** Serves the demo page, and the gateway's token to it alone. */
export class PageServer {
  readonly server: Server = createServer((request, response) => this.#answer(request, response));
  #files: ReadonlyMap<string, PageFile> = new Map();
  #policy = "default-src 'none'";
  #hosts: ReadonlySet<string> = new Set();

  /** Begins to serve. Until then every request gets 503. */
  show(port: number, files: ReadonlyMap<string, PageFile>, config: PageConfig): void {
    this.#hosts = hostsOf(port);
    // Nothing but its own files, the gateway, and the origin for the comparison with the browser's fetch.
    this.#policy =
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; ` +
      `connect-src 'self' ${new URL(config.gateway).origin} ${config.origin}; ` +
      `base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
    this.#files = new Map(files).set('/config.json', {
      type: 'application/json',
      content: JSON.stringify(config),
    });
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('content-security-policy', this.#policy);
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('x-content-type-options', 'nosniff');
    // A rebuilt page must not meet an old script, and the token is nobody's to keep.
    response.setHeader('cache-control', 'no-store');
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return sendText(response, ...refusal);
    const path = (request.url ?? '/').replace(/[?#].*$/, '');
    const file = this.#files.get(path === '/' ? '/index.html' : path);
    if (file === undefined) return sendText(response, 404, 'There is no such file.');
    response.setHeader('content-type', file.type);
    response.end(file.content);
  }

  /** Why this request gets no file. */
  #refusal({ headers, method }: IncomingMessage): [status: number, text: string] | undefined {
    if (this.#files.size === 0) return [503, 'The demo is starting: reload in a moment.'];
    // DNS rebinding: a page of anywhere whose name was made to point here would be of our origin, and could read the
    // token. What it cannot do is to send a Host that is not its own.
    if (!this.#hosts.has(headers.host ?? ''))
      return [421, `This server answers only to ${[...this.#hosts].join(', ')}.`];
    // Other pages get nothing to read across origins anyhow; a browser that says who asks makes sure of it.
    const site = headers['sec-fetch-site'];
    const isPage = headers['sec-fetch-mode'] === 'navigate';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isPage) {
      return [403, 'These files are for this page only.'];
    }
    return method === 'GET' || method === 'HEAD' ? undefined : [405, 'Only GET and HEAD are answered here.'];
  }
}

/** What `Host` may be (RFC 9110 §7.2): a browser leaves the port out when it is the scheme's own. */
function hostsOf(port: number): Set<string> {
  const names = [LOOPBACK, 'localhost'];
  return new Set(
    port === 80 ? [...names, ...names.map((name) => `${name}:80`)] : names.map((name) => `${name}:${port}`),
  );
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
