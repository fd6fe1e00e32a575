import type { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkTlsSettings } from '../../src/connect/tls-rules.ts';
import { certificateChain, refusePeer } from '../../src/connect/tls-verify-peer.ts';
import { issue } from '../support/certificates.ts';

// What OpenSSL decides is tested with real handshakes, in tls-client.test.ts.

function refusal(
  certificate: X509Certificate | undefined,
  settings: Parameters<typeof checkTlsSettings>[0] = {},
  { host = 'a.test', chainError }: { host?: string; chainError?: string } = {},
): string | undefined {
  return refusePeer(host, { certificate, chainError }, checkTlsSettings(settings), Date.now());
}

function certificateFor(...names: string[]): X509Certificate {
  return issue({ name: 'a', names }).x509;
}

describe('a peer without a certificate', () => {
  test.each([
    [{}, 'no certificate was presented'],
    [{ certReqs: 'CERT_OPTIONAL' }, 'no certificate was presented'],
    [{ certReqs: 'CERT_NONE' }, undefined],
    [{ certReqs: 'CERT_NONE', assertFingerprint: 'ab'.repeat(20) }, 'no certificate was presented'],
  ])('with %j: %s', (settings, expected) => {
    expect(refusal(undefined, settings)).toBe(expected);
  });
});

test('the chain goes before the fingerprint, the fingerprint before the name', () => {
  const certificate = certificateFor('other.test');
  const wrong = { assertFingerprint: 'ab'.repeat(32) };
  expect(refusal(certificate, wrong, { chainError: 'CERT_REVOKED' })).toBe(
    "the certificate's chain does not verify (CERT_REVOKED)",
  );
  expect(refusal(certificate, wrong)).toMatch(
    /^Fingerprints did not match\. Expected "abab.*", got "[0-9a-f]{64}"/,
  );
  expect(refusal(certificate, { assertFingerprint: certificate.fingerprint })).toBeUndefined();
  expect(refusal(certificate)).toMatch(/^hostname 'a\.test' doesn't match 'other\.test'/);
});

describe('names', () => {
  test.each([
    ['::1', ['::1'], true],
    ['0:0:0:0:0:0:0:1', ['::1'], true],
    ['127.0.0.1', ['::1'], false],
    ['xn--bcher-kva.a.test', ['*.a.test'], true],
    ['xn--bcher-kva.a.test', ['xn--*.a.test'], false],
    ['a.test', ['*'], false],
    ['a.test', ['*.*'], false],
    ['.a.test', ['b.a.test'], false],
    ['a.a.test', ['*.a.test', 'x.test'], true],
  ])('%s and %j: %s', (host, names, isMatch) => {
    expect(refusal(certificateFor(...names), {}, { host }) === undefined).toBe(isMatch);
  });

  test('are listed, up to a number', () => {
    const many = Array.from({ length: 30 }, (_, at) => `n${at}.test`);
    expect(refusal(certificateFor(...many))).toContain("'n6.test', 'n7.test' and 22 more");
  });

  test('are shown so that they cannot be taken for anything else', () => {
    const odd = certificateFor(`${'x'.repeat(300)}.test`, 'a, DNS:a.test', 'new\nline', 'zero\0');
    const text = refusal(odd) ?? '';
    expect(text).toMatch(/^[ -~…]*$/);
    expect(text).toContain(`'${'x'.repeat(100)}…'`);
    expect(text.length).toBeLessThan(400);
    const issuer = issue({ name: `bü\u001b[2Jcher${'x'.repeat(30)}`, isAuthority: true });
    const chainError = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
    const unknown = refusal(issue({ name: 'a', issuer }).x509, {}, { chainError }) ?? '';
    expect(unknown).toMatch(/^[ -~]*'CN=b[ -~]*cherx{30}'[ -~]*$/);
  });
});

test('an authority that has expired, but was not sent, is no certificate we could name', () => {
  expect(refusal(certificateFor('a.test'), {}, { chainError: 'CERT_HAS_EXPIRED' })).toBe(
    'an authority of the certificate has expired (CERT_HAS_EXPIRED)',
  );
  expect(refusal(certificateFor('a.test'), {}, { chainError: 'CERT_NOT_YET_VALID' })).toBe(
    'an authority of the certificate is not yet valid (CERT_NOT_YET_VALID)',
  );
});

test('a certificate from nowhere is a chain of its own', () => {
  const certificate = certificateFor('a.test');
  expect(certificateChain(certificate)).toEqual([certificate]);
});
