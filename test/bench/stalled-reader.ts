import { setTimeout as sleep } from 'node:timers/promises';
import type { Servers } from './servers.ts';
import type { ClientSpec, Runtime } from './workload/measurement.ts';

/** The origin has stopped when it sent nothing for so long, in milliseconds. */
const SETTLED_MS = 1_500;

/** Longest time, in milliseconds, to wait for the origin to stop sending, or to see its stream closed. */
const PATIENCE_MS = 30_000;

/** Time between two looks at the origin's count, in milliseconds. */
const LOOK_MS = 100;

/** What a reader that stopped has cost. */
export interface StalledReader {
  /** Bytes the origin had sent once it sent no more. */
  readonly sentBytes: number;
  /** The gateway's peak memory above what it had before, in bytes; undefined for a client without the gateway. */
  readonly gatewayGrowthBytes: number | undefined;
}

let streams = 0;

/** Lets a reader take one chunk of a body of `bytes` bytes, looks at what that costs, and cancels the body. */
export async function measureStalledReader(
  runtime: Runtime,
  servers: Servers,
  client: ClientSpec,
  bytes: number,
): Promise<StalledReader> {
  streams += 1;
  const id = `stalled-${streams}`;
  const url = `${await servers.origin()}/bytes/${bytes}?id=${id}`;
  const usesGateway = client.name === 'hip';
  const rssBefore = usesGateway ? servers.gatewayRss() : 0;
  await runtime.run({ kind: 'stall', client, url });
  try {
    const sentBytes = await settledCount(servers, id);
    return { sentBytes, gatewayGrowthBytes: usesGateway ? servers.gatewayPeakRss() - rssBefore : undefined };
  } finally {
    await runtime.run({ kind: 'release' });
    await closed(servers, id);
  }
}

async function settledCount(servers: Servers, id: string): Promise<number> {
  const givesUpMs = performance.now() + PATIENCE_MS;
  let { sentBytes } = await servers.streamCount(id);
  let sinceMs = performance.now();
  while (performance.now() - sinceMs < SETTLED_MS) {
    if (performance.now() > givesUpMs)
      throw new Error(`origin must stop for a reader that stopped, sent ${sentBytes}`);
    await sleep(LOOK_MS);
    const now = await servers.streamCount(id);
    if (now.sentBytes === sentBytes) continue;
    sentBytes = now.sentBytes;
    sinceMs = performance.now();
  }
  return sentBytes;
}

/** A cancelled body must end the origin's stream, or what follows is measured beside it. */
async function closed(servers: Servers, id: string): Promise<void> {
  const givesUpMs = performance.now() + PATIENCE_MS;
  while ((await servers.streamCount(id)).isOpen) {
    if (performance.now() > givesUpMs)
      throw new Error('origin must see a cancelled body closed, it is still open');
    await sleep(LOOK_MS);
  }
}
