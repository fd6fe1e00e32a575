/** Appears in whatever a test must not find in an error. */
export const CANARY = 'c4n4ry';

/** Looks like a certificate: the client never looks inside. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----\n`;

/** Looks like a key. */
export const KEY = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`;

/** DER of as many bytes as said: a SEQUENCE, its head included. */
export function der(length: number): Uint8Array<ArrayBuffer> {
  const head = length < 130 ? [0x30, length - 2] : [0x30, 0x82, (length - 4) >> 8, (length - 4) & 0xff];
  const bytes = new Uint8Array(length).fill(0x61);
  bytes.set(head);
  return bytes;
}

/** UTF-8. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
