import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { readCertificates } from '../connect/tls-credentials.ts';
import { pemBlocks } from '../connect/tls-pem.ts';
import type { GatewayOptions, IdentityOptions } from '../options.ts';
import type { LabelOf } from './check-settings.ts';
import { isToken, TOKEN_FORM } from './token.ts';

/**
 * What is wrong with tokens, certificates and keys, one sentence each. Found when the gateway starts, not when the first
 * request needs them. What is wrong is told without what came: it may be nearly the right secret.
 */
export function credentialProblems(options: GatewayOptions, labelOf: LabelOf): string[] {
  const { token, trust, identities = {}, subjects = {} } = options;
  const problems = [
    ...shapeProblems('identities', identities, IDENTITY, IDENTITY_FORM, labelOf),
    ...shapeProblems('subjects', subjects, SUBJECT, SUBJECT_FORM, labelOf),
  ];
  if (problems.length > 0) return problems;
  if (token !== undefined && !isToken(token)) problems.push(`${labelOf('token')} must be ${TOKEN_FORM}.`);
  if (trust !== undefined && trust !== 'bundled' && trust !== 'system' && certificatesOf(trust) === undefined)
    problems.push(`${labelOf('trust')} must hold certificates in PEM, and only such.`);
  for (const [name, identity] of Object.entries(identities)) {
    const fault = identityFault(identity);
    if (fault !== undefined) problems.push(`${labelOf(`identities.${name}`)} cannot be used: ${fault}.`);
  }
  const owners = new Map<string, string>(token === undefined ? [] : [[token, 'token']]);
  for (const [name, subject] of Object.entries(subjects)) {
    const label = labelOf(`subjects.${name}`);
    if (subject.token === undefined && name !== DEFAULT_SUBJECT) problems.push(`${label} must have a token.`);
    if (subject.token !== undefined && name === DEFAULT_SUBJECT)
      problems.push(`${label} must have no token of its own: it is the subject of ${labelOf('token')}.`);
    else if (subject.token !== undefined && !isToken(subject.token))
      problems.push(`The token of ${label} must be ${TOKEN_FORM}.`);
    const owner = subject.token === undefined ? undefined : owners.get(subject.token);
    if (owner !== undefined)
      problems.push(`${label} must have a token of its own, but has that of ${owner}.`);
    if (subject.token !== undefined) owners.set(subject.token, label);
    for (const identity of subject.identities ?? []) {
      if (Object.hasOwn(identities, identity)) continue;
      problems.push(
        `${label} may use the identity ${JSON.stringify(identity)}, which is not among identities.`,
      );
    }
  }
  return problems;
}

const IDENTITY = z.union([
  z.strictObject({ cert: z.string().min(1), key: z.string().min(1), keyPassword: z.string().optional() }),
  z.strictObject({ pfx: z.instanceof(Uint8Array), pfxPassword: z.string().optional() }),
]);
const IDENTITY_FORM = 'cert and key in PEM (and keyPassword), or pfx as bytes (and pfxPassword)';

const SUBJECT = z.strictObject({
  token: z.string().optional(),
  identities: z.array(z.string()).optional(),
  // Checked for itself, so that the entry that is wrong is named.
  policy: z.unknown().optional(),
});
const SUBJECT_FORM = 'token, a string, and, or without, identities, a list of names, and policy';

function shapeProblems(
  key: string,
  value: unknown,
  schema: z.ZodType,
  form: string,
  labelOf: LabelOf,
): string[] {
  const entries = z.record(z.string(), z.unknown()).safeParse(value);
  if (!entries.success) return [`${labelOf(key)} must be an object of names.`];
  return Object.entries(entries.data)
    .filter(([, entry]) => !schema.safeParse(entry).success)
    .map(([name]) => `${labelOf(`${key}.${name}`)} must have ${form}.`);
}

/** The subject of the gateway's own token. */
export const DEFAULT_SUBJECT = 'default';

/** The certificates of a PEM file one by one; `undefined` when there is none, or one cannot be read. */
export function certificatesOf(pem: string): string[] | undefined {
  try {
    return readCertificates(pemBlocks(pem), 'trust').map(({ text }) => text);
  } catch {
    return undefined;
  }
}

function identityFault(identity: IdentityOptions): string | undefined {
  try {
    if ('pfx' in identity)
      createSecureContext({ pfx: Buffer.from(identity.pfx), passphrase: identity.pfxPassword });
    else createSecureContext({ cert: identity.cert, key: identity.key, passphrase: identity.keyPassword });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** OpenSSL's reason without its numbers: it names what failed, never what was read. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key does not belong to the certificate';
  if (/bad.decrypt|mac verify|interrupted or cancelled/i.test(message))
    return 'the password is missing or wrong';
  if (/no start line/i.test(message)) return 'a file is not PEM';
  return code ?? 'it cannot be read';
}
