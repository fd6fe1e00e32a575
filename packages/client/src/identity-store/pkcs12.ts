import { Asn1Error, type Asn1Value, asn1, asn1Member, TAG } from './asn1.ts';
import { decrypt, UnknownEncryptionError } from './password-encryption.ts';

/** What a PKCS #12 store holds, as far as it could be opened here. */
export interface Pkcs12Content {
  /** PKCS #8 (RFC 5958), no longer encrypted. */
  readonly keys: readonly Uint8Array<ArrayBuffer>[];

  /** In DER, in the store's order: the key's own may stand anywhere. */
  readonly certificates: readonly Uint8Array<ArrayBuffer>[];

  /** Why the rest of it stayed closed. */
  readonly closed: UnknownEncryptionError | undefined;
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

/** Safes in a store, and bags in a safe: programs write two and a few. Each may cost a key derivation. */
const MAX_SAFES = 8;
const MAX_BAGS = 64;

/**
 * Opens a PKCS #12 store (RFC 7292). Its MAC is not looked at: a wrong password does not get through the padding and the
 * structure of what it decrypts, and what is encrypted in a way that this browser does not know stays closed either way.
 *
 * @throws {@link WrongPasswordError}, {@link CostlyEncryptionError}, {@link Asn1Error}
 */
export async function openPkcs12(store: Uint8Array<ArrayBuffer>, password: string): Promise<Pkcs12Content> {
  const authSafe = contentInfo(asn1Member(asn1(store).children(TAG.sequence), 1));
  if (authSafe.kind !== DATA) throw new Asn1Error('expected a store that a password protects');
  const safes = asn1(authSafe.value.octets()).children(TAG.sequence);
  if (safes.length > MAX_SAFES)
    throw new Asn1Error(`expected at most ${MAX_SAFES} safes, got ${safes.length}`);
  const keys: Uint8Array<ArrayBuffer>[] = [];
  const certificates: Uint8Array<ArrayBuffer>[] = [];
  let closed: UnknownEncryptionError | undefined;
  const unlessUnknown = async (open: () => Promise<void>): Promise<void> => {
    try {
      await open();
    } catch (error) {
      if (!(error instanceof UnknownEncryptionError)) throw error;
      closed ??= error;
    }
  };
  for (const safe of safes) {
    await unlessUnknown(async () => {
      const bags = asn1(await openSafe(safe, password)).children(TAG.sequence);
      if (bags.length > MAX_BAGS)
        throw new Asn1Error(`expected at most ${MAX_BAGS} bags, got ${bags.length}`);
      for (const { kind, value } of bags.map(contentInfo)) {
        if (kind === KEY_BAG) keys.push(value.encoded);
        else if (kind === CERTIFICATE_BAG) certificates.push(...certificatesIn(value));
        else if (kind === SHROUDED_KEY_BAG) {
          await unlessUnknown(async () => void keys.push(await decryptKey(value, password)));
        }
      }
    });
  }
  return { keys, certificates, closed };
}

/**
 * Decrypts a private key (`ENCRYPTED PRIVATE KEY`, RFC 5958 §3).
 *
 * @throws {@link WrongPasswordError}, {@link UnknownEncryptionError}, {@link CostlyEncryptionError}, {@link Asn1Error}
 */
export function decryptKey(encryptedKey: Asn1Value, password: string): Promise<Uint8Array<ArrayBuffer>> {
  const [algorithm, encrypted] = encryptedKey.children(TAG.sequence);
  if (algorithm === undefined || encrypted === undefined) throw new Asn1Error('expected an encrypted key');
  return decrypt(algorithm, encrypted.octets(), password);
}

async function openSafe(safe: Asn1Value, password: string): Promise<Uint8Array<ArrayBuffer>> {
  const { kind, value } = contentInfo(safe);
  if (kind === DATA) return value.octets();
  if (kind !== ENCRYPTED_DATA) throw new Asn1Error('expected a safe that a password protects');
  const [, algorithm, encrypted] = asn1Member(value.children(TAG.sequence), 1).children(TAG.sequence);
  if (algorithm === undefined || encrypted === undefined) throw new Asn1Error('expected encrypted content');
  return decrypt(algorithm, encrypted.octets(TAG.context0), password);
}

function contentInfo(info: Asn1Value): { kind: string; value: Asn1Value } {
  const members = info.children(TAG.sequence);
  return {
    kind: asn1Member(members, 0).objectIdentifier(),
    value: asn1Member(asn1Member(members, 1).children(TAG.context0Constructed), 0),
  };
}

function certificatesIn(bag: Asn1Value): Uint8Array<ArrayBuffer>[] {
  const { kind, value } = contentInfo(bag);
  return kind === X509_CERTIFICATE ? [value.octets()] : [];
}
