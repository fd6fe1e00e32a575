import { builtinZlib } from './builtin-zlib.ts';

/** The codings that can be undone (RFC 9110 §8.4.1; RFC 7932; RFC 8878). */
const CODINGS: readonly string[] = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'];

/** A WebAssembly module that holds nothing. */
const EMPTY_MODULE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

let accepted: string | undefined;

/**
 * The codings of a `content-encoding`, in the order they were applied and in lower case; `undefined` where the content
 * is to be passed on as it is, because there are none or none of them is known (urllib3). `identity` is left out.
 *
 * @param contentEncoding - value of the field (RFC 9110 §8.4).
 */
export function contentCodings(contentEncoding: string): readonly string[] | undefined {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  return codings.some((coding) => CODINGS.includes(coding)) ? codings : undefined;
}

/**
 * What can be undone on this platform, as a value for `accept-encoding` in urllib3's form. Loads nothing. Without a
 * native decoder, `br` needs WebAssembly, which a Content Security Policy may forbid.
 */
export function acceptEncoding(): string {
  accepted ??= `gzip,deflate,${canUndoBrotli() ? 'br,' : ''}zstd`;
  return accepted;
}

/**
 * What to ask for where nobody has said: {@link acceptEncoding} without `br` where that would load half a megabyte of
 * WebAssembly with the first answer.
 */
export function usualAcceptEncoding(): string {
  return hasNativeBrotli() ? acceptEncoding() : 'gzip,deflate,zstd';
}

function hasNativeBrotli(): boolean {
  return builtinZlib()?.createBrotliDecompress !== undefined;
}

function canUndoBrotli(): boolean {
  if (hasNativeBrotli()) return true;
  try {
    return new WebAssembly.Module(Uint8Array.from(EMPTY_MODULE)) !== undefined;
  } catch {
    return false;
  }
}
