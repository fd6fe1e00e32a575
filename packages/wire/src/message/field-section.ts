import {
  CHARACTERS,
  charactersOf,
  NOT_ASCII,
  NOT_IN_NAME,
  NOT_IN_VALUE,
  UPPER_CASE,
  WHITESPACE,
} from './characters.ts';
import {
  badName,
  badValue,
  COLON,
  checkPseudoName,
  type FieldLines,
  type SectionKind,
} from './field-lines.ts';
import { ascii, asciiStrings, latin1 } from './latin1.ts';
import { varintAt, varintBytes } from './varint-at.ts';

// What the check of a section finds that its reading depends on.
const UPPER_CASE_NAME = 1;
const NOT_ASCII_VALUE = 2;
const NOT_ASCII_LENGTH = 4;

/**
 * Reads a complete field section, from `from` to before `to`, whose lengths have been found to fit it:
 *
 * ```
 * Field Line {
 *   Name Length (i) = 1..,
 *   Name (..),
 *   Value Length (i),
 *   Value (..),
 * }
 * ```
 *
 * The section is walked twice: over its bytes, to check them, then to cut names and values out of one string made of
 * the whole. One conversion and a slice per string cost a fraction of a conversion per string.
 *
 * @throws {@link MessageError} when a line breaks a rule.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9292#section-3.6 | RFC 9292 §3.6}
 */
export function readFieldSection(bytes: Uint8Array, from: number, to: number, kind: SectionKind): FieldLines {
  const fields: FieldLines = [];
  if (from === to) return fields;
  const found = checkFieldSection(bytes, from, to, kind);
  const text = sectionText(bytes, from, to, found);
  // RFC 9110 §5.1: names are case-insensitive. RFC 9292 §3.6 takes the rules of RFC 9113 §8.2.1 for values only, so upper
  // case does not make a message invalid; what lies behind us sees one form.
  const mustFold = (found & UPPER_CASE_NAME) !== 0;
  let isName = true;
  let at = from;
  while (at < to) {
    let length = bytes[at] as number;
    let partFrom = at + 1;
    if (length >= 0x40) {
      partFrom = at + varintBytes(length);
      length = varintAt(bytes, at);
    }
    at = partFrom + length;
    const part = text.slice(partFrom - from, at - from);
    fields.push(mustFold && isName ? part.toLowerCase() : part);
    isName = !isName;
  }
  return fields;
}

function sectionText(bytes: Uint8Array, from: number, to: number, found: number): string {
  if ((found & NOT_ASCII_VALUE) !== 0) return latin1(bytes, from, to);
  if ((found & NOT_ASCII_LENGTH) !== 0) return asciiStrings(bytes, from, to);
  return ascii(bytes, from, to);
}

/** Checks every line. Returns what it found. */
function checkFieldSection(bytes: Uint8Array, from: number, to: number, kind: SectionKind): number {
  let names = 0;
  let values = 0;
  let lengths = 0;
  let sawField = false;
  let at = from;
  while (at < to) {
    let length = bytes[at] as number;
    let nameFrom = at + 1;
    if (length >= 0x40) {
      nameFrom = at + varintBytes(length);
      length = varintAt(bytes, at);
      lengths |= charactersOf(bytes, at, nameFrom);
    }
    const nameTo = nameFrom + length;
    const isPseudo = bytes[nameFrom] === COLON && length > 0;
    const tokenFrom = isPseudo ? nameFrom + 1 : nameFrom;
    const name = charactersOf(bytes, tokenFrom, nameTo);
    // RFC 9292 §3.6: "byte values that are not permitted in an HTTP field name cause the message to be invalid".
    if (tokenFrom === nameTo || (name & NOT_IN_NAME) !== 0)
      throw badName(latin1(bytes, nameFrom, nameTo), kind);
    if (isPseudo) checkPseudoName(latin1(bytes, nameFrom, nameTo).toLowerCase(), kind, sawField);
    else sawField = true;
    names |= name;

    length = bytes[nameTo] as number;
    let valueFrom = nameTo + 1;
    if (length >= 0x40) {
      valueFrom = nameTo + varintBytes(length);
      length = varintAt(bytes, nameTo);
      lengths |= charactersOf(bytes, nameTo, valueFrom);
    }
    at = valueFrom + length;
    const value = charactersOf(bytes, valueFrom, at);
    // RFC 9292 §3.6: what makes an HTTP/2 message malformed by RFC 9113 §8.2.1 makes this one invalid.
    if ((value & (NOT_IN_VALUE | WHITESPACE)) !== 0) {
      const ends =
        (CHARACTERS[bytes[valueFrom] as number] as number) | (CHARACTERS[bytes[at - 1] as number] as number);
      if (((value & NOT_IN_VALUE) | (ends & WHITESPACE)) !== 0)
        throw badValue(latin1(bytes, nameFrom, nameTo), kind);
    }
    values |= value;
  }
  return (
    ((names & UPPER_CASE) === 0 ? 0 : UPPER_CASE_NAME) |
    ((values & NOT_ASCII) === 0 ? 0 : NOT_ASCII_VALUE) |
    ((lengths & NOT_ASCII) === 0 ? 0 : NOT_ASCII_LENGTH)
  );
}
