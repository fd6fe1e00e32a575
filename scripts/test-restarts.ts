/**
 * What takes too long for every run: 10,000 requests through a gateway that is restarted again and again, from Node and from
 * a page. Some ten minutes where nothing else runs. `HIP_RESTART_REQUESTS` says another number.
 */
import './check-node.ts';
import { spawnSync } from 'node:child_process';
import { ROOT } from './source-files.ts';

const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', '--project', 'chromium'];

for (const command of [['scripts/build.ts'], [...VITEST, 'test/end-to-end/restart-load.test.ts']]) {
  const { status } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { HIP_RESTART_REQUESTS: '10000', ...process.env },
  });
  if (status !== 0) process.exit(status ?? 1);
}
