import { createHmac, timingSafeEqual } from 'node:crypto';
import { Asn1Error, type Asn1Value, asn1, asn1Member, TAG } from './tls-asn1.ts';
import { decrypt, PasswordError, type PasswordForms, passwordForms } from './tls-decrypt.ts';
import { derivePkcs12, digestName, EncryptionError, PURPOSE } from './tls-key-derivation.ts';

/** What a PKCS #12 store holds, in DER. */
export interface Pkcs12Content {
  /** PKCS #8 (RFC 5958), no longer encrypted. */
  readonly key: Buffer;

  /** In the store's order: the key's own may stand anywhere. */
  readonly certificates: readonly Buffer[];
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

/** Safes in a store: programs write two, one for certificates and one for keys. Each may cost a key derivation. */
const MAX_SAFES = 8;

interface Bag {
  readonly kind: string;
  readonly value: Asn1Value;
}

/**
 * Opens a PKCS #12 store (RFC 7292).
 *
 * Node can load one too, but then it trusts every authority in it toward any server, blocks the event loop for as long as
 * the store's author wishes, and says little about what is wrong.
 *
 * @throws {@link PasswordError}, {@link EncryptionError}, {@link Asn1Error}
 */
export async function openPkcs12(store: Buffer, password: string | undefined): Promise<Pkcs12Content> {
  const [, authSafe, mac] = asn1(store).children(TAG.sequence);
  if (authSafe === undefined) throw new Asn1Error('expected an authSafe');
  const { kind, value } = readContentInfo(authSafe);
  if (kind !== DATA) throw new EncryptionError('it is protected with public keys, not with a password');
  const content = value.octets();
  const forms = await formsFor(password, content, mac);
  const safes = asn1(content).children(TAG.sequence);
  if (safes.length > MAX_SAFES)
    throw new EncryptionError(`it has ${safes.length} safes, at most ${MAX_SAFES} are read`);
  const bags: Bag[] = [];
  for (const safe of safes) bags.push(...readBags(await openSafe(safe, forms)));
  return {
    key: await readKey(bags, forms),
    certificates: bags.flatMap((bag) => (bag.kind === CERTIFICATE_BAG ? readCertificate(bag.value) : [])),
  };
}

function readContentInfo(info: Asn1Value): { kind: string; value: Asn1Value } {
  const members = info.children(TAG.sequence);
  return {
    kind: asn1Member(members, 0).objectIdentifier(),
    value: asn1Member(asn1Member(members, 1).children(TAG.context0Constructed), 0),
  };
}

/** The password as the store knows it. An empty one is written in two ways, and only the MAC tells which (as OpenSSL). */
async function formsFor(
  password: string | undefined,
  content: Buffer,
  mac: Asn1Value | undefined,
): Promise<PasswordForms> {
  const forms = passwordForms(password ?? '');
  if (mac === undefined || (await isMacOf(content, mac, forms))) return forms;
  const none = passwordForms(undefined);
  if (!password && (await isMacOf(content, mac, none))) return none;
  throw new PasswordError('the MAC is another one');
}

async function isMacOf(content: Buffer, mac: Asn1Value, { bmp }: PasswordForms): Promise<boolean> {
  const [info, salt, iterations] = mac.children(TAG.sequence);
  if (info === undefined || salt === undefined) throw new Asn1Error('expected a MAC');
  const [algorithm, expected] = info.children(TAG.sequence);
  if (algorithm === undefined || expected === undefined) throw new Asn1Error('expected a digest');
  const digest = digestName(asn1Member(algorithm.children(TAG.sequence), 0).objectIdentifier());
  const wanted = expected.octets();
  const key = await derivePkcs12(digest, PURPOSE.mac, {
    password: bmp,
    salt: salt.octets(),
    iterations: iterations?.integer() ?? 1,
    length: wanted.length,
  });
  const computed = createHmac(digest, key).update(content).digest();
  return computed.length === wanted.length && timingSafeEqual(computed, wanted);
}

async function openSafe(safe: Asn1Value, forms: PasswordForms): Promise<Buffer> {
  const { kind, value } = readContentInfo(safe);
  if (kind === DATA) return value.octets();
  if (kind !== ENCRYPTED_DATA) throw new EncryptionError('one of its safes is protected with a public key');
  const [, algorithm, encrypted] = asn1Member(value.children(TAG.sequence), 1).children(TAG.sequence);
  if (algorithm === undefined || encrypted === undefined) throw new Asn1Error('expected encrypted content');
  return decrypt(algorithm, encrypted.octets(TAG.context0), forms);
}

function readBags(safe: Buffer): readonly Bag[] {
  return asn1(safe).children(TAG.sequence).map(readContentInfo);
}

async function readKey(bags: readonly Bag[], forms: PasswordForms): Promise<Buffer> {
  const keys = bags.filter(({ kind }) => kind === KEY_BAG || kind === SHROUDED_KEY_BAG);
  const [bag] = keys;
  if (bag === undefined || keys.length > 1) {
    throw new EncryptionError(`expected one private key in it, got ${keys.length}`);
  }
  return bag.kind === KEY_BAG ? bag.value.encoded : decryptKey(bag.value, forms);
}

/** Decrypts a private key (`ENCRYPTED PRIVATE KEY`, RFC 5958 §3). */
export async function decryptKey(encryptedKey: Asn1Value, forms: PasswordForms): Promise<Buffer> {
  const [algorithm, encrypted] = encryptedKey.children(TAG.sequence);
  if (algorithm === undefined || encrypted === undefined) throw new Asn1Error('expected an encrypted key');
  return decrypt(algorithm, encrypted.octets(), forms);
}

function readCertificate(bag: Asn1Value): Buffer[] {
  const { kind, value } = readContentInfo(bag);
  return kind === X509_CERTIFICATE ? [value.octets()] : [];
}
