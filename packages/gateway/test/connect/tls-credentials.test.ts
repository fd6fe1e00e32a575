import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { TlsSettings } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { type Credentials, readCredentials } from '../../src/connect/tls-credentials.ts';
import { FailureError } from '../../src/errors.ts';
import type { IdentityOptions } from '../../src/options.ts';
import { issue } from '../support/certificates.ts';
import { STORES } from '../support/pkcs12-stores.ts';

const ROOT = issue({ name: 'root', isAuthority: true });
const ALICE = issue({ name: 'alice', issuer: ROOT });
const RSA = issue({ name: 'rsa', rsaBits: 2_048 });
const PASSWORD = 'canary-password';
const CERT = ALICE.certificate;

function encrypted(key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1', cipher: string): string {
  return key.export({ type, format: 'pem', cipher, passphrase: PASSWORD }).toString();
}

const PKCS8 = encrypted(ALICE.keyObject, 'pkcs8', 'aes-256-cbc');
const TRADITIONAL = encrypted(ALICE.keyObject, 'sec1', 'aes-128-cbc');
const TRADITIONAL_RSA = encrypted(RSA.keyObject, 'pkcs1', 'aes-256-cbc');

/** `openssl pkcs8 -topk8 -scrypt`, of the password `secret`. */
const SCRYPT_KEY = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAgtK7NSe7pzMAICQAAC
AQgCAQEwHQYJYIZIAWUDBAEqBBBfxWct8cp0CSA8MM6bD3H3BIGQrtredG/48CKj
Tsh3DbZGXtvGauV1J41av4f30Kv2rJGiyy7KulArb3p6lVMjZxxir9JTtGRAP4en
QwHdn7JtR8b/LpOTOqD0e/uHVC2Wu/5hdog5X/EjXfImeMflIa1o2ViLCT48tTAs
LDFhyqdW2s+KFCLihmzXOIjxChRtn68x1x0/suswzxAXC8q6vK7V
-----END ENCRYPTED PRIVATE KEY-----
`;

function subjects({ certificates }: Credentials): string[] {
  const blocks = certificates.match(/-----BEGIN.*?-----END CERTIFICATE-----/gs) ?? [];
  return blocks.map((block) => new X509Certificate(block).subject);
}

async function read(settings: TlsSettings, identity?: IdentityOptions): Promise<Credentials> {
  const credentials = await readCredentials(settings, identity);
  if (credentials === undefined) throw new Error('no credentials');
  return credentials;
}

test('without options there are none', async () => {
  expect(await readCredentials({}, undefined)).toBeUndefined();
  expect(await readCredentials({}, { cert: CERT, key: ALICE.key })).toBeUndefined();
});

describe('a certificate and its key', () => {
  test.each<[string, TlsSettings]>([
    ['in two texts', { certFile: CERT, keyFile: ALICE.key }],
    ['in one text', { certFile: CERT + ALICE.key }],
    ['in one text, the key first', { certFile: ALICE.key + CERT }],
    ['with a superfluous password', { certFile: CERT, keyFile: ALICE.key, keyPassword: PASSWORD }],
    ['in PKCS #8, encrypted', { certFile: CERT, keyFile: PKCS8, keyPassword: PASSWORD }],
    [
      'in PKCS #8, encrypted with 3DES',
      { certFile: CERT, keyFile: encrypted(ALICE.keyObject, 'pkcs8', 'des-ede3-cbc'), keyPassword: PASSWORD },
    ],
    ['in PKCS #8, encrypted, in one text', { certFile: CERT + PKCS8, keyPassword: PASSWORD }],
    [
      'in the traditional form',
      { certFile: CERT, keyFile: ALICE.keyObject.export({ type: 'sec1', format: 'pem' }).toString() },
    ],
    ['in the traditional form, encrypted', { certFile: CERT, keyFile: TRADITIONAL, keyPassword: PASSWORD }],
    ['of RSA, encrypted', { certFile: RSA.certificate, keyFile: TRADITIONAL_RSA, keyPassword: PASSWORD }],
  ])('%s', async (_how, settings) => {
    const { certificates, key } = await read(settings);
    const [own] = subjects({ certificates, key });
    expect(own).toBe(settings.certFile?.includes(RSA.certificate) ? 'CN=rsa' : 'CN=alice');
    expect(new X509Certificate(certificates).checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificates).not.toContain('PRIVATE KEY');
  });

  test('come with all that is in the text', async () => {
    expect(subjects(await read({ certFile: CERT + ROOT.certificate, keyFile: ALICE.key }))).toEqual([
      'CN=alice',
      'CN=root',
    ]);
  });

  test('come out of a store, with the authorities between them and the root in order', async () => {
    const settings = { pfx: STORES.aes256, keyPassword: 'secret' };
    expect(subjects(await read(settings))).toEqual(['CN=alice', 'CN=i']);
    expect(subjects(await read({ pfx: STORES.java.replaceAll('\n', ''), keyPassword: 'secret' }))).toEqual([
      'CN=alice',
      'CN=i',
    ]);
  });

  test.each<[string, IdentityOptions]>([
    ['PEM', { cert: CERT, key: ALICE.key }],
    ['PEM, encrypted', { cert: CERT, key: PKCS8, keyPassword: PASSWORD }],
    ['a store', { pfx: Buffer.from(STORES.aes256, 'base64'), pfxPassword: 'secret' }],
  ])("are the operator's: %s", async (_how, identity) => {
    expect(subjects(await read({ identity: 'shop' }, identity))[0]).toBe('CN=alice');
  });
});

describe('what cannot be used', () => {
  const certFile = CERT;
  const keyFile = ALICE.key;
  const damaged = CERT.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA');
  const tooLarge = generateKeyPairSync('rsa', { modulusLength: 8_200 }).privateKey;

  test.each<[why: string, settings: TlsSettings, words: string]>([
    [
      'no password',
      { certFile, keyFile: PKCS8 },
      'keyFile: Client private key is encrypted, password is required: give keyPassword',
    ],
    [
      'no password, traditional',
      { certFile, keyFile: TRADITIONAL },
      'keyFile: Client private key is encrypted, password is required',
    ],
    [
      'no password, in one text',
      { certFile: CERT + PKCS8 },
      'certFile: Client private key is encrypted, password is required',
    ],
    [
      'wrong password',
      { certFile, keyFile: PKCS8, keyPassword: 'x' },
      'keyPassword: it is not the password of keyFile, or keyFile is damaged',
    ],
    [
      'wrong password, traditional',
      { certFile, keyFile: TRADITIONAL, keyPassword: 'x' },
      'keyPassword: it is not the password of keyFile',
    ],
    [
      'wrong password, RSA',
      { certFile: RSA.certificate, keyFile: TRADITIONAL_RSA, keyPassword: 'x' },
      'keyPassword: it is not the password of keyFile',
    ],
    [
      'an empty password',
      { certFile, keyFile: PKCS8, keyPassword: '' },
      'keyPassword: it is not the password of keyFile',
    ],
    [
      'another key',
      { certFile, keyFile: RSA.key },
      'keyFile: the private key does not belong to the certificate, the first one in certFile (KEY_VALUES_MISMATCH)',
    ],
    ['another key of the same kind', { certFile, keyFile: ROOT.key }, 'KEY_VALUES_MISMATCH'],
    ['the authority first', { certFile: ROOT.certificate + CERT, keyFile }, 'KEY_VALUES_MISMATCH'],
    ['no key', { certFile }, 'keyFile: expected a private key, here or in certFile, got none'],
    ['keyFile without certFile', { keyFile }, 'keyFile: expected certFile beside it'],
    ['keyPassword alone', { keyPassword: PASSWORD }, 'keyPassword: expected certFile or pfx beside it'],
    [
      'garbage for a certificate',
      { certFile: 'garbage', keyFile },
      'certFile: expected certificates in PEM (-----BEGIN CERTIFICATE-----), got none',
    ],
    ['an empty text', { certFile: '', keyFile }, 'certFile: expected certificates in PEM'],
    [
      'a certificate that is damaged',
      { certFile: CERT + damaged, keyFile },
      'certFile: certificate 2 of 2 cannot be read',
    ],
    [
      'garbage for a key',
      { certFile, keyFile: 'garbage' },
      'keyFile: expected a private key in PEM, got something else',
    ],
    [
      'a key that is damaged',
      { certFile, keyFile: '-----BEGIN PRIVATE KEY-----\ngarbage\n-----END PRIVATE KEY-----' },
      'keyFile: cannot be read (ERR_OSSL_',
    ],
    [
      'an encrypted key that is damaged',
      {
        certFile,
        keyPassword: PASSWORD,
        keyFile: '-----BEGIN ENCRYPTED PRIVATE KEY-----\ngarbage\n-----END ENCRYPTED PRIVATE KEY-----',
      },
      'or keyFile is damaged',
    ],
    [
      'a key that takes too long to sign with',
      { certFile, keyFile: tooLarge.export({ type: 'pkcs8', format: 'pem' }).toString() },
      'keyFile: expected a key of at most 8192 bits, got 8200',
    ],
    ['certFile and pfx', { certFile, keyFile, pfx: STORES.plain }, 'certFile and pfx: expected one of them'],
    [
      'certFile and identity',
      { certFile, keyFile, identity: 'shop' },
      'certFile and identity: expected one of them',
    ],
    ['pfx and identity', { pfx: STORES.plain, identity: 'shop' }, 'pfx and identity: expected one of them'],
    [
      'identity and keyPassword',
      { identity: 'shop', keyPassword: PASSWORD },
      'keyPassword: expected certFile or pfx beside it',
    ],
    [
      'identity that is not there',
      { identity: 'shop' },
      'identity: the gateway keeps none of this name for you',
    ],
    [
      'pfx that is not Base64',
      { pfx: '-----BEGIN' },
      'pfx: expected a PKCS #12 store in Base64, got something else',
    ],
    ['pfx that is no store', { pfx: 'AAAA' }, 'pfx: cannot be read'],
    ['an empty pfx', { pfx: '' }, 'pfx: expected a PKCS #12 store in Base64'],
    [
      'pfx with another password',
      { pfx: STORES.aes256, keyPassword: PASSWORD },
      'keyPassword: it is not the password of pfx',
    ],
    [
      'pfx without its password',
      { pfx: STORES.aes256 },
      'pfx: it is encrypted, password is required: give keyPassword',
    ],
    [
      'pfx with old encryption',
      { pfx: STORES.rc2, keyPassword: 'secret' },
      'pfx: cannot be used, it is encrypted in an old way (RC2, RC4 or DES): export it again with AES',
    ],
    [
      'pfx that takes too long',
      { pfx: STORES.slow, keyPassword: 'secret' },
      'pfx: cannot be used, its key derivation takes 1000001 rounds',
    ],
    [
      'pfx without a certificate',
      { pfx: STORES.noCertificate, keyPassword: 'secret' },
      'pfx: expected certificates',
    ],
    [
      'pfx without a key',
      { pfx: STORES.noKey, keyPassword: 'secret' },
      'pfx: cannot be used, expected one private key in it, got 0',
    ],
  ])('%s', async (_why, settings, words) => {
    const error = await readCredentials(settings, undefined).then(
      () => expect.unreachable('it could be used'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FailureError);
    const { failure, message } = error as FailureError;
    expect(failure.name).toBe('tls_configuration_error');
    expect(failure.detail).toContain(words);
    expect(message).not.toMatch(/canary|secret|PRIVATE KEY-----/);
  });

  test.each<[string, IdentityOptions, string]>([
    [
      'another key',
      { cert: CERT, key: RSA.key },
      'identity (its key): the private key does not belong to the certificate',
    ],
    [
      'no password',
      { cert: CERT, key: PKCS8 },
      'identity (its key): Client private key is encrypted, password is required: give identity (its password)',
    ],
    [
      'another password',
      { pfx: Buffer.from(STORES.aes256, 'base64'), pfxPassword: 'x' },
      'identity (its password): it is not the password of identity (its PKCS #12 store)',
    ],
  ])("%s of the operator's", async (_why, identity, words) => {
    await expect(readCredentials({ identity: 'shop' }, identity)).rejects.toThrow(words);
  });
});

describe('a key derivation', () => {
  test('by scrypt', async () => {
    const certificate = issue({ name: 'x' });
    const attempt = readCredentials(
      { certFile: certificate.certificate, keyFile: SCRYPT_KEY, keyPassword: 'secret' },
      undefined,
    );
    // It is decrypted: what is wrong with it is that it belongs to another certificate.
    await expect(attempt).rejects.toThrow('KEY_VALUES_MISMATCH');
  });

  test('by scrypt that takes too much memory', async () => {
    const [first = '', body = '', last = ''] = SCRYPT_KEY.split(/(?<=^-.*\n)|(?=^-----END)/m);
    const bytes = Buffer.from(body, 'base64');
    // The block size, an INTEGER of one byte behind the cost.
    const at = bytes.indexOf(Buffer.from([2, 2, 0x40, 0, 2, 1, 8]));
    bytes.writeUInt8(0x7f, at + 6);
    const settings = {
      certFile: CERT,
      keyFile: `${first}${bytes.toString('base64')}\n${last}`,
      keyPassword: 'secret',
    };
    const words =
      'keyFile: cannot be used, its key derivation takes too much memory and time (16384, 127, 1)';
    await expect(readCredentials(settings, undefined)).rejects.toThrow(words);
  });
});
