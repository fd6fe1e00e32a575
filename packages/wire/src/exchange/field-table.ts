import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { violation } from '../errors.ts';
import { decodeUtf8 } from '../utf8.ts';
import { varintLength } from '../varint.ts';

// Field section {
//   Length (i),                            of what follows, in bytes
//   Field (..) ...,                        each: ID (i), Value Length (i), Value (..)
// }

/** How a value stands on the wire: an integer, a boolean as 0 or 1, UTF-8, or bytes as they are. */
export type FieldType = 'integer' | 'boolean' | 'text' | 'bytes';

/** One row of a table of fields. */
export interface FieldSpec {
  readonly id: number;
  readonly type: FieldType;
}

/** A table of fields, by name. Encoding, decoding and the tables of PROTOCOL.md derive from it. */
export type FieldTable = Readonly<Record<string, FieldSpec>>;

/** Values of a table's fields; every one may be absent. */
export type FieldValues<Table extends FieldTable> = {
  -readonly [Name in keyof Table]?: Table[Name]['type'] extends 'integer'
    ? number
    : Table[Name]['type'] extends 'boolean'
      ? boolean
      : Table[Name]['type'] extends 'text'
        ? string
        : Uint8Array;
};

type Value = number | boolean | string | Uint8Array;

/** Sections are written one at a time, and their length comes before them. */
const section = new ByteWriter();

/** Writes a section with the fields of `values` that are set. */
export function writeFields<Table extends FieldTable>(
  writer: ByteWriter,
  table: Table,
  values: FieldValues<Table>,
): void {
  section.discard();
  // Own ones: what somebody added to Object.prototype is no field.
  for (const name of Object.keys(values)) {
    const value = values[name] as Value | undefined;
    if (value === undefined) continue;
    section.varint((table[name] as FieldSpec).id);
    if (typeof value === 'string') {
      section.utf8(value);
    } else if (typeof value === 'object') {
      section.varint(value.length);
      section.bytes(value);
    } else {
      const integer = Number(value);
      section.varint(varintLength(integer));
      section.varint(integer);
    }
  }
  writer.varint(section.length);
  writer.bytes(section.take());
}

/**
 * Reads the fields of a section, its length aside.
 *
 * @param unknown - called with the identifier of a field that is not in the table: throw to refuse it, return to skip it.
 * @throws {@link WireError} when the bytes are no such section or a field comes twice.
 */
export function readFields<Table extends FieldTable>(
  section: Uint8Array,
  table: Table,
  unknown: (id: number) => void,
): FieldValues<Table> {
  const reader = new ByteReader(section);
  const values: Record<string, Value> = {};
  while (reader.remaining > 0) {
    const id = reader.varint();
    const length = reader.varint();
    const from = reader.offset;
    const bytes = reader.take(length);
    const name = nameOf(table, id);
    if (name === undefined) {
      unknown(id);
      continue;
    }
    if (name in values) throw violation(`field ${name} must come once`);
    const { type } = table[name] as FieldSpec;
    if (type === 'text' || type === 'bytes') {
      values[name] = type === 'bytes' ? bytes : decodeUtf8(bytes, `field ${name}`);
      continue;
    }
    reader.offset = from;
    const value = reader.varint();
    if (reader.offset !== from + length || (type === 'boolean' && value > 1)) {
      throw violation(`field ${name} must be one ${type}`);
    }
    values[name] = type === 'boolean' ? value === 1 : value;
  }
  return values as FieldValues<Table>;
}

function nameOf(table: FieldTable, id: number): string | undefined {
  for (const name in table) if ((table[name] as FieldSpec).id === id) return name;
  return undefined;
}
