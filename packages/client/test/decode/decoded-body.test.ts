import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createContentDecoder } from '../../src/decode/content-decoder.ts';
import { DecodeError } from '../../src/decode/decode-error.ts';
import { type ContentSource, DecodedBody } from '../../src/decode/decoded-body.ts';
import { concatenate } from '../../src/exchange/content-queue.ts';
import { expectBytes, RawContent, textContent } from '../support/decoding.ts';

const CONTENT = textContent(300_000);
const GZIP = new Uint8Array(gzipSync(CONTENT));

function gzipBody(source: ContentSource): DecodedBody {
  return new DecodedBody(source, createContentDecoder('gzip')!);
}

async function rest(body: DecodedBody, limitBytes?: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let piece = await body.next(limitBytes); piece !== undefined; piece = await body.next(limitBytes)) {
    pieces.push(piece);
  }
  return concatenate(pieces);
}

describe('DecodedBody', () => {
  it('counts the raw bytes it takes, and takes no more than are needed', async () => {
    const source = new RawContent(GZIP, 1_000);
    const body = gzipBody(source);
    expect(body.rawBytes).toBe(0);
    await body.next(10);
    expect(body.rawBytes).toBe(1_000);
    await body.next(10);
    expect(body.rawBytes).toBe(1_000);
    expectBytes(await rest(body), CONTENT.subarray(20));
    expect(body.rawBytes).toBe(GZIP.length);
    expect(source.isCancelled).toBe(false);
  });

  it('takes 64 KiB of raw content at a time, at most', async () => {
    const incompressible = new Uint8Array(gzipSync(crypto.getRandomValues(new Uint8Array(65_536))));
    const body = gzipBody(new RawContent(concatenate([incompressible, incompressible, incompressible])));
    await body.next(1);
    expect(body.rawBytes).toBe(65_536);
  });

  it('gives 64 KiB at a time when nothing else is asked for', async () => {
    expect(await gzipBody(new RawContent(GZIP)).next()).toHaveLength(65_536);
  });

  it('reads raw content to its end, behind what is decoded', async () => {
    const source = new RawContent(concatenate([GZIP, new Uint8Array(500_000)]));
    const body = gzipBody(source);
    expectBytes(await rest(body), CONTENT);
    expect(body.rawBytes).toBe(GZIP.length + 500_000);
    expect(body.isFinished).toBe(true);
    expect(await body.next()).toBeUndefined();
  });

  it('gives each of several readers its own piece, in turn', async () => {
    const body = gzipBody(new RawContent(GZIP, 100));
    const pieces = await Promise.all([body.next(1_000), body.next(2_000), body.next(3_000)]);
    const read = concatenate(pieces as Uint8Array[]);
    expectBytes(read, CONTENT.subarray(0, read.length));
  });

  it('cancels the raw body when it cannot be decoded', async () => {
    const source = new RawContent(textContent(100_000), 1_000);
    const body = gzipBody(source);
    await expect(body.next()).rejects.toThrow(DecodeError);
    expect(source.isCancelled).toBe(true);
    expect(source.takenBytes).toBe(1_000);
    await expect(body.next()).rejects.toThrow(DecodeError);
  });

  it('does not cancel a raw body that is complete', async () => {
    const frame = zstdCompressSync(CONTENT);
    const source = new RawContent(frame.subarray(0, frame.length - 1));
    const body = new DecodedBody(source, createContentDecoder('zstd')!);
    await expect(rest(body)).rejects.toThrow(DecodeError);
    expect(source.isCancelled).toBe(false);
  });

  it('passes on what broke the raw body off, once all before it is read', async () => {
    const reason = new Error('broken off');
    const raw = new RawContent(GZIP.subarray(0, 5_000));
    const body = gzipBody({
      next: async (limitBytes) => {
        const piece = await raw.next(limitBytes ?? 0);
        if (piece === undefined) throw reason;
        return piece;
      },
      cancel: () => raw.cancel(),
    });
    expect(await body.next(100)).toHaveLength(100);
    await expect(rest(body)).rejects.toBe(reason);
    expect(raw.isCancelled).toBe(false);
  });

  it('cancels', async () => {
    const source = new RawContent(GZIP, 100);
    const body = gzipBody(source);
    await body.next(1);
    body.cancel();
    expect(source.isCancelled).toBe(true);
    expect(await body.next(1)).toBeUndefined();
  });
});
