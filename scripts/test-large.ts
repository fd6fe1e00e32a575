/**
 * What takes too long for every run: files of 2 GB go up in constant memory, from Node and from a page. About a minute where
 * nothing else runs.
 */
import './check-node.ts';
import { spawnSync } from 'node:child_process';
import { ROOT } from './source-files.ts';

const UPLOAD_BYTES = 2_147_483_648;

const commands = [
  ['scripts/build.ts'],
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', 'test/end-to-end/large-upload.node.test.ts'],
];
for (const command of commands) {
  const { status } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, HIP_UPLOAD_BYTES: String(UPLOAD_BYTES) },
  });
  if (status !== 0) process.exit(status ?? 1);
}
