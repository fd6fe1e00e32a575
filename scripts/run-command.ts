import { spawn } from 'node:child_process';

/** How a command ended. */
export interface CommandResult {
  /** What it printed on stdout and stderr, in order of arrival. */
  output: string;
  /** Why it failed, in words; undefined when it ended with 0. */
  failure: string | undefined;
}

/** Runs `command` to its end, or ends it and all its children after `timeoutMs`. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  // A process group of its own: a hung test run has children (browsers, gateways) that must end with it.
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...options.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let timedOut = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const endGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // The group has ended by itself.
    }
  };
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup('SIGKILL');
  }, options.timeoutMs);
  const interrupt = (signal: NodeJS.Signals): void => {
    endGroup('SIGTERM');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const finish = (failure: string | undefined): void => {
    clearTimeout(timer);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    resolve({ output, failure });
  };
  child.on('error', (error) => finish(`cannot run ${command}: ${error.message}`));
  child.on('close', (code, signal) => {
    if (timedOut) finish(`no end after ${options.timeoutMs / 1000} s`);
    else if (signal !== null) finish(`ended by ${signal}`);
    else finish(code === 0 ? undefined : `ended with ${code}`);
  });
  return promise;
}
