import { failureError, invalidOption } from '../errors.ts';
import type { CredentialSource } from '../tls-options.ts';

/** What a content option must hold. */
export type CredentialKind = 'certificates' | 'key' | 'store';

const MARKS: Readonly<Record<CredentialKind, RegExp>> = {
  certificates: /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/,
  key: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/,
  // A store is no text.
  store: /(?!)/,
};

const WANTED: Readonly<Record<CredentialKind, string>> = {
  certificates: 'PEM text, bytes in PEM or DER, a Blob, or in Node a file: URL',
  key: 'a private key as PEM text, bytes in PEM, a Blob, or in Node a file: URL',
  store: 'a PKCS #12 store as bytes, a Blob, or in Node a file: URL',
};

/** First byte of a DER SEQUENCE, which certificates and PKCS #12 stores are (X.690 §8.9). */
const DER_SEQUENCE = 0x30;

/** Characters in a line of PEM (RFC 7468 §2). */
const PEM_LINE_LENGTH = 64;

/**
 * The content of a credential as it stands on the wire: PEM, or Base64 for a PKCS #12 store. Nothing of it is ever in an
 * error.
 *
 * @param name - the option, for errors.
 * @throws {@link InvalidRequestError} when `source` is of another type; {@link SSLError} when it cannot be read or holds
 * something else.
 */
export async function credentialContent(
  name: string,
  source: CredentialSource,
  kind: CredentialKind,
): Promise<string> {
  const content = await read(name, source, kind);
  if (typeof content === 'string') return checked(name, content, kind);
  if (kind === 'store') {
    if (content[0] !== DER_SEQUENCE) throw unusable(name, kind, 'what came is none');
    return base64(content);
  }
  if (kind === 'certificates' && content[0] === DER_SEQUENCE) return pemOfDer(name, content);
  return checked(name, new TextDecoder().decode(content), kind);
}

async function read(
  name: string,
  source: CredentialSource,
  kind: CredentialKind,
): Promise<string | Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return new Uint8Array(await readOr(name, () => source.arrayBuffer()));
  if (source instanceof URL || (typeof source === 'string' && source.startsWith('file:'))) {
    return readFile(name, source);
  }
  if (typeof source === 'string') return source;
  throw invalidOption(`${name} must be ${WANTED[kind]}, got ${typeof source}`);
}

function checked(name: string, text: string, kind: CredentialKind): string {
  if (MARKS[kind].test(text)) return text;
  // A path is short and on one line; what it leads to is not for the gateway to open.
  const isPath = text.length < 1_024 && /^[^\n]*[./\\][^\n]*$/.test(text);
  throw unusable(
    name,
    kind,
    isPath
      ? 'what came looks like a path, which the gateway does not open: give the content, or in Node a file: URL'
      : 'what came is none',
  );
}

/** Each certificate of a row of them as PEM. */
function pemOfDer(name: string, der: Uint8Array): string {
  let pem = '';
  for (let at = 0; at < der.length; ) {
    const end = at + sequenceLength(der, at);
    if (!(end <= der.length)) throw unusable(name, 'certificates', 'what came is cut off or no DER');
    const lines = base64(der.subarray(at, end)).match(new RegExp(`.{1,${PEM_LINE_LENGTH}}`, 'g')) ?? [];
    pem += ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
    at = end;
  }
  return pem;
}

/** Bytes of the SEQUENCE at `at`, its head included (X.690 §8.1.3); NaN where there is none. */
function sequenceLength(der: Uint8Array, at: number): number {
  const first = der[at + 1];
  if (der[at] !== DER_SEQUENCE || first === undefined) return Number.NaN;
  if (first < 0x80) return 2 + first;
  const count = first - 0x80;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (der[at + 2 + i] ?? Number.NaN);
  return 2 + count + length;
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

async function readFile(name: string, source: string | URL): Promise<Uint8Array> {
  const url = URL.canParse(source) ? new URL(source) : undefined;
  if (url?.protocol !== 'file:') {
    throw invalidOption(`${name} must be a file: URL when it is a URL`);
  }
  // Node's own way to its modules for code that also runs elsewhere: no bundler sees an import.
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } };
  const files = process?.getBuiltinModule?.('node:fs/promises') as FileModule | undefined;
  if (files === undefined) {
    throw configurationError(
      `${name} is a file: URL, which can be read in Node 22.3 or newer only: give the content, such as a File`,
    );
  }
  return readOr(name, () => files.readFile(url));
}

/** What is used of `node:fs/promises`. */
interface FileModule {
  readFile(url: URL): Promise<Uint8Array>;
}

async function readOr<Content>(name: string, load: () => Promise<Content>): Promise<Content> {
  try {
    return await load();
  } catch (cause) {
    throw configurationError(`${name} could not be read: ${String(cause)}`, cause);
  }
}

function unusable(name: string, kind: CredentialKind, what: string): Error {
  return configurationError(`${name} must be ${WANTED[kind]}; ${what}`);
}

function configurationError(detail: string, cause?: unknown): Error {
  return failureError(
    { name: 'tls_configuration_error', detail },
    cause === undefined ? undefined : { cause },
  );
}
