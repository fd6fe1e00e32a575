import { describe, expect, test } from 'vitest';
import { createContentDecoder } from '../../packages/client/src/decode/content-decoder.ts';
import { acceptEncoding } from '../../packages/client/src/decode/content-encoding.ts';
import { DecodeError } from '../../packages/client/src/decode/decode-error.ts';
import { type ContentSource, DecodedBody } from '../../packages/client/src/decode/decoded-body.ts';
import { compressed, concatenated } from '../support/compressed.ts';
import { decodedStream } from '../support/decoded-stream.ts';

// The same in Node, which has node:zlib for all of it, and in Chromium, where brotli-wasm and the client itself do it.

const CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const;
type Coding = (typeof CODINGS)[number];

const CONTENT = new TextEncoder().encode(
  Array.from({ length: 30_000 }, (_, i) => `line ${(i * i) % 97} of ${i % 1_000}\n`).join(''),
);
const LITTLE = new TextEncoder().encode('Grüße');
const GARBAGE = new TextEncoder().encode('this is no compressed content'.repeat(100));

/** Content that comes in pieces of so many bytes. */
function source(raw: Uint8Array, pieceBytes = 10_000): ContentSource & { isCancelled: boolean } {
  let at = 0;
  return {
    isCancelled: false,
    async next(limitBytes = pieceBytes) {
      const piece = raw.slice(at, at + Math.min(limitBytes, pieceBytes));
      at += piece.length;
      return piece.length === 0 ? undefined : piece;
    },
    cancel() {
      this.isCancelled = true;
    },
  };
}

async function decoded(contentEncoding: string, raw: Uint8Array, pieceBytes?: number): Promise<Uint8Array> {
  const stream = decodedStream(source(raw, pieceBytes), contentEncoding);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function expectBytes(got: Uint8Array, expected: Uint8Array): void {
  expect(got.length).toBe(expected.length);
  expect(got.findIndex((byte, at) => byte !== expected[at])).toBe(-1);
}

async function expectDecodeError(
  failure: Promise<unknown>,
  contentEncoding: string,
  cause?: string,
): Promise<void> {
  const error = await failure.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DecodeError);
  expect(error).toMatchObject({
    message: `Received response with content-encoding: ${contentEncoding}, but failed to decode it.`,
    cause: cause === undefined ? expect.anything() : { message: expect.stringContaining(cause) },
  });
}

/** As {@link decoded}, with the errors themselves: Chromium replaces those of a stream it reads. */
async function read(contentEncoding: string, raw: Uint8Array, pieceBytes?: number): Promise<number> {
  const body = new DecodedBody(source(raw, pieceBytes), createContentDecoder(contentEncoding)!);
  let bytes = 0;
  for (let piece = await body.next(); piece !== undefined; piece = await body.next()) bytes += piece.length;
  return bytes;
}

test('all codings are accepted', () => {
  expect(acceptEncoding()).toBe('gzip,deflate,br,zstd');
});

describe.each(CODINGS)('%s', (coding) => {
  test('is undone', async () => {
    for (const content of [new Uint8Array(0), LITTLE, CONTENT]) {
      const raw = await compressed(coding, content);
      expectBytes(await decoded(coding, raw), content);
      expectBytes(await decoded(coding.toUpperCase(), raw, 65_536), content);
    }
    expectBytes(await decoded(coding, await compressed(coding, LITTLE), 1), LITTLE);
    expect(await decoded(coding, new Uint8Array(0))).toHaveLength(0);
  });

  test('is undone from what does not compress', async () => {
    const random = crypto.getRandomValues(new Uint8Array(60_000));
    const content = concatenated(random, CONTENT, random, random);
    for (const level of [1, 9])
      expectBytes(await decoded(coding, await compressed(coding, content, { level })), content);
  });

  test('that is garbage is a DecodeError', async () => {
    await expectDecodeError(read(coding, GARBAGE), coding);
    await expectDecodeError(read(coding, GARBAGE, 1), coding);
    const raw = await compressed(coding, CONTENT);
    raw.fill(255, raw.length / 3, (raw.length * 2) / 3);
    await expectDecodeError(read(coding, raw), coding);
  });

  test('is read in pieces of at most as many bytes as are asked for', async () => {
    const raw = await compressed(coding, CONTENT);
    const body = new DecodedBody(source(raw, 1_000), createContentDecoder(coding)!);
    const pieces: Uint8Array[] = [];
    for (let limit = 1; ; limit = (limit * 7) % 100_003) {
      const piece = await body.next(limit);
      if (piece === undefined) break;
      expect(piece.length).toBeLessThanOrEqual(limit);
      expect(piece.length).toBe(piece.buffer.byteLength);
      pieces.push(piece);
    }
    expectBytes(concatenated(...pieces), CONTENT);
    expect(body.rawBytes).toBe(raw.length);
  });
});

test('gzip of many members, with garbage behind them', async () => {
  const members = concatenated(
    await compressed('gzip', CONTENT),
    await compressed('gzip', LITTLE),
    await compressed('gzip', new Uint8Array(0)),
    await compressed('gzip', CONTENT),
  );
  const content = concatenated(CONTENT, LITTLE, CONTENT);
  expectBytes(await decoded('gzip', members), content);
  expectBytes(await decoded('x-gzip', concatenated(members, GARBAGE)), content);
  expectBytes(await decoded('gzip', concatenated(members, new Uint8Array(100_000)), 100), content);
});

test('gzip with another CRC-32 is a DecodeError', async () => {
  for (const content of [LITTLE, CONTENT]) {
    const raw = await compressed('gzip', content);
    raw[raw.length - 8]! ^= 1;
    await expectDecodeError(read('gzip', raw), 'gzip', 'CRC-32');
  }
});

test('deflate without the zlib format, and with another Adler-32', async () => {
  expectBytes(await decoded('deflate', await compressed('deflate-raw', CONTENT), 100), CONTENT);
  expectBytes(await decoded('deflate', await compressed('deflate-raw', LITTLE), 1), LITTLE);
  const raw = await compressed('deflate', CONTENT);
  raw[raw.length - 1]! ^= 1;
  await expectDecodeError(read('deflate', raw), 'deflate', 'Adler-32');
});

test('br with garbage behind it', async () => {
  const raw = concatenated(await compressed('br', CONTENT), GARBAGE);
  expectBytes(await decoded('br', raw), CONTENT);
  expectBytes(await decoded('br', raw, 65_536), CONTENT);
});

test('zstd of several frames', async () => {
  const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2);
  const frames = concatenated(
    await compressed('zstd', CONTENT),
    skippable,
    await compressed('zstd', LITTLE),
    await compressed('zstd', CONTENT, { level: 19 }),
  );
  expectBytes(await decoded('zstd', frames, 100), concatenated(CONTENT, LITTLE, CONTENT));
});

test('zstd that is cut off, goes on with garbage, has another checksum or too large a window', async () => {
  const raw = await compressed('zstd', CONTENT);
  for (const cut of [1, 5, raw.length - 2]) {
    await expectDecodeError(read('zstd', raw.subarray(0, raw.length - cut)), 'zstd', 'not complete');
  }
  await expectDecodeError(read('zstd', concatenated(raw, GARBAGE)), 'zstd', 'no frame');
  raw[raw.length - 1]! ^= 1;
  await expectDecodeError(read('zstd', raw), 'zstd');
  const large = await compressed('zstd', 9_000_000, { windowLog: 24 });
  await expectDecodeError(read('zstd', large), 'zstd', 'at most 8388608 bytes');
});

test.each(['gzip', 'deflate', 'br'] as const)('%s that is cut off gives what there is', async (coding) => {
  const raw = await compressed(coding, CONTENT);
  for (const cut of [1, 5, 500]) {
    const got = await decoded(coding, raw.subarray(0, raw.length - cut));
    expect(got.length).toBeGreaterThan(CONTENT.length / 2);
    expectBytes(got, CONTENT.subarray(0, got.length));
  }
});

test('chains of up to five codings', async () => {
  for (const chain of [
    'gzip, br',
    'zstd,deflate',
    'br, zstd, identity, gzip',
    'gzip, deflate, br, zstd, gzip',
  ]) {
    const codings = chain.split(',').map((coding) => coding.trim());
    let raw: Uint8Array = CONTENT;
    for (const coding of codings) if (coding !== 'identity') raw = await compressed(coding as Coding, raw);
    expectBytes(await decoded(chain, raw), CONTENT);
  }
  expect(() => createContentDecoder('br, br, br, br, br, br')).toThrow(
    'Too many content encodings in the chain: 6 > 5',
  );
});

test('a coding that is not known: passed on alone, a DecodeError beside others', async () => {
  expect(createContentDecoder('nonsense')).toBeUndefined();
  expectBytes(await decoded('nonsense', GARBAGE), GARBAGE);
  await expectDecodeError(read('gzip, nonsense', GARBAGE), 'gzip, nonsense', '"nonsense"');
});

// A megabyte, or less, that stands for a gigabyte: nothing of it is made that is not read.
test.each([
  ['gzip', 100],
  ['br', 20],
  ['zstd', 20],
] as const)('%s: a bomb is read as far as one likes', async (coding, parts) => {
  const part = await compressed(coding, 10_000_000);
  // Brotli does not go on behind its end: one part has it all.
  const raw =
    coding === 'br'
      ? await compressed(coding, 10_000_000 * parts)
      : concatenated(...Array.from({ length: parts }, () => part));
  expect(raw.length).toBeLessThan(1_050_000);
  expect(await read(coding, raw, 65_536)).toBe(10_000_000 * parts);
  const bomb = source(raw, 65_536);
  const body = new DecodedBody(bomb, createContentDecoder(coding)!);
  expect(await body.next(65_536)).toHaveLength(65_536);
  body.cancel();
  expect(bomb.isCancelled).toBe(true);
});
