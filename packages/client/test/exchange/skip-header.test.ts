import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { isSkipped, SKIP_HEADER } from '../../src/exchange/skip-header.ts';
import { thrown } from '../support/client.ts';

describe('isSkipped', () => {
  it.each([
    ['accept-encoding', SKIP_HEADER, true],
    ['user-agent', SKIP_HEADER, true],
    ['accept-encoding', 'gzip', false],
    ['user-agent', '', false],
    ['user-agent', `${SKIP_HEADER} `, false],
    ['host', 'host', false],
    ['x-any', 'SKIP_HEADER', false],
  ])('%s: %s', (name, value, expected) => {
    expect(isSkipped(name, value)).toBe(expected);
  });

  it.each([
    ['host', 'every request has one'],
    ['content-length', 'it is only sent if you give it'],
    ['accept', 'it is only sent if you give it'],
    ['x-any', 'it is only sent if you give it'],
  ])('refuses to skip %s', (name, why) => {
    const error = thrown(() => isSkipped(name, SKIP_HEADER));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as Error).message).toBe(
      `header ${name} must not be SKIP_HEADER: ${why}; accept-encoding and user-agent may be`,
    );
  });
});
