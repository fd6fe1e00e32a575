import { invalidOption } from '../errors.ts';
import { checkFlag, checkNames } from '../pool/check-options.ts';
import { SecurityWarning, warn } from '../warnings.ts';
import { checkIdentity, type IdentityFindings } from './check-identity.ts';
import type { Identity, IdentityAccess, IdentityImport, IdentityOptions } from './identity.ts';
import { checkPassword, type IdentityContent, identityContent } from './identity-content.ts';
import { IdentityDatabase } from './identity-database.ts';
import { IdentityError } from './identity-error.ts';
import {
  checkRecord,
  type IdentityFacts,
  type IdentityPlace,
  identityOf,
  seal,
  unseal,
} from './identity-record.ts';
import { bytesOfBase64 } from './pem.ts';

/** Options of an {@link IdentityStore}. */
export interface IdentityStoreOptions {
  /**
   * Which store of this origin, where there are several: of text, at most 64 characters.
   *
   * @defaultValue the one without a name
   */
  name?: string;
}

/** Longest name, in characters: of an identity, and of a store. */
const MAX_NAME_LENGTH = 64;

/** Name in IndexedDB, to which that of a store is added. */
const DATABASE = 'hip-identities';

const IMPORT_OPTIONS = ['certFile', 'keyFile', 'keyPassword', 'pfx', 'rememberPassword', 'replace'];

/**
 * Client certificates and keys that a browser keeps for this origin: imported once, used by name on later visits. They lie
 * in IndexedDB, encrypted under keys that no script can read. `docs/stored-credentials.md` says what that protects, and what not.
 *
 * @example
 * ```ts
 * const identities = new IdentityStore();
 * await identities.import('alice', { pfx: file, keyPassword: 'the password' });
 * const http = new PoolManager({ ...(await identities.get('alice', { keyPassword: 'the password' })) });
 * ```
 */
export class IdentityStore {
  readonly #database: string;
  readonly #records: IdentityDatabase;

  /**
   * Opens nothing until it is used.
   *
   * @throws {@link InvalidRequestError} when an option cannot be honoured.
   */
  constructor(options: IdentityStoreOptions = {}) {
    checkNames('IdentityStore', options, ['name']);
    const { name } = options;
    this.#database = name === undefined ? DATABASE : `${DATABASE}:${checkName('name', name)}`;
    this.#records = new IdentityDatabase(this.#database);
  }

  /**
   * Stores a client certificate with its key. Refused is what could not be used: a key of another certificate, a wrong
   * password, something that is no certificate or key. One that has expired, or is not valid yet, raises a
   * {@link SecurityWarning}.
   *
   * @param name - 1 to 64 characters, none of them a control character.
   * @throws {@link IdentityError}; {@link InvalidRequestError} when an argument or option cannot be honoured.
   */
  async import(name: string, options: IdentityImport): Promise<Identity> {
    checkNames('import()', options, IMPORT_OPTIONS);
    const place = this.#place(name);
    const replace = checkFlag('replace', options.replace, false);
    const remember = checkFlag('rememberPassword', options.rememberPassword, false);
    const keyPassword = checkPassword(options.keyPassword);
    // Before anything is decrypted for nothing.
    const isThere = await this.has(name);
    if (isThere && !replace) throw exists(name);
    const content = await identityContent(options);
    const findings = await checkIdentity(content, keyPassword);
    const keeps = findings.isEncrypted && remember && keyPassword !== undefined;
    const record = await seal(place, factsOf(content, findings, keeps), {
      content,
      ...(keeps && { keyPassword }),
    });
    if (!(await this.#records.write(name, record, replace))) throw exists(name);
    return shown(identityOf(name, record));
  }

  /**
   * All identities, by name in the order of their characters. Asks for no password, and decrypts nothing.
   *
   * @throws {@link IdentityError}
   */
  async list(): Promise<Identity[]> {
    const all = await this.#records.readAll();
    return all.map(([name, value]) => identityOf(name, checkRecord(name, value)));
  }

  /** Whether there is an identity of this name. @throws {@link IdentityError} */
  async has(name: string): Promise<boolean> {
    return (await this.#records.read(this.#place(name).name)) !== undefined;
  }

  /**
   * The certificate and key, to be spread into the options of a manager, pool or request. One whose certificate has
   * expired, or is not valid yet, raises a {@link SecurityWarning}.
   *
   * @throws {@link IdentityError}: `identity_not_found`, `identity_password_required` where the password was not remembered,
   * `identity_password_wrong`, `identity_damaged`.
   */
  async get(name: string, options: IdentityAccess = {}): Promise<IdentityOptions> {
    checkNames('get()', options, ['keyPassword']);
    const given = checkPassword(options.keyPassword);
    const place = this.#place(name);
    const value = await this.#records.read(name);
    if (value === undefined) {
      const message = `no identity is stored as ${JSON.stringify(name)}: import it first`;
      throw new IdentityError('identity_not_found', message);
    }
    const record = checkRecord(name, value);
    const { content, keyPassword: remembered } = await unseal(place, record);
    const identity = shown(identityOf(name, record));
    if (identity.password === 'asked' && given === undefined) {
      throw new IdentityError(
        'identity_password_required',
        `identity ${JSON.stringify(name)} has a password that was not remembered: give keyPassword`,
      );
    }
    if (given !== undefined) await checkIdentity(content, given);
    return optionsOf(content, given ?? remembered);
  }

  /** Takes an identity and the key it is encrypted under away; none of this name is none. @throws {@link IdentityError} */
  delete(name: string): Promise<void> {
    return this.#records.delete(this.#place(name).name);
  }

  /** Takes all identities of this store away. @throws {@link IdentityError} */
  clear(): Promise<void> {
    return this.#records.clear();
  }

  #place(name: string): IdentityPlace {
    return { database: this.#database, name: checkName('name of an identity', name) };
  }
}

function checkName(what: string, name: unknown): string {
  if (typeof name === 'string' && name.length <= MAX_NAME_LENGTH && /^\P{Cc}+$/u.test(name)) return name;
  throw invalidOption(`${what} must be a text of 1 to ${MAX_NAME_LENGTH} characters, got ${kindOf(name)}`);
}

/** Without the value: what stands in the place of a name may be a secret. */
function kindOf(value: unknown): string {
  return typeof value === 'string' ? `another text of ${value.length}` : typeof value;
}

function exists(name: string): IdentityError {
  const message = `an identity is stored as ${JSON.stringify(name)} already: say replace: true, or use another name`;
  return new IdentityError('identity_exists', message);
}

function factsOf(content: IdentityContent, findings: IdentityFindings, keeps: boolean): IdentityFacts {
  const { certificate, isEncrypted, unchecked = null } = findings;
  let facts: IdentityFacts['certificate'] = null;
  if (certificate !== undefined) {
    const { notBefore, notAfter, ...rest } = certificate;
    facts = { ...rest, notBeforeMs: notBefore.getTime(), notAfterMs: notAfter.getTime() };
  }
  return {
    format: 'pfx' in content ? 'pfx' : 'pem',
    password: isEncrypted ? (keeps ? 'remembered' : 'asked') : 'none',
    importedAtMs: Date.now(),
    certificate: facts,
    unchecked,
  };
}

/** Says that it will not be accepted, where that can be known. */
function shown(identity: Identity): Identity {
  const { name, certificate, validity } = identity;
  if (validity === 'expired' || validity === 'not yet valid') {
    const since = validity === 'expired' ? certificate?.notAfter : certificate?.notBefore;
    const what = validity === 'expired' ? 'has expired on' : 'is not valid before';
    warn(
      new SecurityWarning(
        `the certificate of identity ${JSON.stringify(name)} ${what} ${since?.toISOString()}`,
      ),
    );
  }
  return identity;
}

function optionsOf(content: IdentityContent, keyPassword: string | undefined): IdentityOptions {
  const password = keyPassword === undefined ? {} : { keyPassword };
  return 'pfx' in content ? { pfx: bytesOfBase64(content.pfx), ...password } : { ...content, ...password };
}
