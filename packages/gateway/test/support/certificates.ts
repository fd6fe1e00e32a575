import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** What a certificate is to say. */
export interface CertificateProfile {
  /** Common name. */
  readonly name: string;

  /** Who signs; itself when absent. */
  readonly issuer?: Issued;

  /** DNS names and IP addresses for which it stands (subjectAltName); none: no such extension. */
  readonly names?: readonly string[];

  /** Whether it may sign others. */
  readonly isAuthority?: boolean;

  /** Its extended key usage; absent: none is said. */
  readonly purpose?: 'server' | 'client';

  /** Valid from and until, in days from now. @defaultValue from yesterday for ten days */
  readonly days?: readonly [from: number, until: number];

  /** @defaultValue P-256 */
  readonly rsaBits?: number;
}

/** A certificate and its key. */
export interface Issued {
  readonly name: string;

  /** PEM. */
  readonly certificate: string;

  /** PKCS #8 in PEM. */
  readonly key: string;

  readonly keyObject: KeyObject;
  readonly x509: X509Certificate;
}

const DAY_MS = 86_400_000;
const ID = {
  commonName: [2, 5, 4, 3],
  subjectAltName: [2, 5, 29, 17],
  basicConstraints: [2, 5, 29, 19],
  extendedKeyUsage: [2, 5, 29, 37],
  serverAuth: [1, 3, 6, 1, 5, 5, 7, 3, 1],
  clientAuth: [1, 3, 6, 1, 5, 5, 7, 3, 2],
  ecdsaWithSha256: [1, 2, 840, 10045, 4, 3, 2],
  sha256WithRsa: [1, 2, 840, 113549, 1, 1, 11],
};

let serial = 1;

/** Makes a certificate (RFC 5280), so that a test can have any that it needs, also ones that no authority would sign. */
export function issue(profile: CertificateProfile): Issued {
  const { name, issuer, days = [-1, 10], rsaBits } = profile;
  const { privateKey } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const signer = issuer?.keyObject ?? privateKey;
  const algorithm =
    signer.asymmetricKeyType === 'rsa'
      ? der(0x30, objectIdentifier(ID.sha256WithRsa), der(0x05))
      : der(0x30, objectIdentifier(ID.ecdsaWithSha256));
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01, ...Buffer.from(String(serial++).padStart(6, '0'))]),
    algorithm,
    commonName(issuer?.name ?? name),
    der(0x30, ...days.map(time)),
    commonName(name),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions(profile))),
  );
  const signature = sign('sha256', toBeSigned, signer);
  const bytes = der(0x30, toBeSigned, algorithm, der(0x03, [0], signature));
  const x509 = new X509Certificate(bytes);
  return {
    name,
    certificate: x509.toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keyObject: privateKey,
    x509,
  };
}

/** An ASN.1 value in DER. */
export function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}

function objectIdentifier([first = 0, second = 0, ...arcs]: readonly number[]): Buffer {
  const groups = [first * 40 + second, ...arcs].map((arc) => {
    const bytes = [arc & 0x7f];
    for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
    return bytes;
  });
  return der(0x06, groups.flat());
}

function commonName(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, objectIdentifier(ID.commonName), der(0x0c, Buffer.from(name)))));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

function extensions({ names, isAuthority = false, purpose }: CertificateProfile): Buffer[] {
  const constraints = isAuthority ? [der(0x01, [0xff])] : [];
  const list = [extension(ID.basicConstraints, der(0x30, ...constraints))];
  if (names !== undefined) list.push(extension(ID.subjectAltName, der(0x30, ...names.map(alternativeName))));
  if (purpose !== undefined) {
    const usage = purpose === 'server' ? ID.serverAuth : ID.clientAuth;
    list.push(extension(ID.extendedKeyUsage, der(0x30, objectIdentifier(usage))));
  }
  return list;
}

function extension(id: readonly number[], value: Buffer): Buffer {
  return der(0x30, objectIdentifier(id), der(0x04, value));
}

function alternativeName(name: string): Buffer {
  if (isIPv4(name)) return der(0x87, name.split('.').map(Number));
  if (name === '::1') return der(0x87, [...Array<number>(15).fill(0), 1]);
  return der(0x82, Buffer.from(name, 'latin1'));
}
