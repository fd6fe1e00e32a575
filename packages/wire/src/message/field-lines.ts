import type { ByteWriter } from '../byte-writer.ts';
import {
  CHARACTERS,
  charactersOfText,
  NOT_IN_NAME,
  NOT_IN_VALUE,
  UPPER_CASE,
  WHITESPACE,
} from './characters.ts';
import { TERMINATOR } from './framing.ts';
import { MessageError, quote } from './message-error.ts';

/**
 * The lines of a header or trailer section in one flat array: a name at every even index, its value after it. Names are
 * lower-case, values hold one character per byte. A name may come more than once; order is kept.
 */
export type FieldLines = string[];

/** Which field section of a message is meant. They differ in one rule: trailers hold no pseudo-fields. */
export type SectionKind = 'header' | 'trailer';

/** What names of pseudo-fields begin with (RFC 9113 §8.3). */
export const COLON = 0x3a;

/** Control data has its own place in a binary message, so a field of these names makes it invalid (RFC 9292 §3.6). */
const CONTROL_DATA_NAMES: ReadonlySet<string> = new Set([
  ':method',
  ':scheme',
  ':authority',
  ':path',
  ':status',
]);

/** Bits of {@link CHARACTERS} that a field name we send may not have. */
const NOT_SENT_IN_NAME = NOT_IN_NAME | UPPER_CASE;

/**
 * Checks field lines before they are sent. What passes here is valid for every recipient.
 *
 * @throws {@link MessageError} at the first line that is not.
 */
export function checkFieldLines(fields: FieldLines, kind: SectionKind): void {
  if (fields.length % 2 !== 0) {
    throw new MessageError(
      'invalid',
      `${kind} field lines must be pairs of a name and a value, got ${fields.length} items`,
    );
  }
  let sawField = false;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const isPseudo = name.charCodeAt(0) === COLON;
    const token = isPseudo ? name.slice(1) : name;
    // RFC 9113 §8.2 via RFC 9292 §1: "Field names MUST be converted to lowercase when constructing".
    if (token.length === 0 || (charactersOfText(token) & NOT_SENT_IN_NAME) !== 0) throw badName(name, kind);
    if (isPseudo) checkPseudoName(name, kind, sawField);
    else sawField = true;
    const value = fields[i + 1] as string;
    const length = value.length;
    if (length === 0) continue;
    const seen = charactersOfText(value);
    if ((seen & NOT_IN_VALUE) !== 0) throw badValue(name, kind);
    if ((seen & WHITESPACE) !== 0 && (isWhitespace(value, 0) || isWhitespace(value, length - 1))) {
      throw badValue(name, kind);
    }
  }
}

function isWhitespace(value: string, at: number): boolean {
  return ((CHARACTERS[value.charCodeAt(at) & 0xff] as number) & WHITESPACE) !== 0;
}

/**
 * Writes a field section of indeterminate length, terminator included.
 *
 * @param fields - have passed {@link checkFieldLines}.
 */
export function writeFieldSection(writer: ByteWriter, fields: FieldLines): void {
  for (let i = 0; i < fields.length; i++) {
    const text = fields[i] as string;
    writer.varint(text.length);
    writer.latin1(text);
  }
  writer.byte(TERMINATOR);
}

/**
 * The rules for a name that begins with a colon, received or about to be sent. RFC 9292 §3.6: "Other pseudo-fields that
 * are defined by protocol extensions MAY be included; pseudo-fields cannot be included in trailers", and they "MUST
 * precede other field lines".
 *
 * @param name - lower-case, a token behind its colon.
 * @throws {@link MessageError} when one is broken.
 */
export function checkPseudoName(name: string, kind: SectionKind, sawField: boolean): void {
  if (kind === 'header' && !sawField && !CONTROL_DATA_NAMES.has(name)) return;
  throw new MessageError(
    'invalid',
    `${kind} section must not hold pseudo-field ${quote(name)} in this place`,
  );
}

/** The error for a name that is no token, or, before sending, has an upper-case letter. */
export function badName(name: string, kind: SectionKind): MessageError {
  return new MessageError('invalid', `${kind} field name must be a lower-case token, got ${quote(name)}`);
}

/** The error for the value of the field `name`, which it does not repeat. */
export function badValue(name: string, kind: SectionKind): MessageError {
  return new MessageError(
    'invalid',
    `value of ${kind} field ${quote(name)} must hold no NUL, CR or LF, and no whitespace at its ends`,
  );
}
