import type { FieldLines } from '@hip/wire';

/** The value of a list-based field: its lines joined (RFC 9110 §5.3); empty without any. */
export function fieldValue(fields: FieldLines, name: string): string {
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === name).join(', ');
}
