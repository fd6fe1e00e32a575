import { describe, expect, test } from 'vitest';
import { Asn1Error, asn1, asn1Member, TAG } from '../../src/connect/tls-asn1.ts';
import { der } from '../support/certificates.ts';

function bytes(...values: number[]): Buffer {
  return Buffer.from(values);
}

describe('lengths', () => {
  test.each([0, 1, 127, 128, 255, 256, 65_535])('of %i bytes', (length) => {
    const content = Buffer.alloc(length, 7);
    expect(asn1(der(TAG.octetString, content)).octets()).toEqual(content);
  });

  test('with zeros before them', () => {
    expect(asn1(bytes(0x04, 0x83, 0, 0, 2, 8, 9)).octets()).toEqual(bytes(8, 9));
  });

  test('that a marker tells', () => {
    const inner = bytes(0x30, 0x80, 0x02, 0x01, 0x05, 0, 0);
    const outer = asn1(Buffer.concat([bytes(0x30, 0x80), inner, inner, bytes(0, 0, 0xff)]));
    expect(outer.encoded.length).toBe(2 + 2 * inner.length + 2);
    const values = outer.children(TAG.sequence);
    expect(values.map((each) => asn1Member(each.children(TAG.sequence), 0).integer())).toEqual([5, 5]);
  });
});

describe('values', () => {
  test('strings in pieces, under their own tag and under another', () => {
    const pieces = [der(TAG.octetString, [1, 2]), der(TAG.octetString, []), der(TAG.octetString, [3])];
    expect(asn1(der(0x24, ...pieces)).octets()).toEqual(bytes(1, 2, 3));
    expect(asn1(Buffer.concat([bytes(0xa0, 0x80), ...pieces, bytes(0, 0)])).octets(TAG.context0)).toEqual(
      bytes(1, 2, 3),
    );
    expect(asn1(der(TAG.context0, [9])).octets(TAG.context0)).toEqual(bytes(9));
  });

  test.each([
    [[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d], '1.2.840.113549.1.5.13'],
    [[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a], '2.16.840.1.101.3.4.1.42'],
    [[0x55, 0x1d, 0x11], '2.5.29.17'],
    [[0x2b, 0x0e, 0x03, 0x02, 0x1a], '1.3.14.3.2.26'],
  ])('object identifiers: %j', (content, text) => {
    expect(asn1(der(TAG.objectIdentifier, content)).objectIdentifier()).toBe(text);
  });

  test.each([
    [[0], 0],
    [[0x08, 0x00], 2_048],
    [[0, 0xff], 255],
    [Array<number>(9).fill(0x7f), Number.POSITIVE_INFINITY],
  ])('integers: %j', (content, value) => {
    expect(asn1(der(TAG.integer, content)).integer()).toBe(value);
  });
});

describe('what is not ASN.1', () => {
  const sample = der(TAG.sequence, der(TAG.integer, [1]), der(TAG.octetString, [2, 3]));

  test('or only part of it', () => {
    for (let end = 0; end < sample.length; end += 1) {
      expect(() => asn1(sample.subarray(0, end))).toThrow(Asn1Error);
    }
  });

  test.each([
    ['a tag of several bytes', bytes(0x1f, 0x81, 0x00, 0x00)],
    ['more bytes than there are', bytes(0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 1)],
    ['a length of a hundred bytes', Buffer.concat([bytes(0x04, 0xe4), Buffer.alloc(100, 0xff)])],
    ['no marker at the end', bytes(0x30, 0x80, 0x02, 0x01, 0x05)],
    ['half a marker', bytes(0x30, 0x80, 0x00)],
  ])('%s', (_what, input) => {
    expect(() => asn1(input)).toThrow(Asn1Error);
  });

  test('something else than expected', () => {
    const value = asn1(sample);
    expect(() => value.integer()).toThrow(Asn1Error);
    expect(() => value.octets()).toThrow(Asn1Error);
    expect(() => value.objectIdentifier()).toThrow(Asn1Error);
    expect(() => value.children(TAG.set)).toThrow(Asn1Error);
    expect(() => asn1Member(value.children(TAG.sequence), 2)).toThrow(Asn1Error);
    expect(() => asn1(der(0x24, der(TAG.integer, [1]))).octets()).toThrow(Asn1Error);
  });

  test('values inside each other without end cost neither stack nor time', () => {
    const started = performance.now();
    expect(() => asn1(Buffer.alloc(1_000_000, bytes(0x30, 0x80)))).toThrow(Asn1Error);
    expect(() => asn1(Buffer.alloc(1_000_000, bytes(0x24, 0x80))).octets()).toThrow(Asn1Error);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
