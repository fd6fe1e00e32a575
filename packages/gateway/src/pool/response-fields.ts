import type { FieldLines } from '@hip/wire';
import { isConnectionSpecific, withoutConnectionOptions } from './connection-specific-fields.ts';

/**
 * Field lines as a parser found them (name and value in turn, as bytes) in the form that goes toward the client: names
 * in lower case, values as latin-1 without surrounding white space, without what is about this connection.
 */
export function responseFields(raw: readonly Buffer[]): FieldLines {
  const fields: FieldLines = [];
  let connection = '';
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as Buffer).toString('latin1').toLowerCase();
    if (name === 'connection') {
      const value = trimmedLatin1(raw[at + 1] as Buffer);
      connection = connection === '' ? value : `${connection},${value}`;
    } else if (!isConnectionSpecific(name)) {
      fields.push(name, trimmedLatin1(raw[at + 1] as Buffer));
    }
  }
  return connection === '' ? fields : withoutConnectionOptions(fields, connection);
}

/**
 * A trailer section. RFC 9110 §6.5.1: framing and routing fields have no place there, so a length that comes this late
 * is not passed on.
 */
export function trailerFields(raw: readonly Buffer[]): FieldLines {
  if (raw.length === 0) return [];
  return withoutConnectionOptions(responseFields(raw), 'content-length, host');
}

/** RFC 9112 §5: optional white space around a field value is not part of it. */
function trimmedLatin1(bytes: Buffer): string {
  let start = 0;
  let end = bytes.length;
  while (start < end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end - 1])) end -= 1;
  return bytes.toString('latin1', start, end);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
