import { Asn1Error, type Asn1Value, asn1, asn1Member, TAG } from './asn1.ts';

/** Thrown when decryption fails: the password is another one. */
export class WrongPasswordError extends Error {
  override readonly name: string = 'WrongPasswordError';
}

/** Thrown for encryption that this browser does not undo; a gateway may. The message says what it is, and may be told. */
export class UnknownEncryptionError extends Error {
  override readonly name: string = 'UnknownEncryptionError';
}

/** Thrown for encryption that no gateway undoes. The message may be told. */
export class CostlyEncryptionError extends Error {
  override readonly name: string = 'CostlyEncryptionError';
}

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** Key lengths, in bits, of the ciphers of PBES2 that Web Crypto has (RFC 8018 B.2.5): AES in CBC mode. */
const AES_CBC: Readonly<Record<string, number>> = {
  '2.16.840.1.101.3.4.1.2': 128,
  '2.16.840.1.101.3.4.1.22': 192,
  '2.16.840.1.101.3.4.1.42': 256,
};

/** Digests of an HMAC (RFC 8018 B.1) that Web Crypto has. */
const HMAC_DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'SHA-1',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.10': 'SHA-384',
  '1.2.840.113549.2.11': 'SHA-512',
};

/** Rounds of a key derivation that a gateway does at most; OpenSSL writes 2,048, Firefox 600,000. */
const MAX_ITERATIONS = 1_000_000;

/**
 * Decrypts a SEQUENCE that is encrypted under a password (RFC 8018 §6.2, PBES2).
 *
 * @throws {@link WrongPasswordError}, {@link UnknownEncryptionError}, {@link CostlyEncryptionError}, {@link Asn1Error}
 */
export async function decrypt(
  algorithm: Asn1Value,
  encrypted: Uint8Array<ArrayBuffer>,
  password: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const [scheme, parameters] = algorithm.children(TAG.sequence);
  const name = scheme?.objectIdentifier();
  if (name !== PBES2 || parameters === undefined) throw unknown(`not by PBES2 (${name})`);
  const [derivation, cipher] = parameters.children(TAG.sequence);
  if (derivation === undefined || cipher === undefined) throw new Asn1Error('expected PBES2 parameters');
  const [cipherName, initialVector] = cipher.children(TAG.sequence);
  const length = AES_CBC[cipherName?.objectIdentifier() ?? ''];
  if (length === undefined || initialVector === undefined) throw unknown('with another cipher than AES');
  const key = await derivedKey(derivation, password, length);
  const iv = initialVector.octets();
  try {
    const plain = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, encrypted));
    // One in 256 wrong passwords leaves bytes whose padding is right.
    if (asn1(plain).tag === TAG.sequence) return plain;
  } catch (cause) {
    throw new WrongPasswordError('it decrypts to nothing', { cause });
  }
  throw new WrongPasswordError('it decrypts to something else');
}

async function derivedKey(derivation: Asn1Value, password: string, length: number): Promise<CryptoKey> {
  const [name, parameters] = derivation.children(TAG.sequence);
  if (name?.objectIdentifier() !== PBKDF2 || parameters === undefined) {
    throw unknown('under a key that is not derived by PBKDF2');
  }
  const values = parameters.children(TAG.sequence);
  const salt = asn1Member(values, 0).octets();
  const iterations = asn1Member(values, 1).integer();
  if (iterations === 0) throw new Asn1Error('expected a number of rounds');
  if (iterations > MAX_ITERATIONS) {
    throw new CostlyEncryptionError(
      `its key derivation takes ${iterations} rounds, and at most ${MAX_ITERATIONS} are done`,
    );
  }
  const pseudorandom = values.find(({ tag }) => tag === TAG.sequence)?.children(TAG.sequence)[0];
  // RFC 8018 A.2: "DEFAULT algid-hmacWithSHA1".
  const hash = HMAC_DIGESTS[pseudorandom?.objectIdentifier() ?? '1.2.840.113549.2.7'];
  if (hash === undefined) throw unknown('under a key of a digest that is not known');
  const secret = new TextEncoder().encode(password);
  const { subtle } = crypto;
  const source = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  const target = { name: 'AES-CBC', length };
  try {
    return await subtle.deriveKey({ name: 'PBKDF2', hash, salt, iterations }, source, target, false, [
      'decrypt',
    ]);
  } catch (cause) {
    // Chromium has no AES of 192 bits.
    throw unknown(`with AES of ${length} bits`, cause);
  }
}

function unknown(how: string, cause?: unknown): UnknownEncryptionError {
  return new UnknownEncryptionError(`it is encrypted ${how}`, cause === undefined ? undefined : { cause });
}
