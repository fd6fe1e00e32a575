import { readFileSync } from 'node:fs';

/** Certificates and keys in the forms that users have them in; their `about` says where they come from. */
export interface IdentityVectors {
  /** Of everything that is encrypted; also what must not show in an error. */
  readonly password: string;
  readonly root: string;
  readonly p256: Readonly<
    Record<
      | 'certificate'
      | 'key'
      | 'traditional'
      | 'traditionalEncrypted'
      | 'encrypted'
      | 'encryptedBySha1'
      | 'encryptedByAes192'
      | 'encryptedByTripleDes'
      | 'encryptedByScrypt'
      | 'encryptedAtLength'
      | 'store'
      | 'storeWithoutPassword'
      | 'storeByTripleDes'
      | 'storeWithPlainCertificate'
      | 'storeWithKeyByTripleDes'
      | 'storeWithoutKey'
      | 'expired'
      | 'notYetValid',
      string
    >
  >;
  readonly rsa: Readonly<Record<'certificate' | 'key' | 'traditional' | 'store', string>>;
  readonly p384: Readonly<Record<'certificate' | 'key', string>>;
  readonly p521: Readonly<Record<'certificate' | 'key' | 'traditional', string>>;
  readonly secp256k1: Readonly<Record<'certificate' | 'key' | 'traditional', string>>;
  readonly ed25519: Readonly<Record<'certificate' | 'key', string>>;
  /** What `openssl x509` says of certificates, line by line. */
  readonly said: Readonly<Record<'rsa' | 'p256', readonly string[]>>;
}

export const IDENTITIES = JSON.parse(
  readFileSync(new URL('../vectors/identity-vectors.json', import.meta.url), 'utf8'),
) as IdentityVectors;
