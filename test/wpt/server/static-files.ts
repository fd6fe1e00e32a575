import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { readTestScript } from '../test-script.ts';
import type { WptRequest, WptResponse } from './message.ts';
import { applyPipes, asksForSubstitution, type FileAnswer } from './pipes.ts';
import { substitute, type WptAddresses } from './substitute.ts';
import { TEST_HARNESS_REPORT, windowPage, withInstall, workerPage, workerScript } from './wrappers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.txt': 'text/plain',
  '.xml': 'text/xml',
};

/** The files of the suite, and the pages that run its scripts. */
export class StaticFiles {
  readonly #folder: string;
  readonly #installs: boolean;

  /** @param installs - whether pages make `fetch` ours. */
  constructor(folder: string, installs: boolean) {
    this.#folder = folder;
    this.#installs = installs;
  }

  answer(request: WptRequest, response: WptResponse, addresses: WptAddresses): void {
    const path = decodeURIComponent(request.path);
    const page = this.#page(path);
    if (page !== undefined) {
      response.send(200, [['Content-Type', page.type]], Buffer.from(page.text));
      return;
    }
    const file = this.#folder + path;
    if (path.includes('/../') || !existsSync(file) || !statSync(file).isFile()) {
      response.send(404, [['Content-Type', 'text/plain']], `${path} not found`);
      return;
    }
    if (path.endsWith('.asis')) {
      response.write(readFileSync(file));
      response.end();
      return;
    }
    const answer = this.#file(path, request, addresses);
    response.send(answer.status, answer.headers, answer.body);
  }

  #page(path: string): { type: string; text: string } | undefined {
    if (path === '/resources/testharnessreport.js') {
      return { type: 'text/javascript', text: TEST_HARNESS_REPORT };
    }
    const [, base = '', kind] = /^(.*?\.(?:any|window))(\.worker)?\.(?:html|js)$/.exec(path) ?? [];
    const script = `${base}.js`;
    if (base === '' || path === script || !existsSync(this.#folder + script)) return undefined;
    const meta = readTestScript(this.#folder, script);
    if (path.endsWith('.js')) {
      return { type: 'text/javascript', text: workerScript(script, meta, this.#installs) };
    }
    const text = kind === undefined ? windowPage(script, meta, this.#installs) : workerPage(script, meta);
    return { type: 'text/html', text };
  }

  #file(path: string, request: WptRequest, addresses: WptAddresses): FileAnswer {
    const pipe = request.query.get('pipe') ?? '';
    const isTemplate = /\.sub\./.test(path) || asksForSubstitution(pipe);
    const fill = (text: string): string => (isTemplate ? substitute(text, request, addresses) : text);
    let body = readFileSync(this.#folder + path);
    if (isTemplate) body = Buffer.from(fill(body.toString('utf8')));
    if (this.#installs && path.endsWith('.html')) body = Buffer.from(withInstall(body.toString('utf8')));
    const answer: FileAnswer = {
      status: [200, 'OK'],
      headers: this.#headers(path, request, addresses),
      body,
    };
    if (!answer.headers.some(([name]) => name.toLowerCase() === 'content-type')) {
      const type = TYPES[extname(path)];
      if (type !== undefined) answer.headers.push(['Content-Type', type]);
    }
    applyPipes(answer, pipe);
    return answer;
  }

  #headers(path: string, request: WptRequest, addresses: WptAddresses): [string, string][] {
    for (const suffix of ['.headers', '.sub.headers']) {
      const file = this.#folder + path + suffix;
      if (!existsSync(file)) continue;
      const text = readFileSync(file, 'latin1');
      return (suffix === '.headers' ? text : substitute(text, request, addresses))
        .split(/\r?\n/)
        .filter((line) => line.includes(':'))
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
    }
    return [];
  }
}
