import type { FieldLines } from '@hip/wire';

/**
 * Fields that are about one connection and never forwarded, in either direction. `Trailer` and `Expect` are not among
 * them here, because that depends on the direction.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 | RFC 9110 §7.6.1}
 */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings', // RFC 7540 §3.2.1, with `Upgrade: h2c`
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** Is this field, by its name in lower case, about one connection only? */
export function isConnectionSpecific(name: string): boolean {
  return CONNECTION_SPECIFIC.has(name);
}

/**
 * Removes from `fields` those that `Connection` names: "Intermediaries MUST … remove any header or trailer field(s)
 * from the message with the same name as the connection-option" (RFC 9110 §7.6.1). `options` is the value of
 * `Connection`, several ones joined with a comma.
 */
export function withoutConnectionOptions(fields: FieldLines, options: string): FieldLines {
  const lower = options.toLowerCase();
  // The everyday values, which name no field.
  if (lower === 'keep-alive' || lower === 'close') return fields;
  const named = new Set(lower.split(',').map((option) => option.trim()));
  const kept: FieldLines = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (!named.has(name)) kept.push(name, fields[at + 1] as string);
  }
  return kept;
}
