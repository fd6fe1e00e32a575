import type { SocksSetup, SocksVersion } from './peer-api.ts';
import type { PeerDirectory } from './peer-directory.ts';
import { requireProgram } from './programs.ts';

/** A SOCKS server as one command, and what its output means. */
export interface SocksLaunch {
  command: string;
  args: readonly string[];
  /** Whom root makes it run as. */
  user?: { uid: number; gid: number };
  versions: SocksVersion[];
  /** In its output a CONNECT that was carried out: host and port. */
  connected: RegExp;
}

export function microsocksLaunch(port: number, credentials: SocksSetup['credentials']): SocksLaunch {
  const login = credentials ? ['-u', credentials.username, '-P', credentials.password] : [];
  return {
    command: requireProgram('microsocks'),
    args: ['-i', '127.0.0.1', '-p', String(port), ...login],
    versions: ['socks5', 'socks5h'],
    connected: /: connected to (\S+):(\d+)$/gm,
  };
}

/** Without passwords: dante knows only those of Unix accounts. */
export function danteLaunch(port: number, directory: PeerDirectory): SocksLaunch {
  const accounts = process.getuid?.() === 0 ? 'user.privileged: root\nuser.unprivileged: nobody' : '';
  const config = directory.write(
    'danted.conf',
    `
logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
${accounts}
client pass {
  from: 0.0.0.0/0 to: 0.0.0.0/0
}
socks pass {
  from: 0.0.0.0/0 to: 0.0.0.0/0
  command: connect
  log: connect error
}
`,
  );
  return {
    command: requireProgram('danted'),
    args: ['-f', config],
    versions: ['socks4', 'socks5', 'socks5h'],
    connected: /tcp\/connect \[: .* (\S+)\.(\d+)$/gm,
  };
}
