import { InvalidRequestError, invalidOption, SSLError } from '../errors.ts';
import { type CredentialKind, credentialContent } from '../pool/credential-content.ts';
import type { CredentialSource } from '../tls-options.ts';
import type { IdentityImport } from './identity.ts';
import { IdentityError } from './identity-error.ts';

/** Certificate and key as they are stored: PEM, or a PKCS #12 store in Base64. */
export type IdentityContent =
  | { readonly certFile: string; readonly keyFile?: string }
  | { readonly pfx: string };

/** Characters of one credential: a chain of certificates has about 10,000. */
const MAX_CONTENT_LENGTH = 131_072;

/** Characters of a password. */
const MAX_PASSWORD_LENGTH = 1_024;

/**
 * Reads what is to be imported.
 *
 * @throws {@link InvalidRequestError} naming the option; {@link IdentityError} when it is no such content.
 */
export async function identityContent({ certFile, keyFile, pfx }: IdentityImport): Promise<IdentityContent> {
  if ((certFile === undefined) === (pfx === undefined)) {
    throw invalidOption('import() must be given certFile (and keyFile), or pfx, and not both');
  }
  if (pfx !== undefined) {
    if (keyFile === undefined) return { pfx: await read('pfx', pfx, 'store') };
    throw invalidOption('keyFile goes with certFile: pfx has the key');
  }
  return {
    certFile: await read('certFile', certFile as CredentialSource, 'certificates'),
    ...(keyFile !== undefined && { keyFile: await read('keyFile', keyFile, 'key') }),
  };
}

/**
 * A password as it was given; an empty one is none.
 *
 * @throws {@link InvalidRequestError} when it is no text.
 */
export function checkPassword(password: unknown): string | undefined {
  if (password === undefined || password === '') return undefined;
  if (typeof password === 'string' && password.length <= MAX_PASSWORD_LENGTH) return password;
  const got = typeof password === 'string' ? 'a longer one' : typeof password;
  throw invalidOption(`keyPassword must be a text of at most ${MAX_PASSWORD_LENGTH} characters, got ${got}`);
}

async function read(name: string, source: CredentialSource, kind: CredentialKind): Promise<string> {
  checkLength(name, givenLength(source));
  try {
    const content = await credentialContent(name, source, kind);
    checkLength(name, content.length);
    return content;
  } catch (error) {
    if (error instanceof SSLError)
      throw new IdentityError('identity_unusable', error.message, { cause: error });
    throw error;
  }
}

function checkLength(name: string, length: number): void {
  if (length <= MAX_CONTENT_LENGTH) return;
  throw new InvalidRequestError(
    'invalid_option',
    `${name} must have at most ${MAX_CONTENT_LENGTH} characters, got ${length}`,
  );
}

/** How much a source holds, where that is known before it is read. */
function givenLength(source: unknown): number {
  if (typeof source === 'string') return source.length;
  if (source instanceof Blob) return source.size;
  return source instanceof Uint8Array || source instanceof ArrayBuffer ? source.byteLength : 0;
}
