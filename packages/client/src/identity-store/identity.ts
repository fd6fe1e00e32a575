import type { TlsOptions } from '../tls-options.ts';
import type { CertificateFacts } from './certificate.ts';

/** What there is to show of a stored identity. Nothing of it is secret. */
export interface Identity {
  /** What it was imported as. */
  readonly name: string;

  /** Whether it is certificate and key in PEM or a PKCS #12 store. */
  readonly format: 'pem' | 'pfx';

  /** When it was imported, by this machine's clock. */
  readonly importedAt: Date;

  /** Its certificate; `undefined` where the store is encrypted in a way that the browser cannot undo. */
  readonly certificate: CertificateFacts | undefined;

  /** What the certificate's dates say by this machine's clock. */
  readonly validity: 'valid' | 'expired' | 'not yet valid' | 'unknown';

  /**
   * Whether there is a password: `none`; one that is `remembered`; one that is `asked`, to be given to
   * {@link IdentityStore.get} each time.
   */
  readonly password: 'none' | 'remembered' | 'asked';

  /**
   * What the import could not check, in words, because the browser has no such cryptography: the gateway will. `undefined`
   * where the password opens the key and the key belongs to the certificate.
   */
  readonly unchecked: string | undefined;
}

/** Options of {@link IdentityStore.import}: what {@link TlsOptions} take, `certFile` or `pfx`. */
export interface IdentityImport extends Pick<TlsOptions, 'certFile' | 'keyFile' | 'keyPassword' | 'pfx'> {
  /**
   * Whether `keyPassword` is stored too. Whoever can run code in the page, or read the browser's files, then needs
   * nothing more to use the key.
   *
   * @defaultValue it is not: {@link IdentityStore.get} asks for it
   */
  rememberPassword?: boolean;

  /**
   * Whether an identity of the same name is replaced.
   *
   * @defaultValue it is not: `identity_exists`
   */
  replace?: boolean;
}

/** Options of {@link IdentityStore.get}. */
export interface IdentityAccess {
  /** The password of the key, where it was not remembered. */
  keyPassword?: string;
}

/** A client certificate with its key, as options of connections: to be spread into those of a manager, pool or request. */
export type IdentityOptions =
  | {
      /** The certificate, and what follows it up to its authority, in PEM. */
      readonly certFile: string;
      /** Its key in PEM; missing where the certificate's text holds it. */
      readonly keyFile?: string;
      /** Decrypts the key. */
      readonly keyPassword?: string;
    }
  | {
      /** Certificate and key as a PKCS #12 store. */
      readonly pfx: Uint8Array<ArrayBuffer>;
      /** Decrypts the store. */
      readonly keyPassword?: string;
    };
