import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openssl } from './openssl.ts';
import type { SquidInfo, SquidLog, SquidSetup } from './peer-api.ts';
import { PeerDirectory } from './peer-directory.ts';
import { OUTPUT, PeerProcess, startOnFreePorts } from './peer-process.ts';
import { requireProgram } from './programs.ts';
import { ACCESS_FORMAT, parseAccess, parseRequests } from './squid-log.ts';

/** Where Debian, Fedora and Homebrew put squid's helper that checks passwords. */
const HELPERS = ['/usr/lib/squid', '/usr/lib64/squid', '/opt/homebrew/opt/squid/libexec'];

/** Where Linux has what shm_open(3) made. */
const SHARED_MEMORY = '/dev/shm';

/** Squid as an HTTP proxy, and over TLS as an HTTPS proxy, with a log that tells the head of every request as it came. */
export class SquidProxy {
  readonly id: string;
  readonly #setup: SquidSetup;
  readonly #directory = new PeerDirectory('squid');
  /** Also the first part of the names of its shared memory, so that two squids do not meet in it. */
  readonly #service = `hip${randomBytes(6).toString('hex')}`;
  #process: PeerProcess | undefined;
  #tlsPort: number | null = null;

  constructor(id: string, setup: SquidSetup) {
    this.id = id;
    this.#setup = setup;
  }

  async start(): Promise<SquidInfo> {
    const { tls, users, hosts = {} } = this.#setup;
    // The file replaces /etc/hosts.
    const known = Object.entries({ localhost: '127.0.0.1', ...hosts });
    this.#directory.write('hosts', known.map(([name, address]) => `${address} ${name}\n`).join(''));
    if (tls) {
      this.#directory.write('chain.pem', tls.identity.chain);
      this.#directory.write('key.pem', tls.identity.key);
      this.#directory.write('client-ca.pem', tls.clientCa ?? '');
    }
    if (users) this.#directory.write('passwords', await passwordFile(users));
    return startOnFreePorts(tls ? 2 : 1, async ([port = 0, tlsPort]) => {
      this.#tlsPort = tlsPort ?? null;
      const config = this.#directory.write('squid.conf', this.#config(port));
      this.#process = new PeerProcess(this.#directory, requireProgram('squid'), [
        '-N',
        '-n',
        this.#service,
        '-f',
        config,
      ]);
      await this.#process.listens(...(tlsPort === undefined ? [port] : [port, tlsPort]));
      return { id: this.id, port, tlsPort: this.#tlsPort };
    });
  }

  log(): SquidLog {
    return {
      requests: parseRequests(this.#read(OUTPUT), this.#tlsPort),
      finished: parseAccess(this.#read('access.log')),
    };
  }

  async stop(): Promise<void> {
    await this.#process?.stop('SIGKILL'); // asked to end, it takes two seconds
    this.#directory.remove();
    if (!existsSync(SHARED_MEMORY)) return;
    const segments = readdirSync(SHARED_MEMORY).filter((name) => name.startsWith(`${this.#service}-`));
    for (const segment of segments) rmSync(join(SHARED_MEMORY, segment), { force: true });
  }

  /** Heads are latin-1, one character for each byte. */
  #read(name: string): string {
    const path = this.#directory.join(name);
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  }

  #config(port: number): string {
    const at = (name: string): string => this.#directory.join(name);
    return `
http_port 127.0.0.1:${port}
${this.#tlsConfig(at)}
visible_hostname squid.test
hosts_file ${at('hosts')}
# No name but those of the file: a server that does not answer, and no patience with it.
dns_nameservers 127.0.0.1
dns_timeout 1 seconds
dns_retransmit_interval 1 seconds
cache_log ${at(OUTPUT)}
debug_options ALL,1 11,2
logformat seen ${ACCESS_FORMAT}
access_log stdio:${at('access.log')} logformat=seen
buffered_logs off
cache deny all
cache_store_log none
coredump_dir none
pid_filename none
pinger_enable off
shutdown_lifetime 0 seconds
# Memory is taken for every descriptor that the system allows, which in a container may be a billion.
max_filedescriptors 4096
${this.#accessConfig(at)}
`;
  }

  #tlsConfig(at: (name: string) => string): string {
    const { tls } = this.#setup;
    if (!tls) return '';
    const clients = tls.clientCa === undefined ? '' : ` clientca=${at('client-ca.pem')}`;
    return `https_port 127.0.0.1:${this.#tlsPort} tls-cert=${at('chain.pem')} tls-key=${at('key.pem')}${clients}`;
  }

  #accessConfig(at: (name: string) => string): string {
    if (!this.#setup.users) return 'http_access allow all';
    const helper = HELPERS.map((place) => `${place}/basic_ncsa_auth`).find((path) => existsSync(path));
    if (helper === undefined) throw new Error(`squid has no basic_ncsa_auth in ${HELPERS.join(', ')}`);
    return `
auth_param basic program ${helper} ${at('passwords')}
auth_param basic children 1 startup=1 idle=1
auth_param basic realm squid.test
acl authenticated proxy_auth REQUIRED
http_access allow authenticated
http_access deny all`;
  }
}

/** As `htpasswd` writes it. */
async function passwordFile(users: Record<string, string>): Promise<string> {
  const passwords = Object.values(users).map((password) => `${password}\n`);
  const hashes = String(await openssl(['passwd', '-apr1', '-stdin'], passwords.join(''))).split('\n');
  return Object.keys(users)
    .map((user, index) => `${user}:${hashes[index]}\n`)
    .join('');
}
