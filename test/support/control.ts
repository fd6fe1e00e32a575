import { inject } from 'vitest';
import type {
  ControlMethod,
  ControlParams,
  ControlResult,
  GatewayInfo,
  GatewaySetup,
  GatewaySignal,
  GatewayStatus,
  OriginCounts,
  OriginInfo,
  RequestRecord,
} from './control-api.ts';

/** Calls the control server, from Node or from a page. */
export async function control<M extends ControlMethod>(
  method: M,
  params: ControlParams<M>,
): Promise<ControlResult<M>> {
  const response = await fetch(inject('controlUrl'), {
    method: 'POST',
    body: JSON.stringify({ method, params }),
  });
  const answer = (await response.json()) as { result: ControlResult<M> } | { error: string };
  if ('error' in answer) throw new Error(`${method}: ${answer.error}`);
  return answer.result;
}

/** A gateway process that a test has started. */
export class Gateway {
  readonly id: string;
  readonly url: string;
  readonly token: string;

  private constructor(info: GatewayInfo) {
    this.id = info.id;
    this.url = info.url;
    this.token = info.token;
  }

  static async start(setup: GatewaySetup = {}): Promise<Gateway> {
    return new Gateway(await control('gateway.start', setup));
  }

  /** `127.0.0.1:PORT`, as `--listen` takes it. */
  get host(): string {
    return new URL(this.url).host;
  }

  async signal(signal: GatewaySignal): Promise<void> {
    await control('gateway.signal', { id: this.id, signal });
  }

  /** Same port, same token, same setup. */
  async restart(): Promise<void> {
    await control('gateway.restart', { id: this.id });
  }

  async report(): Promise<string> {
    return (await control('gateway.report', { id: this.id })).text;
  }

  exited(): Promise<GatewayStatus> {
    return control('gateway.exited', { id: this.id });
  }

  status(): Promise<GatewayStatus> {
    return control('gateway.status', { id: this.id });
  }

  async resetPeak(): Promise<void> {
    await control('gateway.resetPeak', { id: this.id });
  }

  async stop(): Promise<void> {
    await control('gateway.stop', { id: this.id });
  }
}

/** A relay in front of a gateway. */
export class Relay {
  readonly id: string;
  /** Session URL through it. */
  readonly url: string;

  private constructor({ id, port }: OriginInfo) {
    this.id = id;
    this.url = `ws://127.0.0.1:${port}/session`;
  }

  static async start(gateway: Gateway): Promise<Relay> {
    return new Relay(await control('relay.start', { port: Number(new URL(gateway.url).port) }));
  }

  /** Its connections of now are lost: both ends hear nothing more, and nothing of each other's end. */
  async lose(): Promise<void> {
    await control('relay.lose', { id: this.id });
  }

  async stop(): Promise<void> {
    await control('relay.stop', { id: this.id });
  }
}

/** An origin that a test has started. */
export class Origin {
  readonly id: string;
  readonly port: number;

  private constructor(info: OriginInfo) {
    this.id = info.id;
    this.port = info.port;
  }

  static async start(): Promise<Origin> {
    return new Origin(await control('origin.start', {}));
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  counts(): Promise<OriginCounts> {
    return control('origin.counts', { id: this.id });
  }

  /** Requests whose path starts with `path`. */
  async requests(path = '/'): Promise<RequestRecord[]> {
    return (await this.counts()).requests.filter(({ target }) => target.startsWith(path));
  }

  /** The only request whose path starts with `path`; throws where there is none yet, or more. */
  async request(path: string): Promise<RequestRecord> {
    const [first, ...others] = await this.requests(path);
    if (!first) throw new Error(`origin has had no request for ${path}`);
    if (others.length > 0) throw new Error(`origin has had ${others.length + 1} requests for ${path}, not 1`);
    return first;
  }

  /** Lets everything that waits for this latch, now or later, go on. */
  async release(latch: string): Promise<void> {
    await control('origin.release', { id: this.id, latch });
  }

  /** Closes connections that have no request on them, as a keep-alive timeout does. */
  async closeIdle(): Promise<void> {
    await control('origin.closeIdle', { id: this.id });
  }

  async stop(): Promise<void> {
    await control('origin.stop', { id: this.id });
  }
}
