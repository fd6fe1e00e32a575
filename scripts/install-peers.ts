/**
 * Makes sure that the servers are there which end-to-end tests run against, and prints which ones. Where some are missing
 * and cannot be installed it says how, and fails only where a run must have them (`CI=true` or `HIP_REQUIRE_PEERS=1`).
 */
import './check-node.ts';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { PeerProgram } from '../test/support/peers/peer-api.ts';
import { missingPeers, PROGRAMS, packagesOf } from '../test/support/peers/programs.ts';

/** Asked by a Debian package before it starts its service; 101 is "no" (invoke-rc.d, POLICY-RC.D). */
const POLICY = '/usr/sbin/policy-rc.d';

/** Services of these packages, which tests start themselves, from configurations of their own. */
const SERVICES: Partial<Record<PeerProgram, string>> = {
  nginx: 'nginx',
  squid: 'squid',
  danted: 'danted',
  sshd: 'ssh',
};

const { missing } = missingPeers(PROGRAMS);
if (missing.length > 0) installFromDebian(missing);
const { missing: stillMissing, isRequired, hint } = missingPeers(PROGRAMS);
if (stillMissing.length === 0) console.log(PROGRAMS.join(', '));
else if (isRequired) {
  console.error(`${stillMissing.join(', ')} must be there in this run, and could not be installed: ${hint}`);
  process.exitCode = 1;
} else {
  console.log(`no ${stillMissing.join(', ')}: what needs them is skipped. As root: ${hint}`);
}

/** Where this is a Debian and we may install. Starts no service, now or at the next boot. */
function installFromDebian(programs: readonly PeerProgram[]): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const hasPolicy = existsSync(POLICY);
  if (!hasPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    run('apt-get', '-q', 'update');
    const wait = ['-o', 'DPkg::Lock::Timeout=120']; // seconds; a machine that has just started may be updating itself
    run('apt-get', '-q', ...wait, 'install', '-y', '--no-install-recommends', ...packagesOf(programs));
  } finally {
    if (!hasPolicy) rmSync(POLICY);
  }
  if (!existsSync('/run/systemd/system')) return;
  for (const service of programs.map((program) => SERVICES[program])) {
    if (service !== undefined) run('systemctl', 'disable', '--now', '--quiet', service);
  }
}

function run(command: string, ...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(command, args, { env, stdio: ['ignore', 2, 2] });
}
