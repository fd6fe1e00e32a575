import { describe, expect, test } from 'vitest';
import { isCertificate, isPrivateKey, pemBlocks, pemBytes, toPem } from '../../src/connect/tls-pem.ts';

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----';
const KEY = '-----BEGIN EC PRIVATE KEY-----\r\nAwQF\r\n-----END EC PRIVATE KEY-----';

test('blocks are found among other text', () => {
  const text = `subject=CN = a\n${CERTIFICATE}\n\nissuer ----- \n${KEY}\n${CERTIFICATE}`;
  expect(pemBlocks(text)).toEqual([
    { label: 'CERTIFICATE', text: CERTIFICATE },
    { label: 'EC PRIVATE KEY', text: KEY },
    { label: 'CERTIFICATE', text: CERTIFICATE },
  ]);
});

test.each([
  ['', 'nothing'],
  ['garbage', 'no block'],
  ['-----BEGIN CERTIFICATE', 'half a first line'],
  ['-----BEGIN CERTIFICATE-----\nAAEC\n', 'no last line'],
  ['-----BEGIN CERTIFICATE-----\nAAEC\n-----END EC PRIVATE KEY-----', 'the last line of another'],
  ['-----BEGIN <script>-----\n-----END <script>-----', 'no label'],
])('%j: %s', (text) => {
  expect(pemBlocks(text)).toEqual([]);
});

test('bytes go in and out', () => {
  const bytes = Buffer.from(Array.from({ length: 100 }, (_, at) => at));
  const [block] = pemBlocks(toPem('CERTIFICATE', bytes));
  expect(block?.text.split('\n')[1]).toHaveLength(64);
  expect(block && pemBytes(block)).toEqual(bytes);
});

test.each([
  ['CERTIFICATE', true, false],
  ['TRUSTED CERTIFICATE', true, false],
  ['X509 CERTIFICATE', true, false],
  ['CERTIFICATE REQUEST', false, false],
  ['PRIVATE KEY', false, true],
  ['ENCRYPTED PRIVATE KEY', false, true],
  ['RSA PRIVATE KEY', false, true],
  ['PUBLIC KEY', false, false],
  ['EC PARAMETERS', false, false],
])('%s', (label, certificate, key) => {
  expect([isCertificate({ label, text: '' }), isPrivateKey({ label, text: '' })]).toEqual([certificate, key]);
});

describe('text made to take long', () => {
  test.each([
    ['first lines alone', '-----BEGIN CERTIFICATE-----\n'],
    ['first lines of many kinds', '-----BEGIN A-----\n-----BEGIN B-----\n-----BEGIN C-----\n'],
    ['half lines', '-----BEGIN '],
  ])('%s', (_what, line) => {
    const started = performance.now();
    expect(pemBlocks(line.repeat(100_000))).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
