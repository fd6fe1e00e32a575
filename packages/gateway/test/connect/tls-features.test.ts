import { expect, test } from 'vitest';
import { tlsFeatures } from '../../src/connect/tls-features.ts';

test.each([
  ['TLSv1.3', ['tls1.2', 'tls1.3']],
  ['TLSv1.2', ['tls1.2']],
  ['TLSv1.1', ['tls1', 'tls1.1']],
  ['TLSv1', ['tls1']],
] as const)('up to %s', (newest, features) => {
  expect(tlsFeatures(newest)).toEqual(features);
});

test('a Node without limits speaks both', () => {
  expect(tlsFeatures()).toEqual(['tls1.2', 'tls1.3']);
});
