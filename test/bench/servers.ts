import type { GatewayInfo } from '../support/control-api.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { type Child, startServer } from './child-process.ts';
import { withDeadline } from './workload/deadline.ts';

/** Time the gateway has to start, in milliseconds. */
const GATEWAY_START_TIMEOUT_MS = 15_000;

/** What the origin says of one stream. */
export interface StreamCount {
  readonly sentBytes: number;
  readonly isOpen: boolean;
}

/**
 * The processes that the contenders talk to. Each starts when first asked for, so that one that cannot start fails
 * those who need it and nobody else.
 */
export class Servers {
  readonly #pageFolder: (() => Promise<string>) | undefined;
  readonly #children: Child[] = [];
  readonly #started = new Map<string, Promise<unknown>>();
  #gateway: GatewayProcess | undefined;

  /** `pageFolder` answers the folder of the page that the origin serves too. */
  constructor(pageFolder?: () => Promise<string>) {
    this.#pageFolder = pageFolder;
    process.on('exit', () => this.#gateway?.signal('SIGKILL'));
    // wisp-js depends on bufferutil, which every `ws` in this tree would then use. Who installs hip's gateway has none,
    // so only the Wisp server may.
    process.env['WS_NO_BUFFER_UTIL'] = '1';
  }

  /** The origin's base URL. */
  origin(): Promise<string> {
    return this.#once('origin', async () => {
      const args = this.#pageFolder === undefined ? [] : [await this.#pageFolder()];
      return `http://127.0.0.1:${await this.#start('origin-process.ts', args)}`;
    });
  }

  /** Base URL of the bare WebSocket server. */
  websocket(): Promise<string> {
    return this.#once('websocket', async () => `ws://127.0.0.1:${await this.#start('websocket-process.ts')}`);
  }

  /** URL of the Wisp server that epoxy-tls uses. */
  wisp(): Promise<string> {
    const { WS_NO_BUFFER_UTIL: _, ...env } = process.env;
    return this.#once('wisp', async () => `ws://127.0.0.1:${await this.#start('wisp-process.ts', [], env)}/`);
  }

  /** A gateway that lets requests go to the origin. */
  gateway(): Promise<GatewayInfo> {
    return this.#once('gateway', async () => {
      const { host } = new URL(await this.origin());
      this.#gateway = new GatewayProcess('gateway', { allow: [host] }, []);
      return withDeadline('start of the gateway', GATEWAY_START_TIMEOUT_MS, this.#gateway.start());
    });
  }

  /** The gateway's resident memory now, in bytes; its peak counts from now on. */
  gatewayRss(): number {
    const { rssBytes } = this.#gateway?.status() ?? { rssBytes: 0 };
    if (rssBytes === 0) throw new Error('memory of the gateway must be known (Linux, /proc), got none');
    this.#gateway?.resetPeak();
    return rssBytes;
  }

  /** The most resident memory the gateway had since {@link Servers.gatewayRss}, in bytes. */
  gatewayPeakRss(): number {
    return this.#gateway?.status().peakRssBytes ?? 0;
  }

  /** How far the origin is with the stream `id`. */
  async streamCount(id: string): Promise<StreamCount> {
    const response = await fetch(`${await this.origin()}/sent/${id}`);
    return (await response.json()) as StreamCount;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.map((child) => child.stop()), this.#gateway?.stop()]);
  }

  async #start(script: string, args: readonly string[] = [], env = process.env): Promise<number> {
    const { child, port } = await startServer(script, args, env);
    this.#children.push(child);
    return port;
  }

  #once<T>(name: string, start: () => Promise<T>): Promise<T> {
    let started = this.#started.get(name) as Promise<T> | undefined;
    if (started === undefined) {
      started = start();
      this.#started.set(name, started);
    }
    return started;
  }
}
