import { describe, expect, it } from 'vitest';
import { Asn1Error } from '../../src/identity-store/asn1.ts';
import { readCertificate } from '../../src/identity-store/certificate.ts';
import { pemBlocks, pemBytes } from '../../src/identity-store/pem.ts';
import { rejection } from '../support/client.ts';
import { IDENTITIES } from '../support/identities.ts';

function der(pem: string): Uint8Array<ArrayBuffer> {
  return pemBytes(pemBlocks(pem)[0]!);
}

describe('the facts of a certificate', () => {
  it.each(['p256', 'rsa'] as const)('are what OpenSSL says: %s', async (which) => {
    const { facts } = await readCertificate(der(IDENTITIES[which].certificate));
    const { said } = IDENTITIES;
    const told = (name: string): string =>
      said[which].find((line) => line.startsWith(name))!.split('=', 2)[1]!;
    expect(facts.fingerprint).toBe(told('sha256 Fingerprint'));
    expect(facts.serialNumber).toBe(told('serial'));
    expect(facts.notBefore).toEqual(new Date(told('notBefore')));
    expect(facts.notAfter).toEqual(new Date(told('notAfter')));
  });

  it('names are as RFC 4514 writes them', async () => {
    const { facts } = await readCertificate(der(IDENTITIES.rsa.certificate));
    expect(facts.subject).toBe(
      'emailAddress=j@example.org,CN=Jörg \\"J\\" \\<x\\>,OU=a\\+b+UID=7,O=Beispiel\\, GmbH,C=DE',
    );
    expect(facts.issuer).toBe(facts.subject);
    const { facts: other } = await readCertificate(der(IDENTITIES.p256.certificate));
    expect([other.subject, other.issuer]).toEqual(['CN=alice', 'CN=root']);
  });

  it('dates of the last century and after 2049', async () => {
    const { facts: expired } = await readCertificate(der(IDENTITIES.p256.expired));
    expect(expired.notBefore).toEqual(new Date('1999-01-01T00:00:00Z'));
    expect(expired.notAfter).toEqual(new Date('2001-02-03T04:05:06Z'));
    const { facts: early } = await readCertificate(der(IDENTITIES.p256.notYetValid));
    expect(early.notBefore).toEqual(new Date('2099-01-01T00:00:00Z'));
  });

  it('what is cut off anywhere is refused', async () => {
    const whole = der(IDENTITIES.p256.certificate);
    for (let length = 0; length < whole.length; length += 1) {
      expect(await rejection(readCertificate(whole.slice(0, length)))).toBeInstanceOf(Asn1Error);
    }
  });

  it('a control character in a name does not get out of its line', async () => {
    const bytes = der(IDENTITIES.p256.certificate);
    const at = String.fromCharCode(...bytes).indexOf('alice');
    // A right-to-left override (U+202E) and a line feed in place of "alic".
    bytes.set([0xe2, 0x80, 0xae, 0x0a], at);
    const { facts } = await readCertificate(bytes);
    expect(facts.subject).toBe('CN=\\e2\\80\\ae\\0ae');
  });
});
