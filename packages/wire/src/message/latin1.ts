import { decodeUtf8 } from '../utf8.ts';
import { varintAt, varintBytes } from './varint-at.ts';

// Field values are read as ISO-8859-1, one character per byte (RFC 9110 §5.5). The runtimes' decoders are 5 to 10 times
// as fast as `String.fromCharCode`, but none has that encoding: the label means windows-1252. What is ASCII as it
// stands, or nearly, goes to the UTF-8 decoder; the rest is rewritten for it first.

/** Bytes as text, one character per byte. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  const utf8 = new Uint8Array((to - from) * 2);
  let length = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte < 0x80) {
      utf8[length++] = byte;
    } else {
      utf8[length++] = 0xc0 | (byte >> 6);
      utf8[length++] = 0x80 | (byte & 0x3f);
    }
  }
  return decodeUtf8(utf8.subarray(0, length), 'text');
}

/** Bytes none of which is above 0x7f as text, one character per byte. */
export function ascii(bytes: Uint8Array, from: number, to: number): string {
  return decodeUtf8(bytes.subarray(from, to), 'text');
}

/**
 * A run of length-prefixed ASCII strings as text, one character per byte. The lengths, which need not be ASCII (one of
 * 128 is the bytes 0x40 0x80), are there as anything.
 */
export function asciiStrings(bytes: Uint8Array, from: number, to: number): string {
  // Not `bytes.slice()`: that of a Buffer, which is what a server's WebSocket gives, is a view, and would be written to.
  const copy = new Uint8Array(bytes.subarray(from, to));
  let at = 0;
  while (at < copy.length) {
    const first = copy[at] as number;
    if (first < 0x40) {
      at += 1 + first;
    } else {
      const length = varintAt(copy, at);
      const next = at + varintBytes(first);
      copy.fill(0, at, next);
      at = next + length;
    }
  }
  return ascii(copy, 0, copy.length);
}
