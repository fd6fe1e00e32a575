/** One thing out of a PEM text. */
export interface PemBlock {
  /** What it is, such as `CERTIFICATE` or `EC PRIVATE KEY`. */
  readonly label: string;

  /** All of it, from its first line to its last. */
  readonly text: string;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** A label has capitals, digits and blanks (RFC 7468 §3); `TRUSTED CERTIFICATE REQUEST…` are the longest in use. */
const LABEL = /^[A-Z0-9 ]{1,40}$/;

/**
 * What a PEM text holds, in its order; what stands between the blocks is explanatory text (RFC 7468 §5.2). Takes time in
 * proportion to the text, whatever it holds: it stops at the first block without an end.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(BEGIN); at !== -1; ) {
    const labelAt = at + BEGIN.length;
    const labelEnd = text.indexOf(DASHES, labelAt);
    const label = text.slice(labelAt, labelEnd);
    if (labelEnd === -1 || !LABEL.test(label)) break;
    const last = `-----END ${label}-----`;
    const lastAt = text.indexOf(last, labelEnd);
    if (lastAt === -1) break;
    const end = lastAt + last.length;
    blocks.push({ label, text: text.slice(at, end) });
    at = text.indexOf(BEGIN, end);
  }
  return blocks;
}

/** Is this block a certificate? OpenSSL knows three names for one. */
export function isCertificate({ label }: PemBlock): boolean {
  return label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' || label === 'TRUSTED CERTIFICATE';
}

/** Is this block a private key, of whatever form? */
export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}

/** The bytes of a block that has no headers of its own (RFC 1421 §4.6). */
export function pemBytes({ text }: PemBlock): Buffer {
  return Buffer.from(text.slice(text.indexOf('\n'), text.lastIndexOf('\n')), 'base64');
}

/** Bytes as a block. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `${BEGIN}${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
