import type { TlsSettings } from '@hip/wire';
import { type InvalidRequestError, invalidOption } from '../errors.ts';
import type { CredentialSource, TlsOptions } from '../tls-options.ts';
import type { CredentialKind } from './credential-content.ts';

/** Gives the content of a credential, as it stands on the wire. */
export type ReadCredential = (
  name: string,
  source: CredentialSource,
  kind: CredentialKind,
) => Promise<string>;

type Writable = { -readonly [Name in keyof TlsSettings]: TlsSettings[Name] };
type Check = (name: string, value: unknown) => unknown;

const CREDENTIALS: Readonly<Record<string, CredentialKind>> = {
  caCerts: 'certificates',
  certFile: 'certificates',
  keyFile: 'key',
  pfx: 'store',
};

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** In the order they stand on the wire, so that equal settings have equal texts. */
const CHECKS: Readonly<
  Record<Exclude<keyof TlsSettings, 'caCerts' | 'certFile' | 'keyFile' | 'pfx'>, Check>
> = {
  certReqs: checkCertReqs,
  // An empty password is one, too.
  keyPassword: (name, value) => checkText(name, value, 0),
  identity: checkText,
  serverHostname: checkText,
  assertHostname: (name, value) => (value === false ? false : checkText(name, value, 1, ' or false')),
  assertFingerprint: checkText,
  sslMinimumVersion: checkVersion,
  sslMaximumVersion: checkVersion,
  ciphers: checkText,
  alpnProtocols: checkTexts,
};

/**
 * TLS options as they stand on the wire; `undefined` when there are none.
 *
 * @param nameOf - what an option is called in errors.
 * @throws {@link InvalidRequestError} naming the option; what `read` throws.
 */
export async function tlsSettings(
  options: TlsOptions,
  read: ReadCredential,
  nameOf: (name: string) => string = (name) => name,
): Promise<TlsSettings | undefined> {
  const settings: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = options[name as keyof TlsOptions];
    if (value !== undefined) settings[name] = check(nameOf(name), value);
  }
  for (const [name, kind] of Object.entries(CREDENTIALS)) {
    const source = options[name as keyof TlsOptions];
    if (source !== undefined) settings[name] = await read(nameOf(name), source as CredentialSource, kind);
  }
  return Object.keys(settings).length === 0 ? undefined : (settings as Writable);
}

/** Whether a peer is verified under these settings: its certificate's chain, or its fingerprint (urllib3's `is_verified`). */
export function verifies(settings: TlsSettings | undefined): boolean {
  return (
    (settings?.certReqs ?? 'CERT_REQUIRED') === 'CERT_REQUIRED' || settings?.assertFingerprint !== undefined
  );
}

function checkCertReqs(name: string, value: unknown): string {
  const full = String(value).startsWith('CERT_') ? value : `CERT_${String(value)}`;
  if (typeof value === 'string' && /^CERT_(?:REQUIRED|OPTIONAL|NONE)$/.test(full as string)) {
    return full as string;
  }
  throw wrong(name, 'CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE', value);
}

function checkVersion(name: string, value: unknown): string {
  if (VERSIONS.includes(value as string)) return value as string;
  throw wrong(name, `one of ${VERSIONS.join(', ')}`, value);
}

function checkText(name: string, value: unknown, least = 1, or = ''): string {
  if (typeof value === 'string' && value.length >= least) return value;
  throw wrong(name, `a text${least > 0 ? ' that is not empty' : ''}${or}`, value);
}

function checkTexts(name: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')) {
    return [...value];
  }
  throw wrong(name, 'an array of texts that are not empty', value);
}

/** Without the value: what stands in the place of another option may be a secret. */
function wrong(name: string, wanted: string, value: unknown): InvalidRequestError {
  return invalidOption(`${name} must be ${wanted}, got ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === '') return 'an empty text';
  if (typeof value === 'string') return 'another text';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
