import { z } from 'zod';
import type { IdentityOptions, PolicyOptions, SubjectOptions } from '../options.ts';
import { POLICY } from './policy-schema.ts';

const FILE = z.string().min(1);

/** An identity as the configuration file has it: files instead of their content. */
export const IDENTITY_FILES = z.union([
  z.strictObject({ certFile: FILE, keyFile: FILE, keyPasswordFile: FILE.optional() }),
  z.strictObject({ pfxFile: FILE, pfxPasswordFile: FILE.optional() }),
]);

/** A subject as the configuration file has it. */
export const SUBJECT_FILES = z.strictObject({
  tokenFile: FILE.optional(),
  identities: z.array(z.string()).optional(),
  policy: POLICY.optional() as z.ZodType<PolicyOptions | undefined>,
});

/** Content of a file, `undefined` when it cannot be read: whoever gives it has noted the problem. */
export type ReadContent = (path: string) => Uint8Array | undefined;

/** The identity with the content of its files, or `undefined` when one of them cannot be read. */
export function readIdentity(
  files: z.infer<typeof IDENTITY_FILES>,
  read: ReadContent,
): IdentityOptions | undefined {
  if ('pfxFile' in files) {
    const pfx = read(files.pfxFile);
    const password = readLine(files.pfxPasswordFile, read);
    return pfx && { pfx, ...(password === undefined ? {} : { pfxPassword: password }) };
  }
  const cert = read(files.certFile);
  const key = read(files.keyFile);
  const password = readLine(files.keyPasswordFile, read);
  if (cert === undefined || key === undefined) return undefined;
  return { cert: text(cert), key: text(key), ...(password === undefined ? {} : { keyPassword: password }) };
}

/** The subject with the content of its files. */
export function readSubject(
  { tokenFile, ...rest }: z.infer<typeof SUBJECT_FILES>,
  read: ReadContent,
): SubjectOptions {
  const token = readLine(tokenFile, read);
  return { ...withoutUndefined(rest), ...(token === undefined ? {} : { token }) };
}

/** The only line of a file: an editor ends it. */
export function readLine(file: string | undefined, read: ReadContent): string | undefined {
  const content = file === undefined ? undefined : read(file);
  return content && text(content).replace(/\r?\n$/, '');
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function withoutUndefined<T extends object>(entry: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as never;
}
