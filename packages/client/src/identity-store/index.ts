/**
 * Client certificates and keys that a browser keeps, to be used by name on later visits.
 *
 * @module
 */
export type { CertificateFacts } from './certificate.ts';
export type { Identity, IdentityAccess, IdentityImport, IdentityOptions } from './identity.ts';
export { IdentityError, type IdentityErrorCode } from './identity-error.ts';
export { IdentityStore, type IdentityStoreOptions } from './identity-store.ts';
