import type { FieldLines } from './field-lines.ts';
import { readFieldSection } from './field-section.ts';
import { MessageError } from './message-error.ts';
import { varintAt } from './varint-at.ts';

/** Control data and header section of a response, informational or final. There is no reason phrase (RFC 9292 §6). */
export interface ResponseHead {
  /** Status code, 100 to 599. */
  status: number;

  /** The header section. */
  fields: FieldLines;
}

/** Is this the status code of an informational response? Then another head follows (RFC 9292 §3.5.1). */
export function isInformational(status: number): boolean {
  return status < 200;
}

/**
 * Reads a received response head, all of whose bytes are there.
 *
 * @param from - where the status code is.
 * @param fieldsFrom - where the field lines begin.
 * @param fieldsTo - where they end.
 * @throws {@link MessageError} when it is invalid.
 */
export function readResponseHead(
  bytes: Uint8Array,
  from: number,
  fieldsFrom: number,
  fieldsTo: number,
): ResponseHead {
  const status = varintAt(bytes, from);
  checkStatus(status);
  return { status, fields: readFieldSection(bytes, fieldsFrom, fieldsTo, 'header') };
}

/**
 * Checks a status code, received or about to be sent.
 *
 * @throws {@link MessageError} when it is not 100 to 199 (informational) or 200 to 599 (final): RFC 9292 §3.5.
 */
export function checkStatus(status: number): void {
  if (!(status >= 100 && status <= 599) || !Number.isInteger(status)) {
    throw new MessageError('invalid', `status code must be 100 to 599, got ${status}`);
  }
}
