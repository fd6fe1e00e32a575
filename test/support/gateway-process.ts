import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GatewayInfo, GatewaySetup, GatewaySignal, GatewayStatus } from './control-api.ts';

const CLI = fileURLToPath(new URL('../../packages/gateway/dist/cli.js', import.meta.url));

/**
 * A small heap, so that garbage goes soon and the resident set tells what a gateway really holds: with the default one
 * it grows to 300 MB before V8 sees a reason to collect. What outgrows the heap ends the process, and with it the test.
 */
const HEAP_FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=4'];

/** Has Node write a report of itself on SIGUSR2, into the directory it runs in. */
const REPORT_FLAGS = ['--report-on-signal', '--report-signal=SIGUSR2'];

/** Kept of stderr. A gateway that logs more than this in a test is itself a finding. */
const STDERR_BYTES = 256 * 1024;

/** A gateway in a process of its own, started through its command line as an operator would. */
export class GatewayProcess {
  readonly id: string;
  readonly #setup: GatewaySetup;
  readonly #token: string;
  readonly #directory: string;
  readonly #nodeFlags: readonly string[];
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #url = '';
  #stderr = '';

  /** @param nodeFlags - how Node runs it; with the small heap of tests when left out. */
  constructor(
    id: string,
    setup: GatewaySetup,
    nodeFlags: readonly string[] = [...HEAP_FLAGS, ...REPORT_FLAGS],
  ) {
    this.#nodeFlags = nodeFlags;
    this.id = id;
    this.#setup = setup;
    this.#token = setup.token ?? randomBytes(24).toString('base64url');
    this.#directory = mkdtempSync(join(tmpdir(), 'hip-gateway-'));
  }

  async start(): Promise<GatewayInfo> {
    if (this.#isRunning()) throw new Error(`${this.id} is still running`);
    if (!existsSync(CLI)) throw new Error(`${CLI} does not exist: run "npm run build" first`);
    const child = spawn(process.execPath, [...this.#nodeFlags, CLI, ...this.#arguments()], {
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#exited = once(child, 'exit');
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_BYTES);
    });
    this.#url = await this.#firstUrl(child);
    return { id: this.id, url: this.#url, token: this.#token };
  }

  signal(signal: GatewaySignal): void {
    this.#child?.kill(signal);
  }

  /** Node's diagnostic report, as it stands in its file. */
  async report(): Promise<string> {
    const { stderr } = this.#child ?? {};
    if (!stderr) throw new Error(`${this.id} is not running`);
    const written = new Promise<string>((resolve) => {
      let said = '';
      stderr.on('data', (text: string) => {
        said += text;
        const file = /report to file: (\S+)[\s\S]*report completed/.exec(said)?.[1];
        if (file !== undefined) resolve(file);
      });
    });
    this.#child?.kill('SIGUSR2');
    return readFileSync(join(this.#directory, await written), 'utf8');
  }

  async exited(): Promise<GatewayStatus> {
    await this.#exited;
    return this.status();
  }

  status(): GatewayStatus {
    const memory = this.#isRunning() ? readMemory(this.#child?.pid) : { rssBytes: 0, peakRssBytes: 0 };
    return {
      isRunning: this.#isRunning(),
      exitCode: this.#child?.exitCode ?? null,
      stderr: this.#stderr,
      ...memory,
    };
  }

  /** Linux only (proc(5), `clear_refs`): elsewhere the peak goes on from the start of the process. */
  resetPeak(): void {
    const file = `/proc/${this.#child?.pid}/clear_refs`;
    if (existsSync(file)) writeFileSync(file, '5');
  }

  async stop(): Promise<void> {
    if (this.#isRunning()) {
      this.#child?.kill('SIGKILL'); // takes effect also on a stopped process
      await this.#exited;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #arguments(): string[] {
    const { allow = [], config, args = [], files = {} } = this.#setup;
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(this.#directory, name), text, { mode: 0o600 });
    }
    const tokenFile = join(this.#directory, 'token');
    writeFileSync(tokenFile, `${this.#token}\n`, { mode: 0o600 });
    const listen = this.#url === '' ? (this.#setup.listen ?? '127.0.0.1:0') : new URL(this.#url).host;
    const list = ['serve', '--listen', listen, '--token-file', tokenFile];
    for (const target of allow) list.push('--allow', target);
    if (config !== undefined) {
      const configFile = join(this.#directory, 'config.json');
      writeFileSync(configFile, JSON.stringify(config));
      list.push('--config', configFile);
    }
    return [...list, ...args];
  }

  #firstUrl(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      let stdout = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const line = /^(wss?:\/\/\S+)\n/m.exec(stdout);
        if (line?.[1] !== undefined) resolve(line[1]);
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(
          new Error(
            `gateway ended with ${signal ?? code} before it printed its URL:\n${stdout}${this.#stderr}`,
          ),
        );
      });
    });
  }
}

/** From proc(5), so on Linux; elsewhere both are 0. */
function readMemory(pid: number | undefined): { rssBytes: number; peakRssBytes: number } {
  const file = `/proc/${pid}/status`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const kibibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { rssBytes: kibibytes('VmRSS') * 1024, peakRssBytes: kibibytes('VmHWM') * 1024 };
}
