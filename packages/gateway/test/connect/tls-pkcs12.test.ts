import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Asn1Error, asn1, TAG } from '../../src/connect/tls-asn1.ts';
import { PasswordError } from '../../src/connect/tls-decrypt.ts';
import { EncryptionError } from '../../src/connect/tls-key-derivation.ts';
import { openPkcs12 } from '../../src/connect/tls-pkcs12.ts';
import { ALICE_KEY, STORES } from '../support/pkcs12-stores.ts';

function store(name: keyof typeof STORES): Buffer {
  return Buffer.from(STORES[name], 'base64');
}

async function subjects(bytes: Buffer, password: string | undefined): Promise<string[]> {
  const { key, certificates } = await openPkcs12(bytes, password);
  const keyObject = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  expect(
    keyObject.equals(
      createPrivateKey({ key: Buffer.from(ALICE_KEY, 'base64'), format: 'der', type: 'pkcs8' }),
    ),
  ).toBe(true);
  return certificates.map((each) => new X509Certificate(each).subject);
}

describe('a store', () => {
  test.each<[keyof typeof STORES, string | undefined, string[]]>([
    ['aes256', 'secret', ['CN=alice', 'CN=r', 'CN=i']],
    ['java', 'secret', ['CN=alice', 'CN=i', 'CN=r']],
    ['tripleDes', 'secret', ['CN=alice']],
    ['umlauts', 'pässwörd', ['CN=alice']],
    ['emptyPassword', '', ['CN=alice']],
    ['emptyPassword', undefined, ['CN=alice']],
    ['noPassword', '', ['CN=alice']],
    ['noPassword', undefined, ['CN=alice']],
    ['plain', undefined, ['CN=alice']],
    ['plain', 'superfluous', ['CN=alice']],
    ['noCertificate', 'secret', []],
  ])('%s opens with %j', async (name, password, expected) => {
    expect(await subjects(store(name), password)).toEqual(expected);
  });

  test('in BER opens, too', async () => {
    expect(await subjects(toBer(store('aes256')), 'secret')).toEqual(['CN=alice', 'CN=r', 'CN=i']);
  });

  test.each<[keyof typeof STORES, string | undefined]>([
    ['aes256', 'wrong'],
    ['aes256', ''],
    ['aes256', undefined],
    ['tripleDes', 'Secret'],
    ['umlauts', 'passwörd'],
    ['emptyPassword', 'x'],
    ['noPassword', 'x'],
  ])('%s does not open with %j', async (name, password) => {
    await expect(openPkcs12(store(name), password)).rejects.toThrow(PasswordError);
  });

  test.each<[keyof typeof STORES, string]>([
    ['rc2', 'it is encrypted in an old way (RC2, RC4 or DES): export it again with AES'],
    ['slow', 'its key derivation takes 1000001 rounds, and at most 1000000 are done'],
    ['noKey', 'expected one private key in it, got 0'],
    ['twoKeys', 'expected one private key in it, got 2'],
  ])('%s: %s', async (name, message) => {
    const opened = openPkcs12(store(name), 'secret');
    await expect(opened).rejects.toThrow(EncryptionError);
    await expect(opened).rejects.toThrow(message);
  });

  test('that was changed does not open', async () => {
    const bytes = store('aes256');
    // Inside the first safe, past all that says how to decrypt it.
    bytes.writeUInt8(bytes.readUInt8(600) ^ 1, 600);
    await expect(openPkcs12(bytes, 'secret')).rejects.toThrow(PasswordError);
  });

  test('that was cut off does not open', async () => {
    const bytes = store('plain');
    for (let end = 0; end < bytes.length; end += 1) {
      await expect(openPkcs12(bytes.subarray(0, end), undefined)).rejects.toThrow(Asn1Error);
    }
  });
});

/** The outer levels of a store with lengths told by markers and strings in pieces: what the MAC covers stays the same. */
function toBer(store: Buffer): Buffer {
  const open = (tag: number, ...parts: Buffer[]): Buffer =>
    Buffer.concat([Buffer.from([tag, 0x80]), ...parts, Buffer.alloc(2)]);
  const [version, authSafe, mac] = asn1(store)
    .children(TAG.sequence)
    .map((value) => value);
  const [kind, wrapped] = authSafe?.children(TAG.sequence) ?? [];
  const content = wrapped?.children(TAG.context0Constructed)[0]?.octets() ?? Buffer.alloc(0);
  const pieces = [content.subarray(0, 100), content.subarray(100, 200), content.subarray(200)].map((piece) =>
    Buffer.concat([Buffer.from([0x04, 0x82, piece.length >> 8, piece.length & 0xff]), piece]),
  );
  const info = open(
    TAG.sequence,
    kind?.encoded as Buffer,
    open(TAG.context0Constructed, open(0x24, ...pieces)),
  );
  return open(TAG.sequence, version?.encoded as Buffer, info, mac?.encoded as Buffer);
}
