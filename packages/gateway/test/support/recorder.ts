import type { Failure, FieldLines } from '@hip/wire';
import { onTestFinished } from 'vitest';
import type { ConnectionInfo } from '../../src/connect/connector.ts';
import { createRouteConnector } from '../../src/connect/route-connector.ts';
import { SILENT_LOGGER } from '../../src/logger.ts';
import type {
  OriginConnection,
  OriginExchange,
  OriginHandler,
  OriginRequest,
} from '../../src/pool/origin-connection.ts';
import { UndiciConnection, type UndiciConnectionOptions } from '../../src/pool/undici-connection.ts';
import { DIRECT } from './settings.ts';

/** Everything that came back from one exchange. */
export class Recorder implements OriginHandler {
  readonly done: Promise<void>;
  readonly headReceived: Promise<void>;
  /** Resolves when at least one chunk of content has come. */
  readonly dataReceived: Promise<void>;
  readonly events: string[] = [];
  readonly informationals: { status: number; fields: FieldLines }[] = [];
  readonly chunks: Uint8Array[] = [];
  info: ConnectionInfo | undefined;
  reused: boolean | undefined;
  status = 0;
  reason = '';
  fields: FieldLines = [];
  httpVersion = '';
  trailers: FieldLines = [];
  failure: Failure | undefined;
  exchange!: OriginExchange;
  onData: ((chunk: Uint8Array) => void) | undefined;
  #settleDone!: () => void;
  #settleHead!: () => void;
  #settleData!: () => void;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#settleDone = resolve;
    });
    this.headReceived = new Promise((resolve) => {
      this.#settleHead = resolve;
    });
    this.dataReceived = new Promise((resolve) => {
      this.#settleData = resolve;
    });
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.body.toString('latin1');
  }

  /** Values of a field of the final response. */
  values(name: string): string[] {
    return this.fields.filter((_, at) => at % 2 === 1 && this.fields[at - 1] === name);
  }

  connected(info: ConnectionInfo, reused: boolean): void {
    this.events.push('connected');
    this.info = info;
    this.reused = reused;
  }

  informational(status: number, fields: FieldLines): void {
    this.events.push('informational');
    this.informationals.push({ status, fields });
  }

  head(status: number, reason: string, fields: FieldLines, httpVersion: string): void {
    this.events.push('head');
    Object.assign(this, { status, reason, fields, httpVersion });
    this.#settleHead();
  }

  data(chunk: Uint8Array): void {
    this.events.push('data');
    this.chunks.push(chunk);
    this.onData?.(chunk);
    this.#settleData();
  }

  end(trailers: FieldLines): void {
    this.events.push('end');
    this.trailers = trailers;
    this.#settleDone();
  }

  error(failure: Failure): void {
    this.events.push('error');
    this.failure = failure;
    this.#settleDone();
  }
}

/** A connection toward 127.0.0.1 that ends with the test. */
export function connectionTo(port: number, options: Partial<UndiciConnectionOptions> = {}): OriginConnection {
  const connection = new UndiciConnection({
    target: { scheme: 'http', host: '127.0.0.1', port },
    route: DIRECT,
    connector: createRouteConnector(),
    idleTimeoutMs: 60_000,
    maxHeadBytes: 65_536,
    log: SILENT_LOGGER,
    ...options,
  });
  onTestFinished(() => connection.close());
  return connection;
}

/** A plain GET. */
export const REQUEST: OriginRequest = {
  method: 'GET',
  path: '/',
  authority: 'origin.example',
  fields: [],
  proxyFields: undefined,
  body: undefined,
  connectTimeoutMs: 5_000,
  readTimeoutMs: 5_000,
  totalTimeoutMs: 0,
};

/** Sends a request, {@link REQUEST} if nothing else is said. */
export function send(connection: OriginConnection, request: Partial<OriginRequest> = {}): Recorder {
  const recorder = new Recorder();
  recorder.exchange = connection.send({ ...REQUEST, ...request }, recorder);
  return recorder;
}

/** {@link send}, and waits for the end. */
export async function roundTrip(
  connection: OriginConnection,
  request?: Partial<OriginRequest>,
): Promise<Recorder> {
  const recorder = send(connection, request);
  await recorder.done;
  return recorder;
}
