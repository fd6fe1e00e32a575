import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { within } from './eventually.ts';

const START = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url));

/** Above what a first build takes on a slow machine. */
const READY_WITHIN_MS = 120_000;
const END_WITHIN_MS = 15_000;

/** What the page reads from `config.json`. */
export interface DemoConfig {
  gateway: string;
  token: string;
  origin: string;
}

/** The demo of `npm start`, in a process of its own. */
export class DemoProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(...args: string[]) {
    this.#child = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
  }

  /** What it has printed on stderr. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The URL it tells to open, once it does. */
  async url(): Promise<string> {
    const printed = new Promise<string>((resolve) => {
      const look = (): void => {
        const urls = this.#stdout.match(/http:\/\/\S+/g) ?? [];
        if (urls.length > 1) throw new Error(`more than one URL: ${urls.join(' ')}`);
        if (urls[0] !== undefined) resolve(urls[0]);
      };
      this.#child.stdout?.on('data', look);
      look();
    });
    const failed = this.#ended.then(() => Promise.reject(new Error(`the demo ended:\n${this.#stderr}`)));
    return within(READY_WITHIN_MS, 'starting the demo', Promise.race([printed, failed]));
  }

  /** Where everything is, as the page is told. */
  async config(): Promise<DemoConfig> {
    const response = await fetch(new URL('/config.json', await this.url()));
    return (await response.json()) as DemoConfig;
  }

  /** Process ids of what it has started (proc(5): Linux only). */
  children(): number[] {
    const { pid } = this.#child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, once it has ended. */
  async exitCode(): Promise<number | null> {
    await within(END_WITHIN_MS, 'ending the demo', this.#ended);
    return this.#child.exitCode;
  }

  /** Ends it if it is still there. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.exitCode();
  }
}
