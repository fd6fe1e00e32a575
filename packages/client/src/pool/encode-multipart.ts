import { invalidOption } from '../errors.ts';
import {
  chooseBoundary,
  encodeFormData,
  encodeParts,
  type MultipartBody,
  type Part,
} from '../exchange/multipart.ts';
import { type FieldData, type FieldValue, RequestField } from './request-field.ts';

/** Fields of a form; those that come several times are given as pairs. */
export type MultipartFields =
  | FormData
  | Readonly<Record<string, FieldValue>>
  | Iterable<RequestField | readonly [name: string, value: FieldValue]>;

/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/** RFC 9110 §5.6.2: anything else in a parameter must be quoted. */
const TOKEN = /^[\w'+.-]+$/;

/**
 * Fields as `multipart/form-data`, as urllib3's `encode_multipart_formdata`. The length of the body is known, and it
 * may be sent again; what is in a `Blob` or `File` is not read before it is sent.
 *
 * @param boundary - up to 70 of the characters that RFC 2046 §5.1.1 allows, and in none of the fields.
 * @defaultValue random, 128 bits in hexadecimal
 * @throws {@link InvalidRequestError} when a field or the boundary cannot be sent.
 */
export function encodeMultipartFormdata(
  fields: MultipartFields,
  boundary: string = chooseBoundary(),
): MultipartBody {
  if (!BOUNDARY.test(boundary)) {
    throw invalidOption(
      `multipartBoundary must be 1 to 70 of the characters RFC 2046 allows, got ${JSON.stringify(boundary)}`,
    );
  }
  const contentType = `multipart/form-data; boundary=${TOKEN.test(boundary) ? boundary : `"${boundary}"`}`;
  if (fields instanceof FormData) return { ...encodeFormData(fields, boundary), contentType };
  const parts = Array.from(Symbol.iterator in fields ? fields : Object.entries(fields), partOf);
  return { body: encodeParts(parts, boundary), contentType };
}

function partOf(given: RequestField | readonly [name: string, value: FieldValue]): Part {
  const field = given instanceof RequestField ? given : RequestField.fromTuples(...given);
  return { head: field.renderHeaders(), data: contentOf(field.name, field.data) };
}

function contentOf(name: string, data: FieldData): Part['data'] {
  switch (typeof data) {
    case 'string':
      return data;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(data);
    default:
      if (data instanceof Blob || data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data;
      throw invalidOption(
        `field ${name} must be a string, number, boolean, bytes or Blob, or [filename, data, contentType]`,
      );
  }
}
