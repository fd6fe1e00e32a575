import { Asn1Error, asn1 } from './asn1.ts';
import { type Certificate, type CertificateFacts, readCertificate } from './certificate.ts';
import type { IdentityContent } from './identity-content.ts';
import { IdentityError } from './identity-error.ts';
import { CostlyEncryptionError, UnknownEncryptionError, WrongPasswordError } from './password-encryption.ts';
import {
  bytesOfBase64,
  hasHeaders,
  isCertificate,
  isPrivateKey,
  type PemBlock,
  pemBlocks,
  pemBytes,
} from './pem.ts';
import { decryptKey, openPkcs12 } from './pkcs12.ts';
import { belongs, pkcs8OfTraditional } from './private-key.ts';

/** What a look at certificate and key has found. */
export interface IdentityFindings {
  /** `undefined` where it is encrypted in a way that is not known here. */
  readonly certificate: CertificateFacts | undefined;

  /** Whether the password is needed. */
  readonly isEncrypted: boolean;

  /** What could not be checked. */
  readonly unchecked: string | undefined;
}

/** A key as far as it could be had. */
interface Key {
  /** PKCS #8; otherwise why it could not be had. */
  readonly pkcs8: Uint8Array<ArrayBuffer> | string;
  readonly isEncrypted: boolean;
}

const MISMATCH = 'the private key does not belong to the certificate';
const NO_SUCH_KEYS = 'whether the key belongs to the certificate: the browser has no keys of this kind';

/**
 * Looks whether certificate, key and password fit together, as far as the browser's cryptography goes.
 *
 * @throws {@link IdentityError} when they do not; nothing of them is in it.
 */
export async function checkIdentity(
  content: IdentityContent,
  password: string | undefined,
): Promise<IdentityFindings> {
  try {
    return await ('pfx' in content
      ? checkStore(bytesOfBase64(content.pfx), password)
      : checkPem(content.certFile, content.keyFile, password));
  } catch (error) {
    throw identityError(error, password);
  }
}

async function checkPem(
  certFile: string,
  keyFile: string | undefined,
  password: string | undefined,
): Promise<IdentityFindings> {
  const certificates = pemBlocks(certFile).filter(isCertificate);
  const [first] = await Promise.all(certificates.map((block) => readCertificate(pemBytes(block))));
  if (first === undefined) throw unusable('certFile must hold a certificate, got none');
  const block = pemBlocks(keyFile ?? certFile).find(isPrivateKey);
  if (block === undefined)
    throw unusable('keyFile must hold a private key, or certFile one beside it, got none');
  const { pkcs8, isEncrypted } = await readKey(block, password);
  const unchecked = typeof pkcs8 === 'string' ? pkcs8 : await checkPair(pkcs8, first);
  return { certificate: first.facts, isEncrypted, unchecked };
}

async function readKey(block: PemBlock, password: string | undefined): Promise<Key> {
  if (hasHeaders(block)) {
    if (password === undefined) throw new WrongPasswordError('there is none');
    const pkcs8 = 'the password: the browser cannot undo the way this key is encrypted';
    return { pkcs8, isEncrypted: true };
  }
  const der = pemBytes(block);
  if (block.label !== 'ENCRYPTED PRIVATE KEY') {
    const pkcs8 = block.label === 'PRIVATE KEY' ? der : pkcs8OfTraditional(block.label, der);
    return { pkcs8: pkcs8 ?? NO_SUCH_KEYS, isEncrypted: false };
  }
  if (password === undefined) throw new WrongPasswordError('there is none');
  try {
    return { pkcs8: await decryptKey(asn1(der), password), isEncrypted: true };
  } catch (error) {
    if (!(error instanceof UnknownEncryptionError)) throw error;
    return { pkcs8: `the password: ${error.message}, which the browser cannot undo`, isEncrypted: true };
  }
}

async function checkStore(
  store: Uint8Array<ArrayBuffer>,
  password: string | undefined,
): Promise<IdentityFindings> {
  const { keys, certificates, closed } = await openPkcs12(store, password ?? '');
  const isEncrypted = password !== undefined;
  const all = await Promise.all(certificates.map(readCertificate));
  const [key] = keys;
  if (closed !== undefined && (key === undefined || all.length === 0)) {
    const unchecked = `the password: ${closed.message}, which the browser cannot undo`;
    return { certificate: key === undefined ? leaf(all)?.facts : undefined, isEncrypted, unchecked };
  }
  if (key === undefined || keys.length > 1) {
    throw unusable(`pfx must hold one private key, got ${keys.length}`);
  }
  let unchecked: string | undefined;
  for (const certificate of all) {
    const belonging = await belongs(key, certificate.publicKey);
    if (belonging) return { certificate: certificate.facts, isEncrypted, unchecked: undefined };
    if (belonging === undefined) unchecked = NO_SUCH_KEYS;
  }
  if (unchecked !== undefined) return { certificate: leaf(all)?.facts, isEncrypted, unchecked };
  throw new IdentityError(
    'identity_key_mismatch',
    'pfx: none of its certificates belongs to its private key',
  );
}

/** The certificate that signed none of the others: the key's, where that cannot be found out by the key. */
function leaf(all: readonly Certificate[]): Certificate | undefined {
  return all.find(
    ({ facts }) => !all.some((other) => other.facts !== facts && other.facts.issuer === facts.subject),
  );
}

async function checkPair(
  key: Uint8Array<ArrayBuffer>,
  certificate: Certificate,
): Promise<string | undefined> {
  const belonging = await belongs(key, certificate.publicKey);
  if (belonging === false) throw new IdentityError('identity_key_mismatch', `keyFile: ${MISMATCH}`);
  return belonging === undefined ? NO_SUCH_KEYS : undefined;
}

function identityError(error: unknown, password: string | undefined): unknown {
  if (error instanceof WrongPasswordError) {
    return password === undefined
      ? new IdentityError('identity_password_required', 'the private key is encrypted: give keyPassword')
      : new IdentityError(
          'identity_password_wrong',
          'keyPassword: it is not the password of the private key',
        );
  }
  if (error instanceof CostlyEncryptionError)
    return unusable(`the private key cannot be used: ${error.message}`);
  if (error instanceof Asn1Error) return unusable(`certificate or key cannot be read: ${error.message}`);
  if (error instanceof DOMException) return unusable(`certificate or key cannot be used (${error.name})`);
  return error;
}

function unusable(message: string): IdentityError {
  return new IdentityError('identity_unusable', message);
}
