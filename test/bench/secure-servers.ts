import { Agent, request } from 'undici';
import { TEST_CERTIFICATE } from '../../packages/gateway/test/support/tls-fixture.ts';
import type { GatewayInfo } from '../support/control-api.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { SocksProxy } from '../support/peers/socks-proxy.ts';
import { SquidProxy } from '../support/peers/squid-proxy.ts';
import { type Child, startServer } from './child-process.ts';

/** An https origin, a gateway that may go there, and the proxies between them. Each starts when first asked for. */
export class SecureServers {
  readonly #running: { stop(): Promise<unknown> }[] = [];
  readonly #started = new Map<string, Promise<string>>();
  /** Of one connection, so that asking for the count does not change it. */
  readonly #counter = new Agent({ connections: 1, connect: { ca: TEST_CERTIFICATE } });
  #gateway: Promise<GatewayInfo> | undefined;

  /** The origin's base URL. */
  origin(): Promise<string> {
    return this.#once('origin', async () => {
      const { child, port } = await startServer('secure-origin-process.ts', [], process.env);
      this.#running.push(child satisfies Child);
      return `https://localhost:${port}`;
    });
  }

  /** TLS handshakes the origin has seen. The first call makes one itself. */
  async handshakes(): Promise<number> {
    const { body } = await request(`${await this.origin()}/handshakes`, { dispatcher: this.#counter });
    return Number(await body.text());
  }

  gateway(): Promise<GatewayInfo> {
    this.#gateway ??= this.#startGateway();
    return this.#gateway;
  }

  squid(): Promise<string> {
    return this.#once('squid', async () => {
      const squid = new SquidProxy('squid', {});
      this.#running.push(squid);
      return `http://127.0.0.1:${(await squid.start()).port}`;
    });
  }

  socks(): Promise<string> {
    return this.#once('socks', async () => {
      const socks = new SocksProxy('socks', { server: 'microsocks' });
      this.#running.push(socks);
      return `socks5://127.0.0.1:${(await socks.start()).port}`;
    });
  }

  async stop(): Promise<void> {
    await this.#counter.destroy();
    await Promise.all(this.#running.map((server) => server.stop()));
  }

  async #startGateway(): Promise<GatewayInfo> {
    const { host } = new URL(await this.origin());
    const gateway = new GatewayProcess('gateway', { allow: [host, '127.0.0.1:*'] }, []);
    process.on('exit', () => gateway.signal('SIGKILL'));
    this.#running.push(gateway);
    return gateway.start();
  }

  #once(name: string, start: () => Promise<string>): Promise<string> {
    let started = this.#started.get(name);
    if (started === undefined) {
      started = start();
      this.#started.set(name, started);
    }
    return started;
  }
}
