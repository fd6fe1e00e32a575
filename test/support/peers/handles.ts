import { control } from '../control.ts';
import type { OriginInfo } from '../control-api.ts';
import type {
  NginxRequest,
  NginxSetup,
  ProxyRequest,
  RawConnection,
  RawStep,
  SocksInfo,
  SocksLog,
  SocksSetup,
  SocksVersion,
  SquidInfo,
  SquidLog,
  SquidSetup,
  TlsOriginCounts,
  TlsOriginSetup,
  TlsRequestRecord,
  WebSocketOriginSetup,
  WebSocketRecord,
} from './peer-api.ts';

/** An nginx that a test has started. */
export class Nginx {
  readonly id: string;
  readonly port: number;

  private constructor(info: OriginInfo) {
    this.id = info.id;
    this.port = info.port;
  }

  static async start(setup: NginxSetup = {}): Promise<Nginx> {
    return new Nginx(await control('nginx.start', setup));
  }

  /** At `host`: `localhost`, where the certificate should be for a name. */
  url(path = '/', host = '127.0.0.1'): string {
    return `https://${host}:${this.port}${path}`;
  }

  /** Every request whose response has been received, in order. */
  log(): Promise<NginxRequest[]> {
    return control('nginx.log', { id: this.id });
  }

  async stop(): Promise<void> {
    await control('nginx.stop', { id: this.id });
  }
}

/** An HTTPS origin that a test has started. */
export class TlsOrigin {
  readonly id: string;
  readonly port: number;

  private constructor(info: OriginInfo) {
    this.id = info.id;
    this.port = info.port;
  }

  static async start(setup: TlsOriginSetup = {}): Promise<TlsOrigin> {
    return new TlsOrigin(await control('tlsOrigin.start', setup));
  }

  /** At `host`: `localhost`, where the certificate should be for a name. */
  url(path = '/', host = '127.0.0.1'): string {
    return `https://${host}:${this.port}${path}`;
  }

  counts(): Promise<TlsOriginCounts> {
    return control('tlsOrigin.counts', { id: this.id });
  }

  /** Requests whose path starts with `path`. */
  async requests(path = '/'): Promise<TlsRequestRecord[]> {
    return (await this.counts()).requests.filter(({ target }) => target.startsWith(path));
  }

  /** Lets everything that waits for this latch, now or later, go on. */
  async release(latch: string): Promise<void> {
    await control('tlsOrigin.release', { id: this.id, latch });
  }

  /** Closes connections that have no request on them, as a keep-alive timeout does. */
  async closeIdle(): Promise<void> {
    await control('tlsOrigin.closeIdle', { id: this.id });
  }

  async stop(): Promise<void> {
    await control('tlsOrigin.stop', { id: this.id });
  }
}

/** A squid that a test has started. */
export class Squid {
  readonly id: string;
  readonly #info: SquidInfo;

  private constructor(info: SquidInfo) {
    this.id = info.id;
    this.#info = info;
  }

  static async start(setup: SquidSetup = {}): Promise<Squid> {
    return new Squid(await control('squid.start', setup));
  }

  get port(): number {
    return this.#info.port;
  }

  /** Of the port without TLS. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get tlsPort(): number {
    if (this.#info.tlsPort === null) throw new Error(`${this.id} was started without tls`);
    return this.#info.tlsPort;
  }

  /** Of the port with TLS, at `host`. */
  tlsUrl(host = '127.0.0.1'): string {
    return `https://${host}:${this.tlsPort}`;
  }

  log(): Promise<SquidLog> {
    return control('squid.log', { id: this.id });
  }

  /** Heads of the requests it has acted on, in order. */
  async requests(): Promise<ProxyRequest[]> {
    return (await this.log()).requests;
  }

  async stop(): Promise<void> {
    await control('squid.stop', { id: this.id });
  }
}

/** A SOCKS server that a test has started. */
export class Socks {
  readonly id: string;
  readonly port: number;
  readonly versions: SocksVersion[];

  private constructor(info: SocksInfo) {
    this.id = info.id;
    this.port = info.port;
    this.versions = info.versions;
  }

  static async start(setup: SocksSetup): Promise<Socks> {
    return new Socks(await control('socks.start', setup));
  }

  url(version: SocksVersion): string {
    return `${version}://127.0.0.1:${this.port}`;
  }

  log(): Promise<SocksLog> {
    return control('socks.log', { id: this.id });
  }

  async stop(): Promise<void> {
    await control('socks.stop', { id: this.id });
  }
}

/** A scripted server that a test has started. */
export class RawProxy {
  readonly id: string;
  readonly port: number;

  private constructor(info: OriginInfo) {
    this.id = info.id;
    this.port = info.port;
  }

  static async start(steps: RawStep[]): Promise<RawProxy> {
    return new RawProxy(await control('rawProxy.start', { steps }));
  }

  /** `http`, `https`, `socks5`, …: what the script makes of it. */
  url(scheme: string): string {
    return `${scheme}://127.0.0.1:${this.port}`;
  }

  connections(): Promise<RawConnection[]> {
    return control('rawProxy.connections', { id: this.id });
  }

  /** Lets everything that waits for this latch, now or later, go on. */
  async release(latch: string): Promise<void> {
    await control('rawProxy.release', { id: this.id, latch });
  }

  async stop(): Promise<void> {
    await control('rawProxy.stop', { id: this.id });
  }
}

/** A WebSocket server that a test has started. */
export class WebSocketOrigin {
  readonly id: string;
  readonly port: number;
  readonly #scheme: string;

  private constructor(info: OriginInfo, isSecure: boolean) {
    this.id = info.id;
    this.port = info.port;
    this.#scheme = isSecure ? 'wss' : 'ws';
  }

  static async start(setup: WebSocketOriginSetup = {}): Promise<WebSocketOrigin> {
    return new WebSocketOrigin(await control('webSocketOrigin.start', setup), setup.tls === true);
  }

  /** At `host`: `localhost`, where the certificate should be for a name. */
  url(path = '/echo', host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${this.port}${path}`;
  }

  /** Every WebSocket it has taken, in order. */
  log(): Promise<WebSocketRecord[]> {
    return control('webSocketOrigin.log', { id: this.id });
  }

  /** The only one whose path starts with `path`; throws where there is none yet, or more. */
  async visit(path = '/'): Promise<WebSocketRecord> {
    const [first, ...others] = (await this.log()).filter(({ target }) => target.startsWith(path));
    if (!first || others.length > 0) throw new Error(`origin has had not one WebSocket for ${path}`);
    return first;
  }

  /** Lets everything that waits for this latch, now or later, go on. */
  async release(latch: string): Promise<void> {
    await control('webSocketOrigin.release', { id: this.id, latch });
  }

  async stop(): Promise<void> {
    await control('webSocketOrigin.stop', { id: this.id });
  }
}
