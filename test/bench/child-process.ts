import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withDeadline } from './workload/deadline.ts';

/** Time a process has to start, in milliseconds. */
const START_TIMEOUT_MS = 15_000;

/** Time a process has to end on SIGTERM, in milliseconds, before it is killed. */
const STOP_TIMEOUT_MS = 3_000;

/** Kept of a process's stderr, in characters, to explain why it ended. */
const STDERR_LENGTH = 1_000;

/** Everything to be ended with the bench, whatever ends it. */
const running = new Set<Child>();
process.on('exit', () => {
  for (const child of running) child.signal('SIGKILL');
});

/** A process the bench started, as the leader of a group of its own where it has children too. */
export class Child {
  readonly #process: ChildProcess;
  readonly #isGroup: boolean;
  readonly #exited: Promise<unknown>;
  #stderr = '';

  constructor(command: string, args: readonly string[], { isGroup = false, env = process.env } = {}) {
    this.#isGroup = isGroup;
    // Our own servers end with their standard input, so none of them outlives a bench that was killed.
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: isGroup, env });
    this.#process.stdin?.on('error', () => {});
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LENGTH);
    });
    this.#exited = once(this.#process, 'exit').catch(() => {});
    running.add(this);
  }

  /** The first line on stdout. Rejects when the process ends or says nothing for {@link START_TIMEOUT_MS}. */
  firstLine(): Promise<string> {
    const line = new Promise<string>((resolve, reject) => {
      this.failure().catch(reject);
      let stdout = '';
      this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const end = stdout.indexOf('\n');
        if (end >= 0) resolve(stdout.slice(0, end));
      });
    });
    return withDeadline(`start of ${this.#process.spawnargs.join(' ')}`, START_TIMEOUT_MS, line);
  }

  /** Rejects when the process ends, with the last it wrote to stderr. */
  async failure(): Promise<never> {
    await this.#exited;
    const { exitCode, signalCode, spawnargs } = this.#process;
    throw new Error(`${spawnargs.join(' ')} ended with ${signalCode ?? exitCode}\n${this.#stderr}`);
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(this.#isGroup ? -pid : pid, signal);
    } catch {
      // It has ended.
    }
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM'); // alone at first: it ends its children in good order
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
    if (this.#isGroup) this.signal('SIGKILL'); // what is left of its children
    running.delete(this);
  }
}

/** Starts one of the bench's own servers; answers its port. */
export async function startServer(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ child: Child; port: number }> {
  const file = fileURLToPath(new URL(`./process/${script}`, import.meta.url));
  const child = new Child(process.execPath, [file, ...args], { env });
  const { port } = JSON.parse(await child.firstLine()) as { port: number };
  return { child, port };
}
