import { LocationParseError } from '../errors.ts';
import { ESCAPE } from './percent-encoding.ts';

/** Any spelling of an IPv4 address that resolvers know: up to four numbers, decimal, octal or hexadecimal. */
const IPV4_LIKE = /^(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}$/i;

/** Letters, marks and digits (RFC 5892 §2.1), exceptions and what is allowed in a context (§2.6, §2.8). */
const IDNA_LABEL =
  /^[-a-z0-9\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\xb7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c-\u200d\u3007\u30fb]+$/u;

/** @param why - begins with the part of the URL that is wrong. What it is may be secret, and is not repeated. */
export function unparsable(why: string): LocationParseError {
  return new LocationParseError('invalid_option', `Failed to parse: ${why}`);
}

/**
 * Whether a text is an IPv6 address (RFC 3986 §3.2.2), as urllib3 checks it: the numbers of an IPv4 address in it may
 * be too large.
 */
export function isIpv6(text: string): boolean {
  // An IPv4 address at the end stands for two groups, a `::` for one at least.
  const halves = text.replace(/(?<=:)(?:\d{1,3}\.){3}\d{1,3}$/, '0:0').split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : halves.length === 2 && groups.length <= 7;
}

/**
 * Refuses characters that no host has: they could end a line or a name further on.
 *
 * @throws {@link LocationParseError}
 */
export function checkHostCharacters(host: string): void {
  const [invalid] = /[\0-\x20\x7f]/.exec(host) ?? [];
  if (invalid !== undefined) throw unparsable(`host must not have ${JSON.stringify(invalid)} in it`);
}

/**
 * A host in the one spelling that pools are told apart by: lower case, escapes only where they must be, IDNA 2008
 * (RFC 5891) for what is not ASCII.
 *
 * @param host - in brackets, an IPv6 address that {@link isIpv6} accepts, maybe with a zone.
 * @throws {@link LocationParseError} when it is no host.
 */
export function normalizeHost(host: string): string {
  // Most hosts, first.
  if (/^[a-z0-9.-]+$/.test(host)) return host;
  checkHostCharacters(host);
  if (host.startsWith('[')) return normalizeIpv6(host);
  if (IPV4_LIKE.test(host)) return host;
  const decoded = host.replace(/%(?:[0-9a-f]{2})?/gi, (found) => {
    const octet = octetOf(found);
    return /[\w.~-]/.test(octet) ? octet : found;
  });
  return decoded.split('.').map(toAscii).join('.');
}

/** The zone of an address begins with `%25` in a URL (RFC 6874 §2), with `%` everywhere else (RFC 4007 §11). */
function normalizeIpv6(host: string): string {
  const at = host.indexOf('%');
  if (at < 0) return host.toLowerCase();
  const escapedPercent = host.startsWith('%25', at) && host.length > at + '%25]'.length;
  const zone = host.slice(at + (escapedPercent ? 3 : 1));
  for (const [found] of zone.matchAll(ESCAPE)) octetOf(found);
  return `${host.slice(0, at).toLowerCase()}%${upperEscapes(zone)}`;
}

function octetOf(found: string): string {
  // A percent sign alone gives NUL.
  const octet = String.fromCharCode(Number.parseInt(found.slice(1), 16));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (!/[\0-\x1f\x7f]/.test(octet)) return octet;
  throw unparsable(`host must not have ${found} in it`);
}

function toAscii(label: string): string {
  const lower = label.toLowerCase();
  if (/^[\0-\x7f]*$/.test(lower)) return upperEscapes(lower);
  // The platform's IDNA is that of browsers (UTS #46): it maps what IDNA 2008 refuses, digits of other widths among it.
  const url = `http://${lower}`;
  const ascii = isIdna2008(lower) && URL.canParse(url) ? new URL(url).hostname : '';
  // RFC 1035 §2.3.4: a label has at most 63 octets.
  if (/^xn--[-a-z0-9]{1,59}$/.test(ascii)) return ascii;
  throw unparsable('host must have labels that IDNA 2008 allows');
}

function isIdna2008(label: string): boolean {
  // RFC 5891 §4.2.3.1.
  if (label.startsWith('-') || label.endsWith('-') || label.startsWith('--', 2)) return false;
  // RFC 5892 appendix A.3 and A.7: dots that look like a label's end stand between two l, or in Japanese.
  if (/(?:^|[^l])\xb7|\xb7(?!l)/.test(label)) return false;
  if (label.includes('\u30fb') && !/[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u.test(label)) return false;
  // RFC 5892 §2.2: nothing that normalisation would change.
  return IDNA_LABEL.test(label) && label.normalize('NFKC') === label;
}

function upperEscapes(text: string): string {
  return text.replace(ESCAPE, (found) => found.toUpperCase());
}
