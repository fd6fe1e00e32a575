import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { InvalidRequestError, SSLError } from '../../src/errors.ts';
import { type CredentialKind, credentialContent } from '../../src/pool/credential-content.ts';
import type { CredentialSource } from '../../src/tls-options.ts';
import { rejection } from '../support/client.ts';
import { bytesOf, CANARY, CERTIFICATE, der, KEY } from '../support/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'hip-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): URL {
  const path = join(folder, name);
  writeFileSync(path, content);
  return pathToFileURL(path);
}

async function refusal(source: unknown, kind: CredentialKind, type: unknown): Promise<string> {
  const error = (await rejection(credentialContent('option', source as CredentialSource, kind))) as Error;
  expect(error).toBeInstanceOf(type);
  expect(error.message).toMatch(/^option /);
  // Neither in the words nor anywhere else a logger may look.
  expect(`${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain(
    CANARY,
  );
  return error.message;
}

describe('PEM', () => {
  const sources: [string, (text: string) => CredentialSource][] = [
    ['text', (text) => text],
    ['bytes', bytesOf],
    ['a view of bytes', (text) => bytesOf(`x${text}`).subarray(1)],
    ['a Buffer', (text) => Buffer.from(text)],
    ['an ArrayBuffer', (text) => bytesOf(text).buffer],
    ['a Blob', (text) => new Blob([text])],
    ['a File', (text) => new File([text], 'ca.pem')],
    ['a file: URL', (text) => file('text.pem', text)],
    ['a file: URL as text', (text) => file('text.pem', text).href],
  ];
  it.each(sources)('as %s', async (_, source) => {
    expect(await credentialContent('caCerts', source(CERTIFICATE), 'certificates')).toBe(CERTIFICATE);
    expect(await credentialContent('keyFile', source(KEY), 'key')).toBe(KEY);
  });

  it.each([
    '-----BEGIN TRUSTED CERTIFICATE-----',
    '-----BEGIN X509 CERTIFICATE-----',
    'Bag Attributes\n    friendlyName: a\n-----BEGIN CERTIFICATE-----',
  ])('of certificates may be %j', async (text) => {
    expect(await credentialContent('caCerts', text, 'certificates')).toBe(text);
  });

  it.each([
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED',
    '-----BEGIN EC PRIVATE KEY-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
  ])('of keys may be %j', async (text) => {
    expect(await credentialContent('keyFile', text, 'key')).toBe(text);
  });

  it.each([
    ['certificates', `no PEM but ${CANARY}`],
    ['certificates', KEY],
    ['certificates', ''],
    ['certificates', bytesOf(CANARY)],
    ['certificates', new Blob([CANARY])],
    ['certificates', '-----BEGIN CERTIFICATE REQUEST-----'],
    ['key', CERTIFICATE],
    ['key', `-----BEGIN PUBLIC KEY-----\n${CANARY}`],
    ['key', der(40)],
    ['key', `\n${CANARY}/${CANARY}`],
  ] as const)('that is no %s is refused: %s', async (kind, source) => {
    const message = await refusal(source, kind, SSLError);
    expect(message).toMatch(kind === 'key' ? /^option must be a private key as PEM/ : /^option must be PEM/);
    expect(message).toMatch(/; what came is none$/);
  });

  it.each(['./cert.pem', '/etc/ssl/cert.pem', 'C:\\cert.pem', 'cert.pem', `../${CANARY}.key`, '~/a/b'])(
    'is asked for where a path came: %s',
    async (path) => {
      for (const kind of ['certificates', 'key'] as const) {
        expect(await refusal(path, kind, SSLError)).toMatch(
          /looks like a path, which the gateway does not open: give the content, or in Node a file: URL$/,
        );
      }
    },
  );
});

describe('DER', () => {
  it('of a certificate becomes PEM', async () => {
    const content = await credentialContent('caCerts', der(60), 'certificates');
    expect(content.split('\n')).toEqual([
      '-----BEGIN CERTIFICATE-----',
      expect.stringMatching(/^[\w+/]{64}$/),
      expect.stringMatching(/^[\w+/]{16}$/),
      '-----END CERTIFICATE-----',
      '',
    ]);
    expect(Buffer.from(content.split('\n').slice(1, 3).join(''), 'base64')).toEqual(Buffer.from(der(60)));
  });

  it('of several certificates becomes as many', async () => {
    const row = Buffer.concat([der(60), der(1_000), der(2)]);
    const content = await credentialContent('caCerts', row, 'certificates');
    const bodies = [...content.matchAll(/-----BEGIN CERTIFICATE-----\n([^-]+)-----END CERTIFICATE-----\n/g)];
    expect(bodies.map(([, body = '']) => Buffer.from(body, 'base64').length)).toEqual([60, 1_000, 2]);
  });

  it.each([
    ['cut off', der(1_000).subarray(0, 999)],
    ['cut off in its head', Uint8Array.of(0x30)],
    ['of a length that is cut off', Uint8Array.of(0x30, 0x82, 1)],
    ['without an end', Uint8Array.of(0x30, 0x80, 0)],
    ['followed by something else', Buffer.concat([der(60), bytesOf(CANARY)])],
  ])('that is %s is refused', async (_, bytes) => {
    expect(await refusal(bytes, 'certificates', SSLError)).toMatch(/; what came is cut off or no DER$/);
  });
});

describe('a PKCS #12 store', () => {
  it.each([
    ['bytes', der(200)],
    ['a Blob', new Blob([der(200)])],
    ['a file: URL', file('store.p12', der(200))],
  ])('as %s becomes Base64', async (_, source) => {
    expect(await credentialContent('pfx', source, 'store')).toBe(Buffer.from(der(200)).toString('base64'));
  });

  it.each([
    ['text', CERTIFICATE],
    ['no text', ''],
    ['bytes of text', bytesOf(CERTIFICATE)],
    ['no bytes', new Uint8Array(0)],
  ])('that is %s is refused', async (_, source) => {
    expect(await refusal(source, 'store', SSLError)).toMatch(/^option must be a PKCS #12 store as bytes/);
  });
});

describe('a source', () => {
  it.each([7, true, null, { pem: CANARY }, [CANARY], new DataView(new ArrayBuffer(1))])(
    'that is none is refused: %o',
    async (source) => {
      for (const kind of ['certificates', 'key', 'store'] as const) {
        expect(await refusal(source, kind, InvalidRequestError)).toMatch(/^option must be .*, got \w+$/);
      }
    },
  );

  it('that is a URL elsewhere is refused', async () => {
    expect(await refusal(new URL(`https://${CANARY}.test/`), 'key', InvalidRequestError)).toBe(
      'option must be a file: URL when it is a URL',
    );
  });

  it('that cannot be read is told with the reason', async () => {
    const missing = pathToFileURL(join(folder, 'missing.pem'));
    expect(await refusal(missing, 'certificates', SSLError)).toMatch(/^option could not be read: .*ENOENT/);
  });

  it('that is a file: URL needs Node', async () => {
    const url = file('text.pem', CERTIFICATE);
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    const error = await rejection(credentialContent('option', url, 'certificates'));
    expect(error).toMatchObject({ name: 'SSLError', code: 'tls_configuration_error', sent: 'never' });
    expect((error as Error).message).toMatch(
      /^option is a file: URL, which can be read in Node 22.3 or newer/,
    );
  });
});
