/**
 * Prints the path of a Chromium, installing one first where there is none.
 */
import './check-node.ts';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from './find-chromium.ts';

const root = join(import.meta.dirname, '..');
const path = findChromium() ?? installFromDebian() ?? installFromPlaywright();
if (path === undefined) {
  console.error(
    'No Chromium was found and none could be installed. Install one (Debian: apt-get install chromium), ' +
      'or set HIP_CHROMIUM to the path of its executable.',
  );
  process.exit(1);
}
console.log(path);

/** Debian's own package, where this is a Debian and we may install. */
function installFromDebian(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    spawnSync('apt-get', ['-q', ...args], { env, stdio: ['ignore', 2, 2] });
  }
  return findChromium();
}

/** The build that the installed Playwright was made for, into its own cache. */
function installFromPlaywright(): string | undefined {
  const cli = join(root, 'node_modules', 'playwright', 'cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { cwd: root, stdio: ['ignore', 2, 2] });
  return findChromium();
}
