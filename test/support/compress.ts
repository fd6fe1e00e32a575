import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { Compression } from './control-api.ts';

/** Compresses with `node:zlib`. */
export function compress(compression: Compression): { base64: string } {
  const { content } = compression;
  const bytes = typeof content === 'number' ? new Uint8Array(content) : Buffer.from(content, 'base64');
  return { base64: compressed(bytes, compression).toString('base64') };
}

function compressed(bytes: Uint8Array, { coding, level, windowLog }: Compression): Buffer {
  const {
    BROTLI_PARAM_QUALITY: quality,
    ZSTD_c_compressionLevel: zstdLevel,
    ZSTD_c_checksumFlag: checksum,
    ZSTD_c_windowLog: window,
  } = constants;
  switch (coding) {
    case 'gzip':
      return gzipSync(bytes, { level });
    case 'deflate':
      return deflateSync(bytes, { level });
    case 'deflate-raw':
      return deflateRawSync(bytes, { level });
    case 'br':
      return brotliCompressSync(bytes, { params: { [quality]: level ?? 5 } });
    case 'zstd':
      return zstdCompressSync(bytes, {
        params: {
          [zstdLevel]: level ?? 3,
          [checksum]: 1,
          ...(windowLog !== undefined && { [window]: windowLog }),
        },
      });
  }
}
