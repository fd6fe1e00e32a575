import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import type { PeerDirectory } from './peer-directory.ts';

/** Between two looks whether a server listens. */
const LOOK_EVERY_MS = 10;

/** Far above what any of them takes on a busy machine. */
const START_WITHIN_MS = 20_000;

/** After that a server that was asked to end is made to. */
const END_WITHIN_MS = 5_000;

/** The file, in its directory, with what it writes. */
export const OUTPUT = 'output';

/** What all but dante say, some of them without ending, when somebody has taken their port since it was seen free. */
const TAKEN = /address already in use/i;

/** How often a server is started anew because somebody else has taken its port. */
const ATTEMPTS = 3;

class PortTakenError extends Error {}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL'); // a run that fails must leave no server behind
});

/** A server in a process of its own. */
export class PeerProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #outputPath: string;

  constructor(
    directory: PeerDirectory,
    command: string,
    args: readonly string[],
    user: { uid?: number; gid?: number } = {},
  ) {
    this.#name = command;
    // A file, not a pipe: what it wrote before it answered is here when its answer is.
    this.#outputPath = directory.write(OUTPUT, '', 0o666);
    const output = openSync(this.#outputPath, 'a');
    this.#child = spawn(command, args, { ...user, stdio: ['ignore', output, output] });
    closeSync(output);
    this.#exited = once(this.#child, 'exit');
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  /** All that it has written to stdout and stderr. */
  get output(): string {
    return readFileSync(this.#outputPath, 'utf8');
  }

  /**
   * Resolves once it takes connections at all of these ports of 127.0.0.1 or Unix sockets.
   *
   * @throws PortTakenError, when somebody else has one of them.
   * @throws Error with its output, when it ends before or takes too long. In both cases it has ended.
   */
  async listens(...places: (number | string)[]): Promise<void> {
    const deadline = performance.now() + START_WITHIN_MS;
    try {
      for (const place of places) {
        while (!(await takesConnection(place))) {
          this.#throwIfTaken();
          if (this.#hasEnded() || performance.now() > deadline)
            throw new Error(`${this.#name} did not listen on ${place}:\n${this.output}`);
          await pause(LOOK_EVERY_MS);
        }
      }
      this.#throwIfTaken(); // who took the connection may have been the other one
    } catch (error) {
      await this.stop('SIGKILL');
      throw error;
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.#hasEnded()) return;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    this.#child.kill(signal);
    await this.#exited;
    clearTimeout(timer);
  }

  #throwIfTaken(): void {
    if (TAKEN.test(this.output)) throw new PortTakenError(this.output);
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }
}

/** Starts a server on ports that are free; on others when somebody took them in between. */
export async function startOnFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    try {
      return await start(ports);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === ATTEMPTS) throw error;
    }
  }
}

function takesConnection(place: number | string): Promise<boolean> {
  const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place);
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}
