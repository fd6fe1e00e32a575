import { describe, expect, it } from 'vitest';
import { asn1, encodeAsn1, TAG } from '../../src/identity-store/asn1.ts';
import { checkIdentity, type IdentityFindings } from '../../src/identity-store/check-identity.ts';
import type { IdentityContent } from '../../src/identity-store/identity-content.ts';
import { IdentityError } from '../../src/identity-store/identity-error.ts';
import { bytesOfBase64 } from '../../src/identity-store/pem.ts';
import { rejection } from '../support/client.ts';
import { IDENTITIES } from '../support/identities.ts';

const { p256, rsa, p384, p521, secp256k1, ed25519, password } = IDENTITIES;

/** The code of the error; neither it nor anything in it holds a password or a line of a key. */
async function refusal(content: IdentityContent, given?: string): Promise<string> {
  const error = (await rejection(checkIdentity(content, given))) as IdentityError;
  expect(error).toBeInstanceOf(IdentityError);
  const told = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  const keys = Object.values(content).flatMap((text) => text.split('\n'));
  for (const secret of [password, given ?? password, ...keys.filter((line) => line.length > 16)]) {
    if (!secret.startsWith('-----')) expect(told).not.toContain(secret);
  }
  return error.code;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

describe('a pair in PEM', () => {
  const plain: [form: string, certFile: string, keyFile: string | undefined][] = [
    ['P-256', p256.certificate, p256.key],
    ['P-256 in the traditional form', p256.certificate, p256.traditional],
    ['P-384', p384.certificate, p384.key],
    ['P-521', p521.certificate, p521.key],
    ['P-521 in the traditional form', p521.certificate, p521.traditional],
    ['RSA', rsa.certificate, rsa.key],
    ['RSA in the traditional form', rsa.certificate, rsa.traditional],
    ['Ed25519', ed25519.certificate, ed25519.key],
    ['a key in the same text', p256.key + p256.certificate, undefined],
    [
      'a key behind its parameters',
      p256.certificate,
      `-----BEGIN EC PARAMETERS-----\nBg==\n-----END EC PARAMETERS-----\n${p256.traditional}`,
    ],
    ['a chain', p256.certificate + IDENTITIES.root, p256.key],
    ['CRLF', p256.certificate.replaceAll('\n', '\r\n'), p256.key.replaceAll('\n', '\r\n')],
  ];

  it.each(plain)('fits: %s', async (_form, certFile, keyFile) => {
    const found = await checkIdentity({ certFile, ...(keyFile !== undefined && { keyFile }) }, undefined);
    expect(found).toMatchObject({ isEncrypted: false, unchecked: undefined });
    expect(found.certificate?.subject).toMatch(/=/);
  });

  it.each([p256.encrypted, p256.encryptedBySha1, p256.encryptedByAes192])(
    'an encrypted key %#',
    async (keyFile) => {
      const content = { certFile: p256.certificate, keyFile };
      expect(await checkIdentity(content, password)).toMatchObject({
        isEncrypted: true,
        unchecked: undefined,
      });
      expect(await refusal(content)).toBe('identity_password_required');
      expect(await refusal(content, 'another')).toBe('identity_password_wrong');
    },
  );

  it.each([
    ['3DES', p256.encryptedByTripleDes, /another cipher than AES/],
    ['scrypt', p256.encryptedByScrypt, /not derived by PBKDF2/],
    ['OpenSSL in its old way', p256.traditionalEncrypted, /cannot undo/],
  ])('what the browser cannot decrypt is left to the gateway: %s', async (_how, keyFile, why) => {
    const content = { certFile: p256.certificate, keyFile };
    const found = await checkIdentity(content, password);
    expect(found).toMatchObject({ isEncrypted: true, unchecked: expect.stringMatching(why) });
    expect(found.certificate?.subject).toBe('CN=alice');
    expect(await refusal(content)).toBe('identity_password_required');
  });

  it('keys that the browser does not know are left to the gateway', async () => {
    for (const keyFile of [secp256k1.key, secp256k1.traditional]) {
      const found = await checkIdentity({ certFile: secp256k1.certificate, keyFile }, undefined);
      expect(found.unchecked).toMatch(/^whether the key belongs to the certificate/);
    }
  });

  it.each([
    ['of the same kind', p256.certificate, secondKeyOf()],
    ['of another curve', p256.certificate, p384.key],
    ['of another kind', rsa.certificate, p256.key],
    ['of a certificate that is not the first', IDENTITIES.root + p256.certificate, p256.key],
  ])('a key of another certificate is refused: %s', async (_which, certFile, keyFile) => {
    expect(await refusal({ certFile, keyFile: await keyFile })).toBe('identity_key_mismatch');
  });

  it.each<[what: string, content: IdentityContent]>([
    ['no certificate', { certFile: p256.key, keyFile: p256.key }],
    ['no key', { certFile: p256.certificate }],
    ['a certificate in place of the key', { certFile: p256.certificate, keyFile: p256.certificate }],
    [
      'a certificate that is none',
      { certFile: p256.key.replaceAll('PRIVATE KEY', 'CERTIFICATE'), keyFile: p256.key },
    ],
    [
      'a key that is none',
      { certFile: p256.certificate, keyFile: p256.certificate.replaceAll('CERTIFICATE', 'PRIVATE KEY') },
    ],
    ['Base64 that is none', { certFile: p256.certificate, keyFile: p256.key.replace('M', '*') }],
    ['a key that takes too long to derive', { certFile: p256.certificate, keyFile: p256.encryptedAtLength }],
  ])('%s is refused', async (_what, content) => {
    expect(await refusal(content, password)).toBe('identity_unusable');
  });
});

describe('a PKCS #12 store', () => {
  const alice = { subject: 'CN=alice', issuer: 'CN=root', serialNumber: '1234ABCD' };

  it.each([
    ['of AES', p256.store, password],
    ['without password', p256.storeWithoutPassword, undefined],
    ['with its certificate in plain', p256.storeWithPlainCertificate, password],
    ['in BER', base64(ber(bytesOfBase64(p256.store))), password],
  ])('%s', async (_which, pfx, given) => {
    const found = await checkIdentity({ pfx }, given);
    expect(found).toMatchObject({
      certificate: alice,
      unchecked: undefined,
      isEncrypted: given !== undefined,
    });
  });

  it("the certificate is the key's, wherever it stands", async () => {
    const found = await checkIdentity({ pfx: rsa.store }, password);
    expect(found.certificate?.subject).toContain('j@example.org');
  });

  it('asks for its password', async () => {
    for (const pfx of [p256.store, p256.storeWithPlainCertificate]) {
      expect(await refusal({ pfx })).toBe('identity_password_required');
      expect(await refusal({ pfx }, 'another')).toBe('identity_password_wrong');
    }
    expect(await refusal({ pfx: p256.storeWithoutPassword }, password)).toBe('identity_password_wrong');
  });

  it.each<[which: string, pfx: string, subject: string | undefined]>([
    ['all of it', p256.storeByTripleDes, undefined],
    ['its key', p256.storeWithKeyByTripleDes, 'CN=alice'],
  ])('what 3DES protects is left to the gateway: %s', async (_which, pfx, subject) => {
    const found: IdentityFindings = await checkIdentity({ pfx }, password);
    expect(found.certificate?.subject).toBe(subject);
    expect(found.unchecked).toMatch(/^the password: it is encrypted not by PBES2/);
  });

  it('without a key, or that is none, is refused', async () => {
    expect(await refusal({ pfx: p256.storeWithoutKey }, password)).toBe('identity_unusable');
    expect(await refusal({ pfx: base64(encodeAsn1(TAG.sequence)) }, password)).toBe('identity_unusable');
  });

  it('that is cut off, or of which a byte is another, never does anything else than be refused or fit', async () => {
    const store = bytesOfBase64(p256.store);
    for (let at = 0; at < store.length; at += 7) {
      await refusal({ pfx: base64(store.slice(0, at)) }, password);
      const changed = store.slice();
      changed[at]! ^= 0x11;
      await checkIdentity({ pfx: base64(changed) }, password).catch((error: unknown) => {
        expect(error).toBeInstanceOf(IdentityError);
      });
    }
  });
});

async function secondKeyOf(): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const bytes = new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey));
  return `-----BEGIN PRIVATE KEY-----\n${base64(bytes)}\n-----END PRIVATE KEY-----\n`;
}

/** The same store as some programs write it: lengths that are told by an end, and a string in two pieces. */
function ber(store: Uint8Array<ArrayBuffer>): Uint8Array {
  const indefinite = (tag: number, ...inside: Uint8Array[]): Buffer =>
    Buffer.concat([Buffer.of(tag, 0x80), ...inside, Buffer.of(0, 0)]);
  const [version, authSafe, mac] = asn1(store).children(TAG.sequence);
  const [type, content] = authSafe!.children(TAG.sequence);
  const octets = content!.children(TAG.context0Constructed)[0]!.octets();
  const pieces = [octets.subarray(0, 100), octets.subarray(100)].map((piece) =>
    encodeAsn1(TAG.octetString, piece),
  );
  const string = indefinite(0x24, ...pieces);
  const newSafe = indefinite(TAG.sequence, type!.encoded, indefinite(TAG.context0Constructed, string));
  return indefinite(TAG.sequence, version!.encoded, newSafe, mac!.encoded);
}
