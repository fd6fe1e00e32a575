import { type Asn1Value, asn1Member, TAG } from './asn1.ts';

/** Attribute types that have a short name (RFC 4514 §3), and those that certificates have besides. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** Encodings of text by tag; a tag that is not here holds no text. */
const ENCODINGS: Readonly<Record<number, string>> = {
  [TAG.utf8String]: 'utf-8',
  // NumericString, PrintableString, IA5String, VisibleString: ASCII, of which UTF-8 is a superset.
  18: 'utf-8',
  19: 'utf-8',
  22: 'utf-8',
  26: 'utf-8',
  [TAG.t61String]: 'latin1',
  [TAG.bmpString]: 'utf-16be',
};

/** A Name (RFC 5280 §4.1.2.4) as text (RFC 4514): the most particular part first, as browsers and OpenSSL 3 show it. */
export function distinguishedName(name: Asn1Value): string {
  const parts = name.children(TAG.sequence).map((set) => set.children(TAG.set).map(attribute).join('+'));
  return parts.reverse().join(',');
}

function attribute(value: Asn1Value): string {
  const members = value.children(TAG.sequence);
  const type = asn1Member(members, 0).objectIdentifier();
  const { tag, content, encoded } = asn1Member(members, 1);
  const encoding = ENCODINGS[tag];
  const name = SHORT_NAMES[type];
  // RFC 4514 §2.4: what has no short name, or is no text, is told by its encoding.
  if (name === undefined || encoding === undefined) return `${name ?? type}=#${hexadecimal(encoded)}`;
  return `${name}=${escaped(new TextDecoder(encoding).decode(content))}`;
}

/** RFC 4514 §2.4; control characters too, so that what is shown is one line and reads as it is written. */
function escaped(text: string): string {
  return text
    .replace(/["+,;<>\\]|^[ #]| $/g, '\\$&')
    .replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
      Array.from(new TextEncoder().encode(character), (byte) => `\\${hexadecimal([byte])}`).join(''),
    );
}

function hexadecimal(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
