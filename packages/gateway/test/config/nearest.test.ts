import { expect, test } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

test.each([
  ['lisen', 'listen'],
  ['listne', 'listen'],
  ['LISTEN', 'listen'],
  ['alow', 'allow'],
  ['token', undefined],
  ['x', undefined],
  ['', undefined],
])('%j is most likely %s', (word, expected) => {
  expect(nearest(word, ['listen', 'allow', 'log-level', 'token-file'])).toBe(expected);
});

test('the nearest of several', () => {
  expect(nearest('maxSession', ['maxSessionsX', 'maxSessions', 'maxStreams'])).toBe('maxSessions');
});
