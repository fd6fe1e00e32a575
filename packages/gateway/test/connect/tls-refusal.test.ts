import { once } from 'node:events';
import type { SecureVersion } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
import { describe, expect, test } from 'vitest';
import { type Issued, issue } from '../support/certificates.ts';
import {
  failureOf,
  GOOD,
  OTHER_ROOT,
  only,
  presenting,
  ROOT,
  secure,
  tlsClient,
  tlsServer,
  trusting,
} from '../support/tls-peers.ts';

const VERSIONS: SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];
const INTERMEDIATE = issue({ name: 'intermediate', issuer: ROOT, isAuthority: true });

function named(name: string, ...names: string[]): Issued {
  return issue({ name, issuer: ROOT, names });
}

function sha256(issued: Issued): string {
  return issued.x509.fingerprint256;
}

describe.each(VERSIONS)('with %s', (version) => {
  describe('a peer that is refused', () => {
    const viaIntermediate = issue({ name: 'via', issuer: INTERMEDIATE, names: ['origin.test'] });
    const expired = issue({ name: 'expired', issuer: ROOT, names: ['origin.test'], days: [-9, -2] });
    const early = issue({ name: 'early', issuer: ROOT, names: ['origin.test'], days: [2, 9] });
    const oldAuthority = issue({ name: 'old authority', issuer: ROOT, isAuthority: true, days: [-9, -2] });
    const ofOldAuthority = issue({ name: 'o', issuer: oldAuthority, names: ['origin.test'] });
    const noAuthority = issue({ name: 'no authority', issuer: ROOT });

    test.each<
      [why: string, chain: [Issued, ...Issued[]], settings: TlsSettings, words: string[], host?: string]
    >([
      [
        'signed by itself',
        [issue({ name: 's', names: ['origin.test'] })],
        {},
        ['is self-signed', 'caCerts', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      ],
      [
        'of an authority nobody knows',
        [issue({ name: 's', issuer: OTHER_ROOT, names: ['origin.test'] })],
        {},
        [
          "issued by 'CN=other root'",
          'neither trusted nor sent',
          'caCerts',
          'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        ],
      ],
      [
        'of an authority nobody knows that is sent along',
        [issue({ name: 's', issuer: OTHER_ROOT, names: ['origin.test'] }), OTHER_ROOT],
        {},
        ["authority 'CN=other root', which is not trusted", 'SELF_SIGNED_CERT_IN_CHAIN'],
      ],
      [
        'without its intermediate',
        [viaIntermediate],
        {},
        ["issued by 'CN=intermediate'", 'the server has to send it', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
      ],
      [
        'of an intermediate whose authority nobody knows',
        [viaIntermediate, INTERMEDIATE],
        { caCerts: OTHER_ROOT.certificate },
        [
          "'CN=intermediate', an authority of the certificate, was issued by 'CN=root'",
          'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        ],
      ],
      [
        'expired',
        [expired],
        {},
        [`the certificate has expired at ${expired.x509.validToDate.toISOString()}`, 'CERT_HAS_EXPIRED'],
      ],
      [
        'of an expired authority',
        [ofOldAuthority, oldAuthority],
        {},
        [
          `'CN=old authority', an authority of the certificate, has expired at ${oldAuthority.x509.validToDate.toISOString()}`,
        ],
      ],
      [
        'not yet valid',
        [early],
        {},
        [
          `the certificate is not yet valid before ${early.x509.validFromDate.toISOString()}`,
          'CERT_NOT_YET_VALID',
        ],
      ],
      [
        'for clients only',
        [issue({ name: 'c', issuer: ROOT, names: ['origin.test'], purpose: 'client' })],
        {},
        ['not one for servers', 'INVALID_PURPOSE'],
      ],
      [
        'of somebody who is no authority',
        [issue({ name: 'x', issuer: noAuthority, names: ['origin.test'] }), noAuthority],
        {},
        ['signed by one that is no authority'],
      ],
      [
        'for another name',
        [named('n', 'other.test')],
        {},
        ["hostname 'origin.test' doesn't match 'other.test'", 'assertHostname'],
      ],
      [
        'for other names',
        [named('n', 'other.test', '10.0.0.1')],
        {},
        ["hostname 'origin.test' doesn't match either of 'other.test', '10.0.0.1'"],
      ],
      [
        'for a common name alone',
        [issue({ name: 'origin.test', issuer: ROOT })],
        {},
        ['no subjectAltName, and a common name does not count'],
      ],
      [
        'for a name that looks like the address',
        [named('n', '127.0.0.1x', 'localhost')],
        {},
        ["IP address '127.0.0.1' doesn't match either of '127.0.0.1x', 'localhost'"],
        '127.0.0.1',
      ],
      [
        'for an address and not the name',
        [named('n', '127.0.0.1')],
        {},
        ["hostname 'origin.test' doesn't match '127.0.0.1'"],
      ],
      [
        'for a wildcard one label above',
        [named('w', '*.test')],
        {},
        ["hostname 'a.b.test' doesn't match '*.test'"],
        'a.b.test',
      ],
      [
        'for a wildcard beside letters',
        [named('w', 'o*.wild.test')],
        {},
        ["'origin.wild.test' doesn't match"],
        'origin.wild.test',
      ],
      [
        'for a wildcard that is not the first label',
        [named('w', 'origin.*.test')],
        {},
        ["doesn't match"],
        'origin.wild.test',
      ],
      [
        'for a name with something behind a zero',
        [named('z', 'origin.test\0.evil.test')],
        {},
        ["doesn't match"],
      ],
      [
        'not what serverHostname says',
        [GOOD],
        { serverHostname: 'x.test' },
        ["hostname 'x.test' doesn't match"],
      ],
      [
        'not what assertHostname says',
        [GOOD],
        { assertHostname: 'x.test' },
        ["hostname 'x.test' doesn't match"],
      ],
      [
        'not what assertHostname says, an address',
        [GOOD],
        { assertHostname: '127.0.0.2' },
        ["IP address '127.0.0.2' doesn't match"],
      ],
      [
        'without the fingerprint',
        [GOOD],
        { assertFingerprint: 'ab'.repeat(32) },
        [
          'Fingerprints did not match. Expected "abab',
          `got "${sha256(GOOD).replaceAll(':', '').toLowerCase()}"`,
        ],
      ],
      [
        'without the fingerprint, though nothing is required',
        [GOOD],
        { certReqs: 'CERT_NONE', assertFingerprint: 'ab'.repeat(16) },
        ['Fingerprints did not match'],
      ],
      [
        'with the fingerprint, of an authority nobody knows',
        [GOOD],
        { caCerts: OTHER_ROOT.certificate, assertFingerprint: sha256(GOOD) },
        ['neither trusted nor sent'],
      ],
      ['expired, with CERT_OPTIONAL', [expired], { certReqs: 'CERT_OPTIONAL' }, ['has expired']],
      [
        'for another name, with CERT_OPTIONAL',
        [named('n', 'other.test')],
        { certReqs: 'CERT_OPTIONAL' },
        ["doesn't match 'other.test'"],
      ],
    ])('is %s', async (_why, [own, ...above], settings, words, host = 'origin.test') => {
      const server = await tlsServer({ ...only(version), ...presenting(own, ...above) });
      const failure = await failureOf(secure(tlsClient(trusting(settings)), server.port, { host }));
      expect(failure.name).toBe('tls_certificate_error');
      expect(failure.detail).toContain(`${host}:${server.port}: `);
      for (const each of words) expect(failure.detail).toContain(each);
      expect(failure.detail.length).toBeLessThan(500);
    });

    test('gets not a byte, and its connection is closed', async () => {
      const server = await tlsServer({ ...only(version), ...presenting(expired) });
      await failureOf(secure(tlsClient(), server.port));
      // The handshake is done as far as the server knows, or it was cut off in it: either way nothing follows.
      const received: Buffer[] = [];
      for (const socket of server.accepted) {
        socket.on('data', (bytes: Buffer) => received.push(bytes));
        if (!socket.closed) await once(socket, 'close');
      }
      expect(received).toEqual([]);
    });
  });
});
