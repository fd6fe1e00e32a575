import { control } from './control.ts';
import type { Compression } from './control-api.ts';

/** What `node:zlib` makes of content, or of so many zeros; from Node or from a page. */
export async function compressed(
  coding: Compression['coding'],
  content: Uint8Array | number,
  options: Pick<Compression, 'level' | 'windowLog'> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { base64 } = await control('compress', {
    coding,
    content: typeof content === 'number' ? content : toBase64(content),
    ...options,
  });
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1024) {
    text += String.fromCharCode(...bytes.subarray(at, at + 1024));
  }
  return btoa(text);
}

/** One array with the bytes of all. */
export function concatenated(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
