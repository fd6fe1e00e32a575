/** Bytes written as hexadecimal digits; blanks are for the eye. */
export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  const compact = digits.replaceAll(/\s/g, '');
  const bytes = new Uint8Array(compact.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(compact.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Bytes as hexadecimal digits, without blanks. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** `text` as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
