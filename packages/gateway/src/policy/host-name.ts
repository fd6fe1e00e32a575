import { isIP } from 'node:net';
import { spelledAddress } from '../connect/spelled-address.ts';
import { plainAddress } from './address-class.ts';

/**
 * A host as rules compare it: an address in its shortest form, whatever it was written as (`127.1`, `::ffff:127.0.0.1`); a
 * name in lower case (RFC 4343), without the dot that marks it as complete (RFC 1034 §3.1).
 */
export function canonicalHost(host: string): string {
  const name = bareName(host);
  const address = isIP(host) === 0 ? spelledAddress(name) : host;
  return (address === undefined ? undefined : plainAddress(address)?.toString()) ?? name;
}

/** A name as it compares: lower case, without its last dot. */
export function bareName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/** What {@link parseHostPattern} accepts, in words for an error message. */
export const HOST_PATTERN_FORM =
  'names such as "api.example.com", or "*.example.com" for every name below example.com (addresses go to "addresses")';

/** Does a name match? It is as {@link canonicalHost} gives it. */
export type HostPattern = (host: string) => boolean;

/**
 * A name, or `*.` and a name: every name below it, at any depth, without itself. As in smokescreen, a star stands nowhere
 * else, and not alone: what may be left out is said by leaving `hosts` out. Names are taken in the URL standard's ASCII
 * form, so `bücher.example` is written as it is read.
 */
export function parseHostPattern(text: string): HostPattern | undefined {
  const isWild = text.startsWith('*.');
  const written = isWild ? text.slice(2) : text;
  if (!/^[^\s*/:@?#[\]\\%]+$/.test(written) || !URL.canParse(`http://${written}`)) return undefined;
  const name = bareName(new URL(`http://${written}`).hostname);
  if (name === '' || isIP(name) !== 0 || name.split('.').includes('')) return undefined;
  const end = `.${name}`;
  return isWild ? (host) => host.endsWith(end) && host.length > end.length : (host) => host === name;
}
