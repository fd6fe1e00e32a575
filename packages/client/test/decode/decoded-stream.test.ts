import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodedStream } from '../../src/decode/decoded-stream.ts';
import { expectBytes, RawContent, textContent } from '../support/decoding.ts';

const CONTENT = textContent(300_000);
const RAW = new Uint8Array(gzipSync(brotliCompressSync(CONTENT)));

describe('decodedStream', () => {
  it('is the body of a Response', async () => {
    const response = new Response(decodedStream(new RawContent(RAW, 1_000), 'br, gzip'));
    expectBytes(await response.bytes(), CONTENT);
  });

  it('passes on what has no coding that is known', async () => {
    for (const contentEncoding of ['', 'identity', 'nonsense']) {
      const response = new Response(decodedStream(new RawContent(RAW), contentEncoding));
      expectBytes(await response.bytes(), RAW);
    }
  });

  it('reads only as far as it is read', async () => {
    const source = new RawContent(RAW, 1_000);
    const reader = decodedStream(source, 'br, gzip').getReader();
    expect(source.takenBytes).toBe(0);
    await reader.read();
    expect(source.takenBytes).toBeLessThan(RAW.length / 2);
  });

  it('fills the buffer of its reader', async () => {
    const reader = decodedStream(new RawContent(RAW), 'br, gzip').getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(100));
    expectBytes(first.value!, CONTENT.subarray(0, 100));
    let bytes = 100;
    for (let next = await reader.read(new Uint8Array(70_000)); !next.done; ) {
      bytes += next.value.length;
      next = await reader.read(new Uint8Array(70_000));
    }
    expect(bytes).toBe(CONTENT.length);
  });

  it('cancels the content when it is cancelled', async () => {
    const source = new RawContent(RAW, 1_000);
    await decodedStream(source, 'br, gzip').cancel();
    expect(source.isCancelled).toBe(true);
  });

  it('gives its readers the error they are to get', async () => {
    const error = new TypeError('fetch failed');
    const stream = decodedStream(new RawContent(CONTENT), 'gzip', (reason) => {
      expect(reason).toMatchObject({ name: 'DecodeError' });
      return error;
    });
    await expect(stream.getReader().read()).rejects.toBe(error);
  });
});
