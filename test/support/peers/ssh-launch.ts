import { execFileSync } from 'node:child_process';
import { chownSync, readFileSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { PeerDirectory } from './peer-directory.ts';
import { requireProgram } from './programs.ts';
import type { SocksLaunch } from './socks-launch.ts';

/**
 * Root lets an account do it that Debian always has (base-passwd): for root itself sshd wants a directory in /run and a
 * root account that is not locked; `nobody` counts as locked where systemd answers for it.
 */
const DAEMON = { name: 'daemon', uid: 1, gid: 1 };

/**
 * `ssh -D`, with an sshd at the other end of a pipe that serves this one connection (`sshd -i`): a port for SOCKS and none
 * for ssh, and both end together.
 */
export function sshLaunch(port: number, directory: PeerDirectory): SocksLaunch {
  const owner = process.getuid?.() === 0 ? DAEMON : undefined;
  const user = owner ?? { ...userInfo(), name: userInfo().username };
  const hostKey = newKey(directory, 'host-key', user);
  const userKey = newKey(directory, 'user-key', user);
  const known = directory.write('known-hosts', `sshd.test ${hostKey.publicKey}`);
  const config = directory.write(
    'sshd_config',
    `
HostKey ${hostKey.path}
AuthorizedKeysFile ${directory.write('authorized-keys', userKey.publicKey)}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
`,
  );
  const options = {
    BatchMode: 'yes',
    ExitOnForwardFailure: 'yes',
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: known,
    GlobalKnownHostsFile: '/dev/null',
    ProxyCommand: `${requireProgram('sshd')} -i -e -f ${config}`,
  };
  return {
    command: requireProgram('ssh'),
    // -vv: it says what was asked of it.
    args: [
      ...['-F', 'none', '-vv', '-N', '-D', `127.0.0.1:${port}`, '-i', userKey.path],
      ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
      `${user.name}@sshd.test`,
    ],
    ...(owner ? { user: { uid: owner.uid, gid: owner.gid } } : {}),
    versions: ['socks4', 'socks4a', 'socks5', 'socks5h'],
    connected: /dynamic request: socks\d host (\S+) port (\d+)/g,
  };
}

function newKey(
  directory: PeerDirectory,
  name: string,
  owner: { uid: number; gid: number },
): { path: string; publicKey: string } {
  const path = directory.join(name);
  rmSync(path, { force: true }); // one from an earlier attempt: ssh-keygen would ask
  execFileSync(requireProgram('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  chownSync(path, owner.uid, owner.gid); // ssh and sshd read only keys that are their own, and nobody else's to read
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8') };
}
