import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { addressClass, type Block, parseBlock } from '../../src/policy/address-class.ts';
import { METADATA_ADDRESSES, SPECIAL_PURPOSE } from '../../src/policy/special-purpose.ts';

/** Rows that ipaddr.js 2.5 has not heard of: for it they are ordinary. */
const UNKNOWN_TO_THE_LIBRARY = ['100:0:0:1::/64', '::/96'];

test.each(SPECIAL_PURPOSE)('$block ($name) begins where it says', ({ block }) => {
  const [first, bits] = parseBlock(block);
  const start =
    first.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(block)
      : ipaddr.IPv6.networkAddressFromCIDR(block);
  expect(first.toString()).toBe(start.toString());
  expect(bits).toBeGreaterThan(0);
});

test('no block stands there twice', () => {
  expect(new Set(SPECIAL_PURPOSE.map(({ block }) => block)).size).toBe(SPECIAL_PURPOSE.length);
});

describe('nothing of a block is public, but an IPv4 address that is', () => {
  test.each(SPECIAL_PURPOSE.filter(({ use }) => use !== 'ipv4'))('$block', ({ block }) => {
    for (const address of ends(block)) expect(addressClass(address), address).not.toBe('public');
  });
});

test.each(SPECIAL_PURPOSE.filter(({ block }) => !UNKNOWN_TO_THE_LIBRARY.includes(block)))(
  '$block: the library knows it, too',
  ({ block }) => {
    for (const address of ends(block)) expect(ipaddr.parse(address).range(), address).not.toBe('unicast');
  },
);

/** The library's own table, of which its types say nothing. */
type Ranges = { SpecialRanges: Record<string, Block | Block[]> };

test('what the library takes for special is not public here', () => {
  const tables = [ipaddr.parse('1.1.1.1'), ipaddr.parse('1::1')] as unknown as Ranges[];
  const blocks = tables
    .flatMap(({ SpecialRanges }) => Object.values(SpecialRanges))
    .flatMap((one) => (Array.isArray(one[0]) ? (one as Block[]) : [one as Block]));
  expect(blocks.length).toBeGreaterThan(30);
  for (const [address, bits] of blocks) {
    const text = address.toString();
    const isSpelling = text === '::ffff:0:0' || text === '64:ff9b::';
    if (!isSpelling) expect(addressClass(text), `${text}/${bits}`).not.toBe('public');
  }
});

test.each([...METADATA_ADDRESSES.keys()])('%s is found by its shortest form', (address) => {
  expect(ipaddr.parse(address).toString()).toBe(address);
  expect(addressClass(address)).toBe('cloud metadata');
});

/** First and last address of a block. */
function ends(block: string): string[] {
  const [first, bits] = parseBlock(block);
  const last = first.toByteArray().map((byte, at) => {
    const hostBits = Math.min(8, Math.max(0, (at + 1) * 8 - bits));
    return byte | ((1 << hostBits) - 1);
  });
  return [first.toString(), ipaddr.fromByteArray(last).toString()];
}
