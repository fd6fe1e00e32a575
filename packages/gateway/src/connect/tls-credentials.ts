import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { TlsSettings } from '@hip/wire';
import { INTERNALS } from '../defaults.ts';
import { FailureError, failed } from '../errors.ts';
import type { IdentityOptions } from '../options.ts';
import { asn1 } from './tls-asn1.ts';
import { PasswordError, passwordForms } from './tls-decrypt.ts';
import { EncryptionError } from './tls-key-derivation.ts';
import { isCertificate, isPrivateKey, type PemBlock, pemBlocks, pemBytes, toPem } from './tls-pem.ts';
import { decryptKey, openPkcs12, type Pkcs12Content } from './tls-pkcs12.ts';

/** A client certificate and its key, ready for use. */
export interface Credentials {
  /** The certificate and what follows it up to its authority, in PEM. */
  readonly certificates: string;

  /** PKCS #8 in PEM, no longer encrypted. */
  readonly key: string;
}

/** What the options are called, where something is wrong with them. */
interface OptionNames {
  readonly certificate: string;
  readonly key: string;
  readonly password: string;
  readonly store: string;
}

const CLIENT_OPTIONS: OptionNames = {
  certificate: 'certFile',
  key: 'keyFile',
  password: 'keyPassword',
  store: 'pfx',
};

/** Base64 (RFC 4648 §4), in lines or not. */
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * The client certificate that the settings ask for, if any. Rejects with a {@link FailureError} that names the option
 * and holds nothing of its value.
 *
 * @param identity - the operator's, where the settings name one.
 */
export async function readCredentials(
  settings: TlsSettings,
  identity: IdentityOptions | undefined,
): Promise<Credentials | undefined> {
  checkCombination(settings);
  const { certFile, keyFile, keyPassword, pfx } = settings;
  if (settings.identity !== undefined) {
    if (identity === undefined) throw wrong('identity: the gateway keeps none of this name for you');
    return readIdentity(identity, 'identity');
  }
  if (pfx !== undefined) return readStore(base64(pfx), keyPassword, CLIENT_OPTIONS);
  if (certFile === undefined) return undefined;
  return readPem(certFile, keyFile, keyPassword, CLIENT_OPTIONS);
}

/**
 * {@link readCredentials} for what the operator keeps.
 *
 * @param name - what it is called in error messages.
 */
function readIdentity(identity: IdentityOptions, name: string): Promise<Credentials> {
  const names = {
    certificate: `${name} (its certificate)`,
    key: `${name} (its key)`,
    password: `${name} (its password)`,
    store: `${name} (its PKCS #12 store)`,
  };
  if ('pfx' in identity) return readStore(Buffer.from(identity.pfx), identity.pfxPassword, names);
  return readPem(identity.cert, identity.key, identity.keyPassword, names);
}

/** Options that contradict each other, or that would have no effect. */
function checkCombination({ certFile, keyFile, keyPassword, pfx, identity }: TlsSettings): void {
  const sources = Object.entries({ certFile, pfx, identity }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (sources.length > 1) {
    throw wrong(
      `${sources.join(' and ')}: expected one of them, because each names the client certificate to use`,
    );
  }
  if (keyFile !== undefined && certFile === undefined) {
    throw wrong('keyFile: expected certFile beside it, the certificate that the key belongs to');
  }
  if (keyPassword !== undefined && certFile === undefined && pfx === undefined) {
    throw wrong('keyPassword: expected certFile or pfx beside it, whose key it decrypts');
  }
}

async function readPem(
  certFile: string,
  keyFile: string | undefined,
  password: string | undefined,
  names: OptionNames,
): Promise<Credentials> {
  const blocks = pemBlocks(certFile);
  const certificates = readCertificates(blocks, names.certificate);
  const keyName = keyFile === undefined ? names.certificate : names.key;
  const block = (keyFile === undefined ? blocks : pemBlocks(keyFile)).find(isPrivateKey);
  if (block === undefined) {
    throw wrong(
      keyFile === undefined
        ? `${names.key}: expected a private key, here or in ${names.certificate}, got none`
        : `${names.key}: expected a private key in PEM, got something else`,
    );
  }
  const key = await readKey(block, password, keyName, names);
  if (!certificates[0]?.certificate.checkPrivateKey(key)) {
    throw wrong(
      `${keyName}: the private key does not belong to the certificate, the first one in ${names.certificate} (KEY_VALUES_MISMATCH)`,
    );
  }
  return { certificates: certificates.map(({ text }) => text).join('\n'), key: exported(key) };
}

/**
 * The certificates among PEM blocks, each of which must be one that can be read: OpenSSL passes over the others in
 * silence.
 *
 * @throws {@link FailureError} naming `option`.
 */
export function readCertificates(
  blocks: readonly PemBlock[],
  option: string,
): { text: string; certificate: X509Certificate }[] {
  const found = blocks.filter(isCertificate);
  if (found.length === 0) {
    throw wrong(`${option}: expected certificates in PEM (-----BEGIN CERTIFICATE-----), got none`);
  }
  return found.map(({ text }, index) => {
    try {
      return { text, certificate: new X509Certificate(text) };
    } catch (error) {
      throw wrong(`${option}: certificate ${index + 1} of ${found.length} cannot be read`, error);
    }
  });
}

/** The key of a PEM block. OpenSSL would ask a terminal for a password that is missing. */
async function readKey(
  block: PemBlock,
  password: string | undefined,
  option: string,
  names: OptionNames,
): Promise<KeyObject> {
  const isPkcs8 = block.label === 'ENCRYPTED PRIVATE KEY';
  const isEncrypted = isPkcs8 || /^Proc-Type: .*ENCRYPTED/m.test(block.text);
  if (isEncrypted && password === undefined) {
    throw wrong(`${option}: Client private key is encrypted, password is required: give ${names.password}`);
  }
  try {
    if (!isEncrypted) return checkedKey(createPrivateKey(block.text), option);
    if (isPkcs8) return checkedKey(await readPkcs8(block, password ?? ''), option);
    return checkedKey(createPrivateKey({ key: block.text, passphrase: password ?? '' }), option);
  } catch (error) {
    throw unreadable(error, { option, password: names.password, isEncrypted });
  }
}

async function readPkcs8(block: PemBlock, password: string): Promise<KeyObject> {
  const key = await decryptKey(asn1(pemBytes(block)), passwordForms(password));
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } catch (error) {
    // One in 256 wrong passwords leaves bytes whose padding is right.
    throw new PasswordError('it decrypts to no key', { cause: error });
  }
}

async function readStore(
  store: Buffer,
  password: string | undefined,
  names: OptionNames,
): Promise<Credentials> {
  let content: Pkcs12Content;
  let key: KeyObject;
  try {
    content = await openPkcs12(store, password);
    key = checkedKey(createPrivateKey({ key: content.key, format: 'der', type: 'pkcs8' }), names.store);
  } catch (error) {
    if (error instanceof PasswordError && password === undefined) {
      throw wrong(`${names.store}: it is encrypted, password is required: give ${names.password}`, error);
    }
    throw unreadable(error, { option: names.store, password: names.password, isEncrypted: false });
  }
  const blocks = content.certificates.map((bytes) => ({
    label: 'CERTIFICATE',
    text: toPem('CERTIFICATE', bytes),
  }));
  const certificates = readCertificates(blocks, names.store);
  const own = certificates.find(({ certificate }) => certificate.checkPrivateKey(key));
  if (own === undefined) throw wrong(`${names.store}: none of its certificates belongs to its private key`);
  return { certificates: chainOf(own, certificates).join(''), key: exported(key) };
}

/** `own`, its issuer, and so on. An authority that signed itself is left out: whoever needs it has it (RFC 8446 §4.4.2). */
function chainOf<T extends { text: string; certificate: X509Certificate }>(
  own: T,
  all: readonly T[],
): string[] {
  const chain = [own];
  for (let last = own; chain.length <= all.length; ) {
    const { certificate } = last;
    const issuer = all.find((each) => !chain.includes(each) && certificate.checkIssued(each.certificate));
    if (issuer === undefined || issuer.certificate.checkIssued(issuer.certificate)) break;
    chain.push(issuer);
    last = issuer;
  }
  return chain.map(({ text }) => text);
}

function checkedKey(key: KeyObject, option: string): KeyObject {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits > INTERNALS.maxRsaKeyBits) {
    throw wrong(`${option}: expected a key of at most ${INTERNALS.maxRsaKeyBits} bits, got ${bits}`);
  }
  return key;
}

function exported(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function base64(text: string): Buffer {
  if (!BASE64.test(text)) throw wrong('pfx: expected a PKCS #12 store in Base64, got something else');
  return Buffer.from(text, 'base64');
}

/** Why a key or a store cannot be read, as far as it may be told. */
function unreadable(
  error: unknown,
  { option, password, isEncrypted }: { option: string; password: string; isEncrypted: boolean },
): unknown {
  if (!(error instanceof Error) || error instanceof FailureError) return error;
  if (error instanceof EncryptionError) return wrong(`${option}: cannot be used, ${error.message}`, error);
  if (error instanceof PasswordError || isEncrypted) {
    return wrong(`${password}: it is not the password of ${option}, or ${option} is damaged`, error);
  }
  const { code } = error as NodeJS.ErrnoException;
  return wrong(`${option}: cannot be read${code === undefined ? '' : ` (${code})`}`, error);
}

function wrong(detail: string, cause?: unknown): FailureError {
  return failed('tls_configuration_error', detail, { cause });
}
