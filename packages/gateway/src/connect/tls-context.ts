import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
import { failed } from '../errors.ts';
import type { IdentityOptions } from '../options.ts';
import { type Credentials, readCertificates, readCredentials } from './tls-credentials.ts';
import { pemBlocks } from './tls-pem.ts';
import { checkTlsSettings, type TlsRules } from './tls-rules.ts';

/** What every handshake under a client's settings starts from. */
export interface TlsContext {
  readonly rules: TlsRules;
  readonly secureContext: SecureContext;
}

/** What a {@link TlsContext} is made of. */
export interface TlsContextOptions {
  readonly settings: TlsSettings;

  /** As in {@link TlsClientOptions}. */
  readonly trust: readonly string[] | undefined;

  readonly identity: IdentityOptions | undefined;
}

/**
 * Contexts of clients that ask for nothing special, by what the operator trusts. Making one takes longer than the
 * handshake where there is a list of authorities to read, and Node would make one for each connection. Two clients have
 * nothing in it that is theirs: sessions are kept elsewhere.
 */
const PLAIN_CONTEXTS = new WeakMap<readonly string[], SecureContext>();

/** Stands for the authorities that come with Node. */
const NODE_TRUST: readonly string[] = [];

/** Members of the settings that are checked after a handshake, so that the context is the same with and without them. */
const CHECKED_AFTERWARDS: ReadonlySet<string> = new Set([
  'certReqs',
  'serverHostname',
  'assertHostname',
  'assertFingerprint',
  'alpnProtocols',
] satisfies (keyof TlsSettings)[]);

/** Checks settings and makes them ready for use. Rejects with a {@link FailureError} `tls_configuration_error`. */
export async function createTlsContext({
  settings,
  trust,
  identity,
}: TlsContextOptions): Promise<TlsContext> {
  const rules = checkTlsSettings(settings);
  const credentials = await readCredentials(settings, identity);
  if (Object.keys(settings).every((name) => CHECKED_AFTERWARDS.has(name))) {
    return { rules, secureContext: plainContext(rules, trust) };
  }
  const ca = settings.caCerts === undefined ? trust : readBundle(settings.caCerts);
  return { rules, secureContext: secureContext(rules, ca, credentials) };
}

function plainContext(rules: TlsRules, trust: readonly string[] | undefined): SecureContext {
  const known = PLAIN_CONTEXTS.get(trust ?? NODE_TRUST);
  if (known !== undefined) return known;
  const made = secureContext(rules, trust, undefined);
  PLAIN_CONTEXTS.set(trust ?? NODE_TRUST, made);
  return made;
}

function readBundle(caCerts: string): string[] {
  return readCertificates(pemBlocks(caCerts), 'caCerts').map(({ text }) => text);
}

function secureContext(
  { minVersion, maxVersion, ciphers }: TlsRules,
  ca: readonly string[] | undefined,
  credentials: Credentials | undefined,
): SecureContext {
  try {
    return createSecureContext({
      minVersion,
      maxVersion,
      // A server that asks for a second handshake could show another certificate in it, which nobody would look at.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(ciphers === undefined ? {} : { ciphers }),
      ...(credentials === undefined ? {} : { cert: credentials.certificates, key: credentials.key }),
      // Whoever names an intermediate, or the server's own certificate, trusts that: as urllib3 from Python 3.13 on.
      ...(ca === undefined ? {} : { ca: [...ca], allowPartialTrustChain: true }),
    });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const option = /CIPHER|ERR_INVALID_ARG/.test(code) ? 'ciphers' : 'certFile';
    throw failed('tls_configuration_error', `${option}: OpenSSL does not take it (${code})`, {
      cause: error,
    });
  }
}
