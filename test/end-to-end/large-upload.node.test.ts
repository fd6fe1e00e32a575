import { createHash, type Hash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TransferProgress } from '@hip/client';
import { describe, expect, inject, onTestFinished } from 'vitest';
import { ChromiumProcess } from '../support/chromium-process.ts';
import { contentBytes } from '../support/content.ts';
import type { Gateway } from '../support/control.ts';
import { test } from '../support/fixtures.ts';
import { MemoryWatch } from '../support/memory-watch.ts';
import { bundled, PageSite } from '../support/page-site.ts';
import type { UploadOrder, UploadReport } from '../support/pages/upload-page.ts';

// A large File goes up, byte for byte, in constant memory: 256 MB, or as many bytes as HIP_UPLOAD_BYTES says.

const PART_BYTES = 16 * 1024 * 1024;
const TOTAL_BYTES = inject('uploadBytes');
const TIMES = TOTAL_BYTES / PART_BYTES;

/** Far below the File: what goes through must not stay. */
const CLIENT_GROWTH_BYTES = 160 * 1024 * 1024;
const GATEWAY_GROWTH_BYTES = 32 * 1024 * 1024;

/** Distance of the marks in a file, in bytes: all else is zeros that take no disk. */
const MARK_BYTES = 10_000_019;

describe('a large upload', { timeout: 900_000 }, () => {
  test('of a File that is put together', async ({ http, origin, gateway }) => {
    const part = new Blob([contentBytes(PART_BYTES)]);
    const heard: TransferProgress[] = [];
    const upload = async (file: File): Promise<unknown> => {
      const hip = { onUploadProgress: (progress: TransferProgress) => void heard.push(progress) };
      return (await http.fetch(origin.url('/upload'), { method: 'PUT', body: file, hip })).json();
    };
    await upload(new File([part], 'small'));
    const answer = await inConstantMemory(process.pid, gateway, () =>
      upload(new File(Array<Blob>(TIMES).fill(part), 'large')),
    );
    expect(answer).toEqual({ receivedBytes: TOTAL_BYTES, receivedSha256: repeatedSha256() });
    expect(heard.at(-1)).toEqual({ loaded: TOTAL_BYTES, total: TOTAL_BYTES, done: true });
  });

  test('of a file on disk, opened as a Blob', async ({ http, origin, gateway }) => {
    const { path, sha256 } = await sparseFile();
    const body = await openAsBlob(path, { type: 'application/x-large' });
    await http.fetch(origin.url('/upload/small'), { method: 'PUT', body: body.slice(0, PART_BYTES) });
    const response = await inConstantMemory(process.pid, gateway, () =>
      http.fetch(origin.url('/upload/large'), { method: 'PUT', body }),
    );
    expect(await response.json()).toEqual({ receivedBytes: TOTAL_BYTES, receivedSha256: sha256 });
    const { rawHeaders } = await origin.request('/upload/large');
    expect(rawHeaders).toEqual(expect.arrayContaining([String(TOTAL_BYTES), 'application/x-large']));
  });

  test('of a File, by a page in a Chromium that nobody debugs', async ({ origin, gateway }) => {
    const page = await startPage({
      gateway: gateway.url,
      token: gateway.token,
      url: origin.url('/upload'),
      partBytes: PART_BYTES,
      times: TIMES,
    });
    await page.ready;
    const { error, answer, lastProgress } = await inConstantMemory(page.pid, gateway, page.go);
    expect(error).toBeUndefined();
    expect(answer).toEqual({ receivedBytes: TOTAL_BYTES, receivedSha256: repeatedSha256() });
    expect(lastProgress).toEqual({ loaded: TOTAL_BYTES, total: TOTAL_BYTES, done: true });
  });
});

/** Does it while the memory of the client, with all it has started, and of the gateway is watched. */
async function inConstantMemory<Result>(
  pid: number,
  gateway: Gateway,
  work: () => Promise<Result>,
): Promise<Result> {
  await gateway.resetPeak();
  const { rssBytes } = await gateway.status();
  const watch = new MemoryWatch(pid);
  const result = await work().finally(() => watch.stop());
  const grownBytes = watch.stop();
  const gatewayBytes = (await gateway.status()).peakRssBytes - rssBytes;
  console.log(`client ${megabytes(grownBytes)} above its start, gateway ${megabytes(gatewayBytes)}`);
  expect(grownBytes).toBeLessThan(CLIENT_GROWTH_BYTES);
  expect(gatewayBytes).toBeLessThan(GATEWAY_GROWTH_BYTES);
  return result;
}

/** A page that sends the File when it is told to. */
async function startPage(order: UploadOrder) {
  const ready = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const reported = Promise.withResolvers<UploadReport>();
  const site = await PageSite.start({
    '/': '<!doctype html><script type="module" src="/page.js"></script>',
    '/page.js': await bundled("import './support/pages/upload-page.ts';"),
    '/ready': (_request, response) => {
      ready.resolve();
      void told.promise.then(() => response.end());
    },
    '/report': async (request, response) => {
      const report = JSON.parse(await text(request)) as UploadReport;
      if (report.error !== undefined) ready.reject(new Error(report.error));
      reported.resolve(report);
      response.end();
    },
  });
  const chromium = new ChromiumProcess(site.url(`/#${encodeURIComponent(JSON.stringify(order))}`));
  onTestFinished(async () => {
    await chromium.stop();
    await site.stop();
  });
  const go = (): Promise<UploadReport> => {
    told.resolve();
    return reported.promise;
  };
  return { pid: chromium.pid, ready: ready.promise, go };
}

/** A file of so many bytes, with a mark every now and then, and its SHA-256. */
async function sparseFile(): Promise<{ path: string; sha256: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hip-upload-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'large.bin');
  const file = await open(path, 'w');
  await file.truncate(TOTAL_BYTES);
  for (let at = 0; at + 32 < TOTAL_BYTES; at += MARK_BYTES) await file.write(`mark ${at}`, at);
  await file.close();
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return { path, sha256: hash.digest('hex') };
}

/** Of the deterministic content of a part, as often as it is in the File. */
function repeatedSha256(): string {
  const part = contentBytes(PART_BYTES);
  const hash: Hash = createHash('sha256');
  for (let time = 0; time < TIMES; time++) hash.update(part);
  return hash.digest('hex');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
