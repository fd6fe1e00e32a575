import type { SocksConnect, SocksInfo, SocksLog, SocksSetup } from './peer-api.ts';
import { PeerDirectory } from './peer-directory.ts';
import { PeerProcess, startOnFreePorts } from './peer-process.ts';
import { danteLaunch, microsocksLaunch, type SocksLaunch } from './socks-launch.ts';
import { sshLaunch } from './ssh-launch.ts';

/** A SOCKS server that others wrote, on a port of its own. */
export class SocksProxy {
  readonly id: string;
  readonly #setup: SocksSetup;
  readonly #directory: PeerDirectory;
  #process: PeerProcess | undefined;
  #connected = /$^/g;

  constructor(id: string, setup: SocksSetup) {
    if (setup.credentials && setup.server !== 'microsocks')
      throw new Error(`${setup.server} takes no credentials here: microsocks does`);
    this.id = id;
    this.#setup = setup;
    this.#directory = new PeerDirectory(setup.server);
  }

  start(): Promise<SocksInfo> {
    return startOnFreePorts(1, async ([port = 0]) => {
      const { command, args, user, versions, connected } = this.#launch(port);
      this.#connected = connected;
      this.#process = new PeerProcess(this.#directory, command, args, user);
      await this.#process.listens(port);
      return { id: this.id, port, versions };
    });
  }

  log(): SocksLog {
    const text = this.#process?.output ?? '';
    const connects = [...text.matchAll(this.#connected)].map(
      ([, host = '', port]): SocksConnect => ({ host, port: Number(port) }),
    );
    return { connects, text };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#directory.remove();
  }

  #launch(port: number): SocksLaunch {
    switch (this.#setup.server) {
      case 'microsocks':
        return microsocksLaunch(port, this.#setup.credentials);
      case 'dante':
        return danteLaunch(port, this.#directory);
      case 'ssh':
        return sshLaunch(port, this.#directory);
    }
  }
}
