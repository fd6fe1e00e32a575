/** One thing out of a PEM text. */
export interface PemBlock {
  /** What it is, such as `CERTIFICATE` or `EC PRIVATE KEY`. */
  readonly label: string;

  /** What stands between its first line and its last. */
  readonly body: string;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** A label has capitals, digits and blanks (RFC 7468 §3). */
const LABEL = /^[A-Z0-9 ]{1,40}$/;

/**
 * What a PEM text holds, in its order; what stands between the blocks is explanatory text (RFC 7468 §5.2). Stops at the
 * first block without an end.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(BEGIN); at !== -1; ) {
    const labelAt = at + BEGIN.length;
    const labelEnd = text.indexOf(DASHES, labelAt);
    const label = text.slice(labelAt, labelEnd);
    if (labelEnd === -1 || !LABEL.test(label)) break;
    const end = text.indexOf(`-----END ${label}-----`, labelEnd);
    if (end === -1) break;
    blocks.push({ label, body: text.slice(labelEnd + DASHES.length, end) });
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

/** Does this block have headers of its own (RFC 1421 §4.6), as keys have that OpenSSL encrypted in its old way? */
export function hasHeaders({ body }: PemBlock): boolean {
  return body.includes(':');
}

/** The bytes of a block without headers; none where it holds something else than Base64. */
export function pemBytes({ body }: PemBlock): Uint8Array<ArrayBuffer> {
  try {
    return bytesOfBase64(body.replace(/\s/g, ''));
  } catch {
    return new Uint8Array(0);
  }
}

/** Bytes of Base64 (RFC 4648 §4) that is in one line. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
