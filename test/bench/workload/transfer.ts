import { median } from '../median.ts';
import type { Fetch } from './client.ts';
import { MESSAGE_BYTES } from './measurement.ts';
import { latenciesMs } from './small-requests.ts';

/** Fewest small GETs, while a download ran, whose median is worth printing. */
const LEAST_SAMPLES = 10;

/** Megabytes (10^6 bytes) per second since `startedMs` on the runtime's monotonic clock. */
export function megabytesPerSecond(bytes: number, startedMs: number): number {
  return bytes / 1000 / (performance.now() - startedMs);
}

async function openBody(fetch: Fetch, url: string): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const response = await fetch(url);
  if (response.status !== 200 || response.body === null) {
    throw new Error(`${url} must answer 200 with a body, got ${response.status}`);
  }
  return response.body.getReader();
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, expectedBytes: number): Promise<void> {
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    received += value.byteLength;
  }
  if (received !== expectedBytes) throw new Error(`body must have ${expectedBytes} bytes, got ${received}`);
}

/** Reads a streamed body to its end; answers MB/s. */
export async function download(fetch: Fetch, url: string, bytes: number): Promise<number> {
  const startedMs = performance.now();
  await drain(await openBody(fetch, url), bytes);
  return megabytesPerSecond(bytes, startedMs);
}

/** A body of `bytes` bytes in chunks of {@link MESSAGE_BYTES}, made as it is pulled. */
function chunkedBody(bytes: number): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(MESSAGE_BYTES);
  let left = bytes;
  return new ReadableStream<Uint8Array>({
    pull(controller): void {
      const length = Math.min(left, MESSAGE_BYTES);
      left -= length;
      if (length > 0) controller.enqueue(chunk.subarray(0, length));
      if (left === 0) controller.close();
    },
  });
}

/** Streams a request body until the origin answers how much it counted; answers MB/s. */
export async function upload(fetch: Fetch, url: string, bytes: number): Promise<number> {
  const startedMs = performance.now();
  // `duplex` is in the Fetch standard and not yet in the DOM's types.
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: chunkedBody(bytes), duplex: 'half' };
  const response = await fetch(url, init);
  const counted = await response.text();
  if (response.status !== 200 || counted !== String(bytes)) {
    throw new Error(`upload must answer 200 "${bytes}", got ${response.status} "${counted.slice(0, 100)}"`);
  }
  return megabytesPerSecond(bytes, startedMs);
}

/** Median time in milliseconds of the small GETs that began and ended while a download of `bytes` bytes was running. */
export async function latencyDuringDownloadMs(
  fetch: Fetch,
  url: string,
  downloadUrl: string,
  bytes: number,
): Promise<number> {
  const reader = await openBody(fetch, downloadUrl);
  let isRunning = true;
  const downloaded = drain(reader, bytes).finally(() => {
    isRunning = false;
  });
  const [times] = await Promise.all([latenciesMs(fetch, url, () => isRunning), downloaded]);
  // The last of them may have ended after the download did.
  const during = times.slice(0, -1);
  if (during.length < LEAST_SAMPLES) {
    throw new Error(
      `a download of ${bytes} bytes must leave time for ${LEAST_SAMPLES} small GETs, got ${during.length}`,
    );
  }
  return median(during);
}

/** A body of which one chunk was read and the rest is left where it is. */
export interface StalledBody {
  readonly firstChunkBytes: number;
  cancel(): Promise<void>;
}

/** Reads one chunk of a streamed body and stops. */
export async function stall(fetch: Fetch, url: string): Promise<StalledBody> {
  const reader = await openBody(fetch, url);
  const { done, value } = await reader.read();
  if (done) throw new Error(`${url} must answer a body that streams, got an empty one`);
  return { firstChunkBytes: value.byteLength, cancel: () => reader.cancel() };
}
