import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { BlackHole } from './black-hole.ts';
import { compress } from './compress.ts';
import type { ControlApi, ControlMethod } from './control-api.ts';
import { GatewayProcess } from './gateway-process.ts';
import { OriginServer } from './origin-server.ts';
import { NginxServer } from './peers/nginx-server.ts';
import type { Pki } from './peers/peer-api.ts';
import { createPki } from './peers/pki.ts';
import { missingPeers } from './peers/programs.ts';
import { RawProxy } from './peers/raw-proxy.ts';
import { SocksProxy } from './peers/socks-proxy.ts';
import { SquidProxy } from './peers/squid-proxy.ts';
import { TlsOrigin } from './peers/tls-origin.ts';
import { WebSocketOrigin } from './peers/websocket-origin.ts';
import { RawOrigin } from './raw-origin.ts';
import { Relay } from './relay.ts';

type Handlers = {
  [M in ControlMethod]: (
    params: Parameters<ControlApi[M]>[0],
  ) => ReturnType<ControlApi[M]> | Promise<ReturnType<ControlApi[M]>>;
};

interface Stoppable {
  readonly id: string;
  stop(): Promise<void>;
}

/**
 * What tests cannot do from a browser, over HTTP: it starts gateways and origins and says what they counted. One per
 * test run, in the process of the test runner; `POST /` with `{ method, params }`, answered by `{ result }` or `{ error }`.
 */
export class ControlServer {
  readonly #server: Server;
  readonly #running = new Map<string, Stoppable>();
  #nextId = 1;
  #madePki: Promise<Pki> | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#call(request).then((answer) => {
        response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
        response.end(JSON.stringify(answer));
      });
    });
  }

  /** Resolves with the URL to call. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Also stops all that tests have left running. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((each) => each.stop()));
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #call(request: IncomingMessage): Promise<{ result: unknown } | { error: string }> {
    try {
      const { method, params } = JSON.parse(await text(request)) as { method: ControlMethod; params: never };
      const handler = this.#handlers[method];
      if (!handler) throw new Error(`control server has no method ${method}`);
      return { result: await handler(params) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  readonly #handlers: Handlers = {
    'gateway.start': (setup) => this.#add(new GatewayProcess(this.#newId('gateway'), setup)).start(),
    'gateway.restart': ({ id }) => this.#get(id, GatewayProcess).start(),
    'gateway.signal': ({ id, signal }) => nothing(() => this.#get(id, GatewayProcess).signal(signal)),
    'gateway.report': async ({ id }) => ({ text: await this.#get(id, GatewayProcess).report() }),
    'gateway.exited': ({ id }) => this.#get(id, GatewayProcess).exited(),
    'gateway.status': ({ id }) => this.#get(id, GatewayProcess).status(),
    'gateway.resetPeak': ({ id }) => nothing(() => this.#get(id, GatewayProcess).resetPeak()),
    'gateway.stop': ({ id }) => this.#stop(id),
    'origin.start': () => this.#add(new OriginServer(this.#newId('origin'))).start(),
    'origin.counts': ({ id }) => this.#get(id, OriginServer).counts(),
    'origin.release': ({ id, latch }) => nothing(() => this.#get(id, OriginServer).release(latch)),
    'origin.closeIdle': ({ id }) => nothing(() => this.#get(id, OriginServer).closeIdle()),
    'origin.stop': ({ id }) => this.#stop(id),
    'rawOrigin.start': (answer) => this.#add(new RawOrigin(this.#newId('raw-origin'), answer)).start(),
    'rawOrigin.stop': ({ id }) => this.#stop(id),
    'blackHole.start': () => this.#add(new BlackHole(this.#newId('black-hole'))).start(),
    'blackHole.stop': ({ id }) => this.#stop(id),
    'relay.start': ({ port }) => this.#add(new Relay(this.#newId('relay'), port)).start(),
    'relay.lose': ({ id }) => nothing(() => this.#get(id, Relay).lose()),
    'relay.stop': ({ id }) => this.#stop(id),
    'port.unused': unusedPort,
    'peers.missing': ({ programs }) => missingPeers(programs),
    'pki.get': () => this.#pki(),
    'nginx.start': async (setup) =>
      this.#add(new NginxServer(this.#newId('nginx'), setup, await this.#pki())).start(),
    'nginx.log': ({ id }) => this.#get(id, NginxServer).log(),
    'nginx.stop': ({ id }) => this.#stop(id),
    'tlsOrigin.start': async (setup) =>
      this.#add(new TlsOrigin(this.#newId('tls-origin'), setup, await this.#pki())).start(),
    'tlsOrigin.counts': ({ id }) => this.#get(id, TlsOrigin).counts(),
    'tlsOrigin.release': ({ id, latch }) => nothing(() => this.#get(id, TlsOrigin).release(latch)),
    'tlsOrigin.closeIdle': ({ id }) => nothing(() => this.#get(id, TlsOrigin).closeIdle()),
    'tlsOrigin.stop': ({ id }) => this.#stop(id),
    'webSocketOrigin.start': async (setup) => {
      const pki = setup.tls === true ? await this.#pki() : undefined;
      return this.#add(new WebSocketOrigin(this.#newId('websocket-origin'), setup, pki)).start();
    },
    'webSocketOrigin.log': ({ id }) => this.#get(id, WebSocketOrigin).log(),
    'webSocketOrigin.release': ({ id, latch }) =>
      nothing(() => this.#get(id, WebSocketOrigin).release(latch)),
    'webSocketOrigin.stop': ({ id }) => this.#stop(id),
    'squid.start': (setup) => this.#add(new SquidProxy(this.#newId('squid'), setup)).start(),
    'squid.log': ({ id }) => this.#get(id, SquidProxy).log(),
    'squid.stop': ({ id }) => this.#stop(id),
    'socks.start': (setup) => this.#add(new SocksProxy(this.#newId('socks'), setup)).start(),
    'socks.log': ({ id }) => this.#get(id, SocksProxy).log(),
    'socks.stop': ({ id }) => this.#stop(id),
    'rawProxy.start': (setup) => this.#add(new RawProxy(this.#newId('raw-proxy'), setup)).start(),
    'rawProxy.connections': ({ id }) => this.#get(id, RawProxy).connections(),
    'rawProxy.release': ({ id, latch }) => nothing(() => this.#get(id, RawProxy).release(latch)),
    'rawProxy.stop': ({ id }) => this.#stop(id),
    compress,
  };

  /** Made when a test first asks for it: half a second. */
  #pki(): Promise<Pki> {
    this.#madePki ??= createPki();
    return this.#madePki;
  }

  #newId(kind: string): string {
    return `${kind}-${this.#nextId++}`;
  }

  #add<T extends Stoppable>(started: T): T {
    this.#running.set(started.id, started);
    return started;
  }

  #get<T extends Stoppable>(id: string, kind: abstract new (...args: never[]) => T): T {
    const found = this.#running.get(id);
    if (!(found instanceof kind)) throw new Error(`control server has no running ${kind.name} ${id}`);
    return found;
  }

  async #stop(id: string): Promise<null> {
    const found = this.#running.get(id);
    this.#running.delete(id);
    await found?.stop();
    return null;
  }
}

/** The answer of a call that gives nothing, as JSON can say it. */
function nothing(call: () => void): null {
  call();
  return null;
}

async function unusedPort(): Promise<{ port: number }> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { port };
}
