import { loadBrotli } from './brotli-wasm.ts';
import type { BuiltinZlib } from './builtin-zlib.ts';
import { crc32 } from './checksum.ts';
import { DeflateDecoder } from './deflate.ts';
import type { CodingDecoder, Engine } from './engine.ts';
import { EngineDecoder } from './engine-decoder.ts';
import { GzipDecoder } from './gzip.ts';
import { Inflate } from './inflate.ts';
import { LoadError } from './load-error.ts';
import { ZLIB_OPTIONS, ZlibEngine } from './zlib-engine.ts';
import { ZstdDecoder, type ZstdEngine } from './zstd.ts';

/**
 * Data that begins with less than this is undone here and not by `node:zlib`, whose streams, each with a thread behind it,
 * take longer to make than small content takes to be undone.
 */
const SMALL_INPUT_BYTES = 4_096;

/**
 * What undoes a coding, with as much of `node:zlib` as there is. All that is bounded there is faster than what stands in
 * for it; `DecompressionStream` is not used: it makes all that its input stands for, and is lost behind its first member.
 *
 * @throws {@link LoadError} where its decoder cannot be loaded; Error for a coding that is not known.
 */
export async function makeDecoder(coding: string, zlib: BuiltinZlib): Promise<CodingDecoder> {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return new GzipDecoder((input) => makeInflate(input, zlib), zlib.crc32 ?? crc32);
    case 'deflate':
      return new DeflateDecoder((input) => makeInflate(input, zlib));
    case 'br':
      return new EngineDecoder(
        zlib.createBrotliDecompress === undefined
          ? await loadBrotli()
          : new ZlibEngine(zlib.createBrotliDecompress(ZLIB_OPTIONS)),
      );
    case 'zstd':
      return new ZstdDecoder(
        zlib.createZstdDecompress === undefined
          ? await loadZstd()
          : zlibZstd(new ZlibEngine(zlib.createZstdDecompress(ZLIB_OPTIONS))),
      );
    default:
      throw new Error(`content coding ${JSON.stringify(coding)} is not known`);
  }
}

async function loadZstd(): Promise<ZstdEngine> {
  try {
    const { PortableZstd } = await import('./portable-zstd.ts');
    return new PortableZstd();
  } catch (cause) {
    throw new LoadError('zstd: its decoder cannot be loaded', { cause });
  }
}

function makeInflate(input: Uint8Array, zlib: BuiltinZlib): Engine {
  const engine =
    zlib.createInflateRaw === undefined || input.length < SMALL_INPUT_BYTES
      ? new Inflate()
      : new ZlibEngine(zlib.createInflateRaw(ZLIB_OPTIONS));
  engine.push(input);
  return engine;
}

function zlibZstd(engine: ZlibEngine): ZstdEngine {
  return {
    push: ({ bytes }) => engine.push(bytes),
    pull: () => engine.pull(),
    close: () => engine.close(),
  };
}
