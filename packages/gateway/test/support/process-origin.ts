import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/**
 * A server in a process of its own, for what two ends of one event loop never do to each other. `source` (CommonJS)
 * prints its port as soon as it listens.
 */
export async function processOrigin(
  source: string,
  ...args: string[]
): Promise<{ port: number; child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', source, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line), child };
}
