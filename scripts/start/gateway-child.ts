import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../source-files.ts';
import { freeOrAny, LOOPBACK } from './listen.ts';

const CLI = join(ROOT, 'packages', 'gateway', 'dist', 'cli.js');

/** Kept of what the gateway logs, in characters: enough for what it said last. */
const LOG_LENGTH = 4_000;

/** How long the gateway may finish exchanges when the demo ends, and how long it may take in all, in milliseconds. */
const DRAIN_MS = 300;
const STOP_MS = 3_000;

/** What {@link GatewayChild.start} needs. */
export interface GatewaySetup {
  /** Taken when it is free. */
  port: number;
  token: string;
  /** Hosts beside public ones that requests may go to, as `HOST:PORT`. */
  allow: readonly string[];
}

/** `hip-gateway serve`, in a process of its own as an operator would run it. */
export class GatewayChild {
  /** Session URL. */
  readonly url: string;
  /** How the process ended, in words, once it has. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, ended: Promise<string>) {
    this.#child = child;
    this.url = url;
    this.ended = ended;
  }

  /** @throws Error with what the gateway said when it ends before it is ready. */
  static async start({ port, token, allow }: GatewaySetup): Promise<GatewayChild> {
    const folder = mkdtempSync(join(tmpdir(), 'hip-demo-'));
    try {
      const tokenFile = join(folder, 'token');
      writeFileSync(tokenFile, token, { mode: 0o600 });
      const listen = `${LOOPBACK}:${await freeOrAny(port)}`;
      const settings = [
        '--listen',
        listen,
        '--token-file',
        tokenFile,
        '--drain-timeout-ms',
        String(DRAIN_MS),
      ];
      const child = spawn(
        process.execPath,
        [CLI, 'serve', ...settings, '--log-level', 'warn', ...allow.flatMap((target) => ['--allow', target])],
        { env: withoutGatewaySettings(process.env), stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const ended = endOf(child);
      const url = await Promise.race([urlOf(child), ended]);
      if (!url.startsWith('ws://')) throw new Error(url);
      return new GatewayChild(child, url, ended);
    } finally {
      // Read by now: nothing keeps the token on disk.
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Ends the process, by force when it does not end by itself. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = new AbortController();
    const force = sleep(STOP_MS, undefined, { signal: late.signal }).then(
      () => this.#child.kill('SIGKILL'),
      () => false,
    );
    await this.ended;
    late.abort();
    await force;
  }
}

/** Settings meant for another gateway would be errors here, or open this one up. */
function withoutGatewaySettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HIP_GATEWAY_')));
}

async function endOf(child: ChildProcess): Promise<string> {
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-LOG_LENGTH);
  });
  const said = (): string => (log.trim() === '' ? '' : `\n${log.trim()}`);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return `The gateway ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}.${said()}`;
  } catch (error) {
    return `The gateway cannot be run: ${(error as Error).message}${said()}`;
  }
}

/** The session URL, which the gateway prints alone on a line when it is ready. */
function urlOf(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const url = /^(ws:\/\/\S+)\n/m.exec(output)?.[1];
    if (url !== undefined) resolve(url);
  });
  return promise;
}
