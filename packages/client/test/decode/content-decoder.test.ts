import * as zlib from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import type { BuiltinZlib } from '../../src/decode/builtin-zlib.ts';
import { createContentDecoder } from '../../src/decode/content-decoder.ts';
import { DecodeError } from '../../src/decode/decode-error.ts';
import { concatenate } from '../../src/exchange/content-queue.ts';
import { decoded, expectBytes, textContent } from '../support/decoding.ts';

const { constants } = zlib;
const GARBAGE = new TextEncoder().encode('this is no compressed content');

/** Large enough for every engine, and for several blocks, windows and pieces of each. */
const LARGE = textContent(700_000);
const SMALL = new TextEncoder().encode('Grüße');

const ENCODERS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  'x-gzip': (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: (bytes) => zlib.zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
};

/** With everything that Node has, and as a platform that has nothing of it; brotli-wasm is for browsers only. */
const PLATFORMS: [name: string, zlib: BuiltinZlib][] = [
  ['node:zlib', zlib],
  ['no node:zlib', { createBrotliDecompress: zlib.createBrotliDecompress }],
];

function encode(coding: string, bytes: Uint8Array): Uint8Array {
  const encoder = ENCODERS[coding];
  if (encoder === undefined) throw new Error(`no encoder for ${coding}`);
  return new Uint8Array(encoder(bytes));
}

const CODINGS = Object.keys(ENCODERS);

test('a decoder that cannot be loaded is a DecodeError', async () => {
  // Node cannot load brotli-wasm, which it would not need.
  await expect(decoded('br', encode('br', SMALL), { zlib: {} })).rejects.toMatchObject({
    name: 'DecodeError',
    cause: { message: 'br: brotli-wasm must be there for it, and cannot be loaded' },
  });
});

describe.each(PLATFORMS)('content decoder with %s', (_, platform) => {
  const undo = (contentEncoding: string, raw: Uint8Array, rawPieceBytes?: number) =>
    decoded(contentEncoding, raw, { zlib: platform, ...(rawPieceBytes !== undefined && { rawPieceBytes }) });

  describe.each(CODINGS)('%s', (coding) => {
    it.each([
      ['nothing', new Uint8Array(0)],
      ['little', SMALL],
      ['much', LARGE],
    ])('undoes %s', async (_, content) => {
      expectBytes(await undo(coding, encode(coding, content)), content);
    });

    it.each([1, 10, 4_000])('takes raw content in pieces of %i bytes', async (rawPieceBytes) => {
      const content = LARGE.subarray(0, rawPieceBytes * 5_000);
      expectBytes(await undo(coding, encode(coding, content), rawPieceBytes), content);
    });

    it('gives nothing for no raw content at all', async () => {
      expectBytes(await undo(coding, new Uint8Array(0)), new Uint8Array(0));
    });

    it.each([1, 5_000])('refuses garbage in pieces of %i bytes', async (rawPieceBytes) => {
      const failure = undo(coding, concatenate([GARBAGE, textContent(5_000)]), rawPieceBytes);
      await expect(failure).rejects.toThrow(DecodeError);
      await expect(failure).rejects.toMatchObject({
        message: `Received response with content-encoding: ${coding}, but failed to decode it.`,
        code: 'decode_failed',
        sent: 'always',
        cause: expect.any(Error),
      });
    });

    it('gives pieces of at most as many bytes as are asked for', async () => {
      const decoder = createContentDecoder(coding, platform)!;
      decoder.push(encode(coding, LARGE));
      decoder.end();
      const pieces: Uint8Array[] = [];
      for (let limit = 1; ; limit = (limit * 7) % 100_003) {
        const piece = await decoder.pull(limit);
        if (piece === undefined) break;
        expect(piece.length).toBeGreaterThan(0);
        expect(piece.length).toBeLessThanOrEqual(limit);
        // Its owner may transfer it.
        expect(piece.constructor).toBe(Uint8Array);
        expect(piece.length).toBe(piece.buffer.byteLength);
        pieces.push(piece);
      }
      expectBytes(concatenate(pieces), LARGE);
      expect(await decoder.pull(1)).toBeUndefined();
    });

    it('gives what there is before there is more', async () => {
      const decoder = createContentDecoder(coding, platform)!;
      const raw = encode(coding, LARGE);
      decoder.push(raw.subarray(0, raw.length - 100));
      let bytes = 0;
      for (let piece = await decoder.pull(1e6); piece !== undefined; piece = await decoder.pull(1e6)) {
        bytes += piece.length;
      }
      // zstd makes whole blocks.
      expect(bytes).toBeGreaterThan(LARGE.length - 140_000);
      decoder.push(raw.subarray(raw.length - 100));
      decoder.end();
      for (let piece = await decoder.pull(1e6); piece !== undefined; piece = await decoder.pull(1e6)) {
        bytes += piece.length;
      }
      expect(bytes).toBe(LARGE.length);
    });
  });

  describe('gzip', () => {
    const members = ['first', 'second', 'third'].map((text) =>
      encode('gzip', new TextEncoder().encode(text)),
    );
    const all = concatenate(members);
    const large = encode('gzip', LARGE);

    it.each([1, 7, 10_000])('undoes all members, in pieces of %i bytes', async (rawPieceBytes) => {
      expectBytes(await undo('gzip', all, rawPieceBytes), new TextEncoder().encode('firstsecondthird'));
    });

    it('undoes large members and small ones', async () => {
      const content = await undo('gzip', concatenate([large, all, large]));
      expectBytes(content, concatenate([LARGE, new TextEncoder().encode('firstsecondthird'), LARGE]));
    });

    it.each([
      ['text', GARBAGE],
      ['zeros', new Uint8Array(1_000)],
      ['one byte', Uint8Array.of(0x1f)],
      ['the beginning of a header', Uint8Array.of(0x1f, 0x8b, 8, 0, 1)],
      ['a method that is none', Uint8Array.of(0x1f, 0x8b, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8)],
      ['more than is read at once', new Uint8Array(1_000_000)],
    ])('ignores %s behind a member', async (_, garbage) => {
      for (const rawPieceBytes of [1_000, 100_000]) {
        expectBytes(await undo('gzip', concatenate([large, garbage]), rawPieceBytes), LARGE);
        expectBytes(
          await undo('gzip', concatenate([members[0]!, garbage]), rawPieceBytes),
          new TextEncoder().encode('first'),
        );
      }
    });

    it('ignores a member that begins behind garbage', async () => {
      const content = await undo('gzip', concatenate([members[0]!, Uint8Array.of(0), members[1]!]));
      expectBytes(content, new TextEncoder().encode('first'));
    });

    it.each([
      ['CRC-32', 8, 'another CRC-32'],
      ['length', 4, 'another length'],
    ])('refuses another %s', async (_, fromEnd, message) => {
      for (const raw of [all.slice(), large.slice()]) {
        raw[raw.length - fromEnd]! ^= 1;
        await expect(undo('gzip', raw)).rejects.toMatchObject({
          cause: { message: expect.stringContaining(message) },
        });
      }
    });

    it('refuses a second member whose content is broken', async () => {
      const raw = concatenate([large, large]);
      raw.fill(255, large.length + 2_000, large.length + 2_100);
      await expect(undo('gzip', raw)).rejects.toThrow(DecodeError);
    });

    it('refuses a header that does not end', async () => {
      const raw = new Uint8Array(1_000_000).fill(65);
      raw.set([0x1f, 0x8b, 8, 8]);
      await expect(undo('gzip', raw)).rejects.toMatchObject({
        cause: { message: 'gzip: a header without an end' },
      });
    });
  });

  describe('deflate', () => {
    it.each([
      ['little', SMALL],
      ['much', LARGE],
    ])('undoes %s without the zlib format', async (_, content) => {
      const raw = zlib.deflateRawSync(content);
      expectBytes(await undo('deflate', raw), content);
      expectBytes(await undo('deflate', raw, 100), content);
      expectBytes(
        await undo('deflate', raw.subarray(0, 500), 1),
        await undo('deflate', raw.subarray(0, 500)),
      );
    });

    it('tries again what only looks like the zlib format', async () => {
      // A stored block with bits set that do not matter: 0x78 0x01 is what zlib begins with, too.
      const stored = new Uint8Array(5 + 0x0401);
      stored.set([0x78, 0x01, 0x04, 0xfe, 0xfb]);
      stored.set(textContent(0x0401), 5);
      const raw = concatenate([stored, zlib.deflateRawSync(SMALL)]);
      const content = concatenate([textContent(0x0401), SMALL]);
      for (const rawPieceBytes of [1, 3, 1_000_000]) {
        expectBytes(await undo('deflate', raw, rawPieceBytes), content);
      }
    });

    it('ignores what follows', async () => {
      for (const compress of [zlib.deflateSync, zlib.deflateRawSync]) {
        expectBytes(await undo('deflate', concatenate([compress(LARGE), GARBAGE])), LARGE);
        expectBytes(await undo('deflate', concatenate([compress(SMALL), GARBAGE])), SMALL);
      }
    });

    it('refuses another Adler-32', async () => {
      const raw = encode('deflate', LARGE);
      raw[raw.length - 1]! ^= 1;
      await expect(undo('deflate', raw)).rejects.toMatchObject({
        cause: { message: 'deflate: the content has another Adler-32' },
      });
    });
  });

  describe('br', () => {
    it('ignores what follows', async () => {
      for (const rawPieceBytes of [100, 1_000_000]) {
        const raw = concatenate([encode('br', LARGE), GARBAGE]);
        expectBytes(await undo('br', raw, rawPieceBytes), LARGE);
      }
    });
  });

  describe('zstd', () => {
    const frame = encode('zstd', LARGE);

    it('undoes all frames', async () => {
      const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4);
      const raw = concatenate([skippable, frame, skippable, encode('zstd', SMALL), frame]);
      expectBytes(await undo('zstd', raw), concatenate([LARGE, SMALL, LARGE]));
      expectBytes(await undo('zstd', raw, 1_000), concatenate([LARGE, SMALL, LARGE]));
    });

    it.each([1, 3, 9, 16, 19, 22])('undoes level %i', async (level) => {
      const raw = zlib.zstdCompressSync(LARGE, { params: { [constants.ZSTD_c_compressionLevel]: level } });
      expectBytes(await undo('zstd', raw), LARGE);
    });

    it('refuses a frame that is cut off', async () => {
      for (const cut of [1, 4, 5, 1_000, frame.length - 1]) {
        await expect(undo('zstd', frame.subarray(0, frame.length - cut))).rejects.toMatchObject({
          cause: { message: 'zstd: the last frame is not complete' },
        });
      }
      await expect(undo('zstd', concatenate([frame, frame.subarray(0, 2)]))).rejects.toThrow(DecodeError);
    });

    it('refuses garbage behind a frame', async () => {
      await expect(undo('zstd', concatenate([frame, GARBAGE]))).rejects.toMatchObject({
        cause: { message: 'zstd: no frame where one should begin' },
      });
    });

    it('refuses another checksum', async () => {
      const raw = frame.slice();
      raw[raw.length - 1]! ^= 1;
      await expect(undo('zstd', raw)).rejects.toThrow(DecodeError);
    });

    it('refuses another length than the frame tells', async () => {
      const raw = zlib.zstdCompressSync(SMALL);
      raw[5]! += 1;
      await expect(undo('zstd', raw)).rejects.toThrow(DecodeError);
    });

    it('refuses a window above 8 MiB', async () => {
      const content = new Uint8Array(9_000_000);
      const raw = zlib.zstdCompressSync(content, { params: { [constants.ZSTD_c_windowLog]: 24 } });
      await expect(undo('zstd', raw)).rejects.toMatchObject({
        cause: { message: expect.stringContaining('at most 8388608 bytes') },
      });
    });
  });

  describe('content that is cut off', () => {
    it.each(['gzip', 'deflate', 'br'])('%s: gives what there is', async (coding) => {
      const raw = encode(coding, LARGE);
      for (const cut of [1, 4, 9, 1_000]) {
        const got = await undo(coding, raw.subarray(0, raw.length - cut));
        expect(got.length).toBeGreaterThan(LARGE.length - 20_000);
        expectBytes(got, LARGE.subarray(0, got.length));
      }
      for (const length of [1, 2, 5, 11]) expect(await undo(coding, raw.subarray(0, length))).toHaveLength(0);
    });
  });

  describe('chains', () => {
    it.each([
      ['gzip, br'],
      ['br, gzip'],
      ['deflate,zstd'],
      ['GZIP , X-GZIP'],
      ['identity, gzip, identity, br'],
      ['gzip, deflate, br, zstd, gzip'],
    ])('undoes %s', async (contentEncoding) => {
      const codings = contentEncoding
        .toLowerCase()
        .split(',')
        .map((coding) => coding.trim());
      const known = codings.filter((coding) => coding !== 'identity');
      const raw = known.reduce((bytes, coding) => encode(coding, bytes), LARGE);
      expectBytes(await undo(contentEncoding, raw), LARGE);
      expectBytes(await undo(contentEncoding, raw, 1_000), LARGE);
    });

    it('refuses six codings', () => {
      const make = () => createContentDecoder('gzip, gzip, gzip, gzip, gzip, gzip', platform);
      expect(make).toThrow(DecodeError);
      expect(make).toThrow('Too many content encodings in the chain: 6 > 5');
    });

    it('refuses one that is not known, once there is content', async () => {
      expect(await undo('gzip, nonsense', new Uint8Array(0))).toHaveLength(0);
      await expect(undo('gzip, nonsense', encode('gzip', SMALL))).rejects.toMatchObject({
        message: 'Received response with content-encoding: gzip, nonsense, but failed to decode it.',
        cause: { message: 'content coding "nonsense" is not known' },
      });
    });

    it('refuses broken content inside of good content', async () => {
      await expect(undo('gzip, br', encode('br', GARBAGE))).rejects.toThrow(DecodeError);
    });

    it('notices inside a chain that zstd is cut off', async () => {
      const frame = encode('zstd', LARGE);
      const raw = encode('gzip', frame.subarray(0, frame.length - 10));
      await expect(undo('zstd, gzip', raw)).rejects.toThrow(DecodeError);
    });
  });

  it.each(['', 'identity', 'nonsense', 'nonsense, more'])('is none for %j', (contentEncoding) => {
    expect(createContentDecoder(contentEncoding, platform)).toBeUndefined();
  });

  it('stays failed', async () => {
    const decoder = createContentDecoder('gzip', platform)!;
    decoder.push(GARBAGE);
    const failure = await decoder.pull(1).catch((error: unknown) => error);
    await expect(decoder.pull(1)).rejects.toBe(failure);
  });

  it.each(CODINGS)('%s: gives nothing once it is closed', async (coding) => {
    const decoder = createContentDecoder(coding, platform)!;
    decoder.push(encode(coding, LARGE));
    expect(await decoder.pull(100)).toHaveLength(100);
    decoder.close();
    expect(await decoder.pull(100)).toBeUndefined();
  });

  it.each(CODINGS)('%s: may be closed while it is read', async (coding) => {
    const decoder = createContentDecoder(coding, platform)!;
    decoder.push(encode(coding, LARGE));
    const piece = decoder.pull(100);
    decoder.close();
    expect((await piece)?.length ?? 100).toBe(100);
    expect(await decoder.pull(100)).toBeUndefined();
  });
});
