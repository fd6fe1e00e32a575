import { websocketDownload, websocketLatencyMs, websocketUpload } from './bare-websocket.ts';
import type { Client, ClientOpeners } from './client.ts';
import { withDeadline } from './deadline.ts';
import type { ClientSpec, Measurement, Runtime } from './measurement.ts';
import { MEASUREMENT_TIMEOUT_MS } from './measurement.ts';
import { latencyMs, requestsPerSecond } from './small-requests.ts';
import type { StalledBody } from './transfer.ts';
import { download, latencyDuringDownloadMs, stall, upload } from './transfer.ts';

/** Carries out measurements in the process or page that it is made in. Clients are opened on first use and kept. */
export class LocalRuntime implements Runtime {
  readonly #openers: ClientOpeners;
  readonly #clients = new Map<string, Client>();
  #stalled: StalledBody | undefined;

  constructor(openers: ClientOpeners) {
    this.#openers = openers;
  }

  run(measurement: Measurement): Promise<number> {
    return withDeadline(measurement.kind, MEASUREMENT_TIMEOUT_MS, this.#measure(measurement));
  }

  async close(): Promise<void> {
    await this.#release();
    for (const client of this.#clients.values()) await client.close();
    this.#clients.clear();
  }

  async #measure(m: Measurement): Promise<number> {
    switch (m.kind) {
      case 'requests-per-second':
        return requestsPerSecond((await this.#client(m.client)).fetch, m.url, m.requests, m.concurrency);
      case 'requests-of-new-client':
        return this.#withNewClient(m.client, ({ fetch }) =>
          requestsPerSecond(fetch, m.url, m.requests, m.concurrency),
        );
      case 'latency':
        return latencyMs((await this.#client(m.client)).fetch, m.url, m.requests);
      case 'latency-during-download':
        return latencyDuringDownloadMs((await this.#client(m.client)).fetch, m.url, m.downloadUrl, m.bytes);
      case 'download':
        return download((await this.#client(m.client)).fetch, m.url, m.bytes);
      case 'upload':
        return upload((await this.#client(m.client)).fetch, m.url, m.bytes);
      case 'websocket-latency':
        return websocketLatencyMs(m.url, m.messages);
      case 'websocket-download':
        return websocketDownload(m.url, m.bytes);
      case 'websocket-upload':
        return websocketUpload(m.url, m.bytes);
      case 'stall':
        this.#stalled = await stall((await this.#client(m.client)).fetch, m.url);
        return this.#stalled.firstChunkBytes;
      case 'release':
        await this.#release();
        return 0;
    }
  }

  async #withNewClient(spec: ClientSpec, use: (client: Client) => Promise<number>): Promise<number> {
    const client = await this.#open(spec);
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  async #release(): Promise<void> {
    const stalled = this.#stalled;
    this.#stalled = undefined;
    await stalled?.cancel();
  }

  async #client(spec: ClientSpec): Promise<Client> {
    const key = JSON.stringify(spec);
    const existing = this.#clients.get(key);
    if (existing !== undefined) return existing;
    const client = await this.#open(spec);
    this.#clients.set(key, client);
    return client;
  }

  async #open(spec: ClientSpec): Promise<Client> {
    const open = this.#openers[spec.name] as ((spec: ClientSpec) => Promise<Client>) | undefined;
    if (open === undefined) throw new Error(`this runtime has no client "${spec.name}"`);
    return open(spec);
  }
}
