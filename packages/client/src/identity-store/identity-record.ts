import type { CertificateFacts } from './certificate.ts';
import type { Identity } from './identity.ts';
import type { IdentityContent } from './identity-content.ts';
import { IdentityError } from './identity-error.ts';

/** Layout of a record. Another one is another number: what is stored outlives the code that stored it. */
const VERSION = 1;

/** Bits of a wrapping key. */
const KEY_BITS = 256;

/** Bytes of an initial vector (NIST SP 800-38D §8.2.2); each key seals one record once, so that none can come twice. */
const IV_BYTES = 12;

/** What is secret of an identity. */
export interface IdentitySecrets {
  readonly content: IdentityContent;

  /** Where it is remembered. */
  readonly keyPassword?: string;
}

/** What is not, as JSON has it. */
export interface IdentityFacts extends Pick<Identity, 'format' | 'password'> {
  readonly importedAtMs: number;
  readonly certificate:
    | (Omit<CertificateFacts, 'notBefore' | 'notAfter'> & {
        readonly notBeforeMs: number;
        readonly notAfterMs: number;
      })
    | null;
  readonly unchecked: string | null;
}

/** An identity as it lies in IndexedDB. */
export interface IdentityRecord {
  readonly version: typeof VERSION;

  /** {@link IdentityFacts}, as the text that was authenticated. */
  readonly facts: string;

  /** AES-GCM, not extractable, for this record alone: what deletes the record deletes its key. */
  readonly key: CryptoKey;

  readonly iv: Uint8Array<ArrayBuffer>;

  /** {@link IdentitySecrets}, encrypted. */
  readonly sealed: ArrayBuffer;
}

/** Where a record lies, and under which name: opened elsewhere it is none. */
export interface IdentityPlace {
  readonly database: string;
  readonly name: string;
}

/** Encrypts what is secret, under a key that is made for it and that nobody can read. */
export async function seal(
  place: IdentityPlace,
  facts: IdentityFacts,
  secrets: IdentitySecrets,
): Promise<IdentityRecord> {
  const { subtle } = crypto;
  const algorithm = { name: 'AES-GCM', length: KEY_BITS };
  const key = await subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const text = JSON.stringify(facts);
  const plain = new TextEncoder().encode(JSON.stringify(secrets));
  const sealed = await subtle.encrypt(parameters(iv, place, text), key, plain);
  return { version: VERSION, facts: text, key, iv, sealed };
}

/** @throws {@link IdentityError} `identity_damaged` when anything of the record has changed. */
export async function unseal(place: IdentityPlace, record: IdentityRecord): Promise<IdentitySecrets> {
  try {
    const { key, iv, sealed, facts } = record;
    const plain = await crypto.subtle.decrypt(parameters(iv, place, facts), key, sealed);
    return JSON.parse(new TextDecoder().decode(plain)) as IdentitySecrets;
  } catch (cause) {
    throw damaged(place.name, 'it has changed since it was stored', cause);
  }
}

/** @throws {@link IdentityError} `identity_damaged` when it is no record of this version. */
export function checkRecord(name: string, value: unknown): IdentityRecord {
  const { version, facts, key, iv, sealed } = (value ?? {}) as Partial<IdentityRecord>;
  if (typeof version === 'number' && version > VERSION)
    throw damaged(name, 'a newer version of hip stored it');
  const isRecord =
    version === VERSION &&
    typeof facts === 'string' &&
    key instanceof CryptoKey &&
    iv instanceof Uint8Array &&
    sealed instanceof ArrayBuffer;
  if (!isRecord) throw damaged(name, 'it is not what was stored');
  return value as IdentityRecord;
}

/** What a record tells of its identity, without being opened. */
export function identityOf(name: string, record: IdentityRecord, nowMs = Date.now()): Identity {
  try {
    const { format, password, importedAtMs, certificate, unchecked } = JSON.parse(
      record.facts,
    ) as IdentityFacts;
    if (certificate === null) {
      const unknown = { certificate: undefined, validity: 'unknown' } as const;
      return {
        name,
        format,
        password,
        importedAt: new Date(importedAtMs),
        unchecked: unchecked ?? undefined,
        ...unknown,
      };
    }
    const { notBeforeMs, notAfterMs, ...rest } = certificate;
    return {
      name,
      format,
      password,
      importedAt: new Date(importedAtMs),
      certificate: { ...rest, notBefore: new Date(notBeforeMs), notAfter: new Date(notAfterMs) },
      validity: nowMs < notBeforeMs ? 'not yet valid' : nowMs > notAfterMs ? 'expired' : 'valid',
      unchecked: unchecked ?? undefined,
    };
  } catch (cause) {
    throw damaged(name, 'it is not what was stored', cause);
  }
}

/** What is secret is bound to what is shown with it, and to its place. */
function parameters(
  iv: Uint8Array<ArrayBuffer>,
  { database, name }: IdentityPlace,
  facts: string,
): AesGcmParams {
  const additionalData = new TextEncoder().encode(JSON.stringify([VERSION, database, name, facts]));
  return { name: 'AES-GCM', iv, additionalData };
}

function damaged(name: string, why: string, cause?: unknown): IdentityError {
  const message = `identity ${JSON.stringify(name)} cannot be used: ${why}; delete it and import it again`;
  return new IdentityError('identity_damaged', message, cause === undefined ? undefined : { cause });
}
