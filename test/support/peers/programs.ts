import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { MissingPeers, PeerProgram } from './peer-api.ts';

/** Debian's package for each program. Debian 12's plain `squid` (GnuTLS) would do as well, but excludes `squid-openssl`. */
const PACKAGES: Record<PeerProgram, string> = {
  nginx: 'nginx',
  squid: 'squid-openssl',
  danted: 'dante-server',
  microsocks: 'microsocks',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  openssl: 'openssl',
};

export const PROGRAMS = Object.keys(PACKAGES) as PeerProgram[];

/** Servers live here, which is not in everybody's PATH. */
const SERVER_PLACES = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Path of an installed program; undefined where there is none. */
function findProgram(program: PeerProgram): string | undefined {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...SERVER_PLACES];
  return places
    .filter(Boolean)
    .map((place) => join(place, program))
    .find((path) => existsSync(path));
}

/** Path of a program that a test needs. @throws Error that says how to install it. */
export function requireProgram(program: PeerProgram): string {
  const path = findProgram(program);
  if (path === undefined) throw new Error(`${program} is not installed: ${installCommand([program])}`);
  return path;
}

export function missingPeers(programs: readonly PeerProgram[]): MissingPeers {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  return { missing, isRequired: arePeersRequired(), hint: installCommand(missing) };
}

/** Whether a run without them must fail instead of skipping what needs them. */
function arePeersRequired(): boolean {
  return process.env.CI === 'true' || process.env.HIP_REQUIRE_PEERS === '1';
}

function installCommand(programs: readonly PeerProgram[]): string {
  return `apt-get install --no-install-recommends ${packagesOf(programs).join(' ')}`;
}

export function packagesOf(programs: readonly PeerProgram[]): string[] {
  return [...new Set(programs.map((program) => PACKAGES[program]))];
}
