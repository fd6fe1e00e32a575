import { createHash, pbkdf2, scrypt } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { INTERNALS } from '../defaults.ts';
import { Asn1Error, type Asn1Value, asn1Member, TAG } from './tls-asn1.ts';

/** Thrown for encryption that the gateway does not do. The message says what it is, and may be told. */
export class EncryptionError extends Error {
  override readonly name: string = 'EncryptionError';
}

/** Bytes of the digest's result and of its block, by its name in OpenSSL. */
const DIGESTS: Readonly<Record<string, { readonly length: number; readonly block: number }>> = {
  sha1: { length: 20, block: 64 },
  sha224: { length: 28, block: 64 },
  sha256: { length: 32, block: 64 },
  sha384: { length: 48, block: 128 },
  sha512: { length: 64, block: 128 },
};

/** Names of digests by object identifier, plain (RFC 8017 B.1) and in an HMAC (RFC 8018 B.1.2). */
const DIGEST_NAMES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

const PBKDF2 = '1.2.840.113549.1.5.12';
const SCRYPT = '1.3.6.1.4.1.11591.4.11';

/** Rounds of a derivation that is done in JavaScript before everybody else gets a turn: about 2 ms. */
const ROUNDS_PER_TURN = 1_000;

/** What is derived, in PKCS #12 (RFC 7292 B.3). */
export const PURPOSE = { key: 1, initialVector: 2, mac: 3 } as const;

/** The digest with this object identifier. @throws {@link EncryptionError} */
export function digestName(objectIdentifier: string): string {
  const name = DIGEST_NAMES[objectIdentifier];
  if (name === undefined)
    throw new EncryptionError(`it uses a digest that is not known (${objectIdentifier})`);
  return name;
}

/**
 * The key of PBES2's key derivation function (RFC 8018 §5.2, RFC 7914 §7): elsewhere than in the event loop, and at a
 * bounded cost, because whoever sent the parameters chose it.
 *
 * @throws {@link EncryptionError}, {@link Asn1Error}
 */
export async function deriveKey(derivation: Asn1Value, password: Buffer, length: number): Promise<Buffer> {
  const [algorithm, parameters] = derivation.children(TAG.sequence);
  if (algorithm === undefined || parameters === undefined) throw new Asn1Error('expected a key derivation');
  const values = parameters.children(TAG.sequence);
  const salt = asn1Member(values, 0).octets();
  const name = algorithm.objectIdentifier();
  if (name === SCRYPT) {
    const [cost, blockSize, parallelization] = [1, 2, 3].map((at) => asn1Member(values, at).integer());
    return deriveByScrypt(password, salt, length, [
      cost as number,
      blockSize as number,
      parallelization as number,
    ]);
  }
  if (name !== PBKDF2) throw new EncryptionError(`it uses a key derivation that is not known (${name})`);
  const iterations = checkedIterations(asn1Member(values, 1).integer());
  const pseudorandom = values.find(({ tag }) => tag === TAG.sequence)?.children(TAG.sequence)[0];
  // RFC 8018 A.2: "DEFAULT algid-hmacWithSHA1".
  const digest = pseudorandom === undefined ? 'sha1' : digestName(pseudorandom.objectIdentifier());
  return promisify(pbkdf2)(password, salt, iterations, length, digest);
}

async function deriveByScrypt(
  password: Buffer,
  salt: Buffer,
  length: number,
  [cost, blockSize, parallelization]: readonly [number, number, number],
): Promise<Buffer> {
  const memory = 128 * cost * blockSize;
  // The time it takes is in proportion to the memory, times the parallelization.
  if (memory * parallelization > INTERNALS.maxScryptBytes) {
    throw new EncryptionError(
      `its key derivation takes too much memory and time (${cost}, ${blockSize}, ${parallelization})`,
    );
  }
  return new Promise((resolve, reject) => {
    const options = { cost, blockSize, parallelization, maxmem: 2 * INTERNALS.maxScryptBytes };
    scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/**
 * PKCS #12's own key derivation (RFC 7292 B.2), for its MAC and its older encryption. Lets others have a turn between.
 *
 * @param password - UTF-16, big-endian, with two bytes of zero at its end (RFC 7292 B.1).
 */
export async function derivePkcs12(
  digest: string,
  purpose: number,
  {
    password,
    salt,
    iterations,
    length,
  }: { password: Buffer; salt: Buffer; iterations: number; length: number },
): Promise<Buffer> {
  const { length: hashLength, block } = DIGESTS[digest] as { length: number; block: number };
  checkedIterations(iterations);
  const diversifier = Buffer.alloc(block, purpose);
  const input = Buffer.concat([repeated(salt, block), repeated(password, block)]);
  const pieces: Buffer[] = [];
  for (let have = 0; have < length; have += hashLength) {
    let piece = createHash(digest).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) {
      if (round % ROUNDS_PER_TURN === 0) await nextTurn();
      piece = createHash(digest).update(piece).digest();
    }
    pieces.push(piece);
    const addend = repeated(piece, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOnePlus(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/** `bytes`, over and over, up to the next multiple of `block`. */
function repeated(bytes: Buffer, block: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** target = target + addend + 1, modulo its size. */
function addOnePlus(target: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = target.length - 1; at >= 0; at -= 1) {
    carry += (target[at] as number) + (addend[at] as number);
    target[at] = carry;
    carry >>= 8;
  }
}

function checkedIterations(iterations: number): number {
  if (iterations > INTERNALS.maxKeyIterations) {
    throw new EncryptionError(
      `its key derivation takes ${iterations} rounds, and at most ${INTERNALS.maxKeyIterations} are done`,
    );
  }
  return iterations;
}
