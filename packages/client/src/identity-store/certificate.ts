import { Asn1Error, type Asn1Value, asn1, asn1Member, TAG } from './asn1.ts';
import { distinguishedName } from './distinguished-name.ts';

/** What is worth showing of a certificate. */
export interface CertificateFacts {
  /** Whom it names, as RFC 4514 writes it: `CN=alice,O=Example`. */
  readonly subject: string;

  /** Who signed it. */
  readonly issuer: string;

  /** In hexadecimal, upper case. */
  readonly serialNumber: string;

  /** When it begins to be valid. */
  readonly notBefore: Date;

  /** When it ceases to be valid. */
  readonly notAfter: Date;

  /** SHA-256 of all of it: `AB:CD:…`. */
  readonly fingerprint: string;
}

/** A certificate (RFC 5280 §4.1), as far as it matters whose it is. */
export interface Certificate {
  readonly facts: CertificateFacts;

  /** SubjectPublicKeyInfo: the public key. */
  readonly publicKey: Asn1Value;
}

/** Year from which on two digits mean the 20th century (RFC 5280 §4.1.2.5.1). */
const CENTURY_SPLIT = 50;

/** Reads a certificate in DER. @throws {@link Asn1Error} */
export async function readCertificate(der: Uint8Array<ArrayBuffer>): Promise<Certificate> {
  const whole = asn1(der);
  const fields = asn1Member(whole.children(TAG.sequence), 0).children(TAG.sequence);
  // "version [0] EXPLICIT Version DEFAULT v1": the others stand one place earlier without it.
  const first = fields[0]?.tag === TAG.context0Constructed ? 1 : 0;
  const field = (index: number): Asn1Value => asn1Member(fields, first + index);
  const [notBefore, notAfter] = [0, 1].map((at) => time(asn1Member(field(3).children(TAG.sequence), at)));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', whole.encoded));
  return {
    facts: {
      subject: distinguishedName(field(4)),
      issuer: distinguishedName(field(2)),
      // What a serial number with its first bit set has before it says that it is positive.
      serialNumber: hexadecimal(field(0).content)
        .join('')
        .replace(/^00(?=.)/, ''),
      notBefore: notBefore as Date,
      notAfter: notAfter as Date,
      fingerprint: hexadecimal(digest).join(':'),
    },
    publicKey: field(5),
  };
}

/** UTCTime or GeneralizedTime, which certificates write in UTC and to the second (RFC 5280 §4.1.2.5). */
function time({ tag, content }: Asn1Value): Date {
  const text = String.fromCharCode(...content);
  const digits = tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < CENTURY_SPLIT ? 20 : 19}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (parts === null) throw new Asn1Error('expected a time');
  const [, year, month, day, hour, minute, second] = parts.map(Number) as [number, ...number[]];
  return new Date(Date.UTC(year as number, (month as number) - 1, day, hour, minute, second));
}

function hexadecimal(bytes: Uint8Array): string[] {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase());
}
