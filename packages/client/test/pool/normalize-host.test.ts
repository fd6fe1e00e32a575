import { describe, expect, it } from 'vitest';
import { LocationParseError } from '../../src/errors.ts';
import { normalizeHost } from '../../src/pool/normalize-host.ts';
import { thrown } from '../support/client.ts';

// Hosts of URLs are in url-vectors.ts; these come from elsewhere, and nobody has looked at them yet.
describe('normalizeHost', () => {
  it.each([
    ['', ''],
    ['example.com', 'example.com'],
    ['Example.COM', 'example.com'],
    ['BÜCHER', 'xn--bcher-kva'],
    ['0X7F.1', '0X7F.1'],
    ['a%41%2f', 'aa%2F'],
    ['[FE80::1%25Eth0]', '[fe80::1%Eth0]'],
  ])('of %j is %s', (host, normalized) => {
    expect(normalizeHost(host)).toBe(normalized);
  });

  it.each([
    ['%', '%'],
    ['a%2', '%'],
    ['a%zz', '%'],
    ['%00', '%00'],
    ['a b', '" "'],
    ['a\r\nb', '"\\r"'],
    ['[::1%25eth\n]', '"\\n"'],
  ])('refuses %j', (host, what) => {
    const error = thrown(() => normalizeHost(host));
    expect(error).toBeInstanceOf(LocationParseError);
    expect((error as Error).message).toBe(`Failed to parse: host must not have ${what} in it`);
  });
});
