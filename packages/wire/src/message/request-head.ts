import { charactersOf, charactersOfText, NOT_ASCII, NOT_IN_NAME } from './characters.ts';
import type { FieldLines } from './field-lines.ts';
import { readFieldSection } from './field-section.ts';
import { ascii, latin1 } from './latin1.ts';
import { MessageError, quote } from './message-error.ts';
import { NOT_IN_AUTHORITY, NOT_IN_PATH, NOT_IN_SCHEME, TARGET_CHARACTERS } from './target-characters.ts';
import { varintAt, varintBytes } from './varint-at.ts';

/** Control data and header section of a request. */
export interface RequestHead {
  /** Method, case-sensitive (RFC 9110 §9.1). */
  method: string;

  /** Scheme without its colon; empty for CONNECT alone. */
  scheme: string;

  /** Host and port; may be empty when the header section holds `host` (RFC 9292 §3.4). */
  authority: string;

  /** Path and query, `*` for OPTIONS of a whole server; empty for CONNECT alone. */
  path: string;

  /** The header section. */
  fields: FieldLines;
}

/** Method, scheme, authority and path, in this order and each with its length before it (RFC 9292 §3.4). */
export const REQUEST_CONTROL_STRINGS = 4;

const SLASH = 0x2f;

/**
 * Reads a received request head, all of whose bytes are there.
 *
 * @param from - where the control data begins.
 * @param fieldsFrom - where the field lines begin.
 * @param fieldsTo - where they end.
 * @throws {@link MessageError} when it is invalid.
 */
export function readRequestHead(
  bytes: Uint8Array,
  from: number,
  fieldsFrom: number,
  fieldsTo: number,
): RequestHead {
  const methodTo = stringEnd(bytes, from);
  const schemeTo = stringEnd(bytes, methodTo);
  const authorityTo = stringEnd(bytes, schemeTo);
  const pathTo = stringEnd(bytes, authorityTo);
  const text = controlText(bytes, from, pathTo);
  const head: RequestHead = {
    method: text.slice(stringStart(bytes, from) - from, methodTo - from),
    scheme: text.slice(stringStart(bytes, methodTo) - from, schemeTo - from),
    authority: text.slice(stringStart(bytes, schemeTo) - from, authorityTo - from),
    path: text.slice(stringStart(bytes, authorityTo) - from, pathTo - from),
    fields: readFieldSection(bytes, fieldsFrom, fieldsTo, 'header'),
  };
  checkControlData(head);
  return head;
}

function controlText(bytes: Uint8Array, from: number, to: number): string {
  return (charactersOf(bytes, from, to) & NOT_ASCII) === 0 ? ascii(bytes, from, to) : latin1(bytes, from, to);
}

/** Where the characters of the length-prefixed string at `at` begin. */
function stringStart(bytes: Uint8Array, at: number): number {
  return at + varintBytes(bytes[at] as number);
}

/** Where the length-prefixed string at `at` ends. */
function stringEnd(bytes: Uint8Array, at: number): number {
  return stringStart(bytes, at) + varintAt(bytes, at);
}

/**
 * Checks received control data. RFC 9292 §3.4: the values "follow the rules in HTTP/2 (Section
 * 8.3.1) that apply to the `:method`, `:scheme`, `:authority`, and `:path` pseudo-header fields".
 *
 * @throws {@link MessageError} when a rule is broken.
 */
function checkControlData(head: RequestHead): void {
  const { method, scheme, authority, path } = head;
  // RFC 9110 §9.1: a method is a token.
  if (method.length === 0 || (charactersOfText(method) & NOT_IN_NAME) !== 0) {
    throw new MessageError('invalid', `method must be a token (RFC 9110 §9.1), got ${quote(method)}`);
  }
  if ((charactersOfText(authority, TARGET_CHARACTERS) & NOT_IN_AUTHORITY) !== 0) {
    throw new MessageError(
      'invalid',
      `authority must be host and port (RFC 3986 §3.2), got ${quote(authority)}`,
    );
  }
  if ((charactersOfText(path, TARGET_CHARACTERS) & NOT_IN_PATH) !== 0) {
    throw new MessageError(
      'invalid',
      'path must be visible ASCII without "#"; percent-encode everything else',
    );
  }
  if (scheme === 'https' || scheme === 'http') {
    checkHttpTarget(head);
  } else if (scheme.length > 0) {
    checkScheme(head);
  } else if (method !== 'CONNECT') {
    throw new MessageError(
      'invalid',
      `scheme must not be empty for method ${quote(method)}, only for CONNECT`,
    );
  } else if (path.length > 0 || authority.length === 0) {
    // RFC 9113 §8.5: of a CONNECT request `:scheme` and `:path` are left out, `:authority` is the host and port.
    throw new MessageError('invalid', 'CONNECT without a scheme must have an authority and an empty path');
  }
}

function checkScheme(head: RequestHead): void {
  const { scheme } = head;
  // RFC 3986 §3.1: begins with a letter.
  if (!/^[a-z]/i.test(scheme) || (charactersOfText(scheme, TARGET_CHARACTERS) & NOT_IN_SCHEME) !== 0) {
    throw new MessageError('invalid', `scheme must be as in RFC 3986 §3.1, got ${quote(scheme)}`);
  }
  if (/^https?$/i.test(scheme)) checkHttpTarget(head);
}

function checkHttpTarget({ method, authority, path }: RequestHead): void {
  // RFC 9113 §8.3.1: "':authority' MUST NOT include the deprecated userinfo subcomponent for 'http' or 'https'".
  if (authority.includes('@')) throw new MessageError('invalid', 'authority must not hold user information');
  // RFC 9113 §8.3.1: the path "MUST NOT be empty for 'http' or 'https' URIs"; it starts with "/", or is "*" for OPTIONS.
  if (path.charCodeAt(0) !== SLASH && !(path === '*' && method === 'OPTIONS')) {
    throw new MessageError(
      'invalid',
      `path must start with "/" (or be "*" for OPTIONS) for method ${quote(method)}`,
    );
  }
}
