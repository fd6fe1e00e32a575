import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { OriginInfo } from './control-api.ts';

/** Above the listener's queue of 1 + 1 by enough that it is full whichever of them gets in. */
const FILLERS = 8;

const LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/**
 * A loopback port on which connecting hangs, as it does toward a host behind a firewall that drops packets: a
 * stopped process listens on it with a queue of one, and the queue is full (listen(2): further SYNs are ignored).
 */
export class BlackHole {
  readonly id: string;
  #child: ChildProcess | undefined;
  #fillers: Socket[] = [];

  constructor(id: string) {
    this.id = id;
  }

  async start(): Promise<OriginInfo> {
    const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(String(line));
    child.kill('SIGSTOP');
    this.#fillers = Array.from({ length: FILLERS }, () => connect(port, '127.0.0.1').on('error', () => {}));
    // All SYNs are out before the first of these events: once one is connected, the queue has taken what it can.
    await Promise.race(this.#fillers.map((socket) => once(socket, 'connect')));
    return { id: this.id, port };
  }

  async stop(): Promise<void> {
    for (const socket of this.#fillers) socket.destroy();
    if (!this.#child) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
