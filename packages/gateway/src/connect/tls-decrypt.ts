import { createDecipheriv } from 'node:crypto';
import { type Asn1Value, asn1Member, TAG } from './tls-asn1.ts';
import { deriveKey, derivePkcs12, EncryptionError, PURPOSE } from './tls-key-derivation.ts';

/** Thrown when decryption fails: the password is another one. */
export class PasswordError extends Error {
  override readonly name: string = 'PasswordError';
}

/** A password in the two forms that PKCS #8 and PKCS #12 know. */
export interface PasswordForms {
  /** For PBES2. */
  readonly utf8: Buffer;

  /** For PKCS #12's own derivation: UTF-16 and two zeros (RFC 7292 B.1); empty where there is no password at all. */
  readonly bmp: Buffer;
}

const PBES2 = '1.2.840.113549.1.5.13';

/** PBES2's ciphers (RFC 8018 B.2). */
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyLength: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyLength: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyLength: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyLength: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyLength: 24 },
};

/** PKCS #12's own encryption with 3DES and SHA-1 (RFC 7292 C). The rest of its ciphers are too weak for OpenSSL's default. */
const PKCS12_TRIPLE_DES = '1.2.840.113549.1.12.1.3';
const PKCS12_WEAK = /^1\.2\.840\.113549\.1\.12\.1\.|^1\.2\.840\.113549\.1\.5\.([1346]|10|11)$/;

/** The forms of a password; `undefined` for none. */
export function passwordForms(password: string | undefined): PasswordForms {
  const text = password ?? '';
  return {
    utf8: Buffer.from(text),
    bmp: password === undefined ? Buffer.alloc(0) : Buffer.from(`${text}\0`, 'utf16le').swap16(),
  };
}

/**
 * Decrypts what is encrypted under a password (RFC 8018, RFC 7292).
 *
 * @throws {@link PasswordError}, {@link EncryptionError}, {@link Asn1Error}
 */
export async function decrypt(
  algorithm: Asn1Value,
  encrypted: Buffer,
  password: PasswordForms,
): Promise<Buffer> {
  const members = algorithm.children(TAG.sequence);
  const name = asn1Member(members, 0).objectIdentifier();
  if (name === PBES2) return decryptPbes2(asn1Member(members, 1), encrypted, password.utf8);
  if (name === PKCS12_TRIPLE_DES) return decryptTripleDes(asn1Member(members, 1), encrypted, password.bmp);
  if (PKCS12_WEAK.test(name)) {
    throw new EncryptionError('it is encrypted in an old way (RC2, RC4 or DES): export it again with AES');
  }
  throw new EncryptionError(`it is encrypted in a way that is not known (${name})`);
}

async function decryptPbes2(parameters: Asn1Value, encrypted: Buffer, password: Buffer): Promise<Buffer> {
  const members = parameters.children(TAG.sequence);
  const [scheme, initialVector] = asn1Member(members, 1).children(TAG.sequence);
  const name = scheme?.objectIdentifier() ?? '';
  const cipher = CIPHERS[name];
  if (cipher === undefined || initialVector === undefined) {
    throw new EncryptionError(`it is encrypted with a cipher that is not known (${name})`);
  }
  const key = await deriveKey(asn1Member(members, 0), password, cipher.keyLength);
  return decipher(cipher.name, key, initialVector.octets(), encrypted);
}

async function decryptTripleDes(parameters: Asn1Value, encrypted: Buffer, password: Buffer): Promise<Buffer> {
  const members = parameters.children(TAG.sequence);
  const salt = asn1Member(members, 0).octets();
  const iterations = asn1Member(members, 1).integer();
  const common = { password, salt, iterations };
  const key = await derivePkcs12('sha1', PURPOSE.key, { ...common, length: 24 });
  const initialVector = await derivePkcs12('sha1', PURPOSE.initialVector, { ...common, length: 8 });
  return decipher('des-ede3-cbc', key, initialVector, encrypted);
}

function decipher(cipher: string, key: Buffer, initialVector: Buffer, encrypted: Buffer): Buffer {
  const decipher = createDecipheriv(cipher, key, initialVector);
  try {
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch (error) {
    throw new PasswordError('the padding is wrong', { cause: error });
  }
}
