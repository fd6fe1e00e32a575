import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { requireProgram } from './programs.ts';

/** Runs `openssl` with `input` on stdin. @throws Error with what it said, when it fails. */
export async function openssl(args: readonly string[], input = ''): Promise<Buffer> {
  const child = spawn(requireProgram('openssl'), args, { stdio: 'pipe' });
  const closed = once(child, 'close');
  child.stdin.on('error', () => {}); // it may end without having read
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([buffer(child.stdout), buffer(child.stderr), closed]);
  if (code !== 0) throw new Error(`openssl ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return stdout;
}
