import { invalidOption } from '../errors.ts';
import { checkHostCharacters, isIpv6, normalizeHost, unparsable } from './normalize-host.ts';
import { encodeInvalid, INVALID } from './percent-encoding.ts';
import { Url } from './url.ts';

/** What begins like this has a scheme or is a path; the rest begins with its authority. Unlike a scheme, no dot. */
const SCHEME_OR_PATH = /^(?:[a-z][a-z0-9+-]*:|\/)/i;

/** RFC 3986 appendix B; a backslash ends the authority, too, as it does in browsers. */
const URI = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^\\/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

const ZONE = /^%(?:25)?(?:[\w.~-]|%[0-9a-f]{2})+$/i;

/**
 * Takes a URL apart, as urllib3's `parse_url`: parts may be missing (`host:80`, `/path`), and are normalised where the
 * scheme is `http`, `https` or missing (RFC 3986 §6.2.2). Other schemes keep what they have, `localhost:80` among
 * them, which reads as scheme and path.
 *
 * @throws {@link LocationParseError} when host or port cannot be understood.
 */
export function parseUrl(url: string): Url {
  if (typeof url !== 'string') {
    throw invalidOption(`url must be a string, got ${typeof url}`);
  }
  if (url === '') return new Url();
  const parts = URI.exec(SCHEME_OR_PATH.test(url) ? url : `//${url}`) as (string | undefined)[] | null;
  const [, schemeAsGiven, authority, path = '', query, fragment] = parts ?? [];
  const scheme = schemeAsGiven?.toLowerCase();
  const isHttp = scheme === undefined || scheme === 'http' || scheme === 'https';
  const { auth, host, port } = authority ? splitAuthority(authority) : {};
  // A path is there where something follows it, if only an empty one.
  const noPath = query === undefined && fragment === undefined ? undefined : '';
  if (!isHttp) return new Url({ scheme, auth, host, port, path: path || noPath, query, fragment });
  return new Url({
    scheme,
    auth: auth && encodeInvalid(auth, INVALID.userinfo),
    host: host && normalizeHost(host),
    port,
    path: encodeInvalid(removeDotSegments(path), INVALID.path) || noPath,
    query: query && encodeInvalid(query, INVALID.query),
    fragment: fragment && encodeInvalid(fragment, INVALID.query),
  });
}

/**
 * Percent-encodes the target of a request to one origin, `/path?query`, and leaves its fragment out. Dot segments stay,
 * unlike in a whole URL (urllib3's `HTTPConnectionPool.urlopen`).
 *
 * @throws {@link LocationParseError} when it does not begin with a slash.
 */
export function encodeTarget(target: string): string {
  const [, path, query] = /^(\/[^?#]*)(?:\?([^#]*))?/.exec(target) ?? [];
  if (path === undefined) throw unparsable('target must begin with a slash');
  const encoded = encodeInvalid(path, INVALID.path);
  return query === undefined ? encoded : `${encoded}?${encodeInvalid(query, INVALID.query)}`;
}

function splitAuthority(authority: string): Pick<Url, 'auth' | 'host' | 'port'> {
  const at = authority.lastIndexOf('@');
  const hostPort = authority.slice(at + 1);
  // Up to its bracket for an address, up to the colon for a name; either may be empty.
  const [host = ''] = /^(?:\[[^\]]*\]|[^:]*)/.exec(hostPort) ?? [];
  checkHost(host);
  return {
    auth: authority.slice(0, Math.max(at, 0)) || undefined,
    host,
    port: parsePort(hostPort.slice(host.length)),
  };
}

function checkHost(host: string): void {
  checkHostCharacters(host);
  if (!isHost(host)) throw unparsable('host must be a name, an IPv4 address or an IPv6 address in brackets');
}

function isHost(host: string): boolean {
  if (!host.startsWith('[')) return /^(?:[^[\]%]|%[0-9a-f]{2})*$/i.test(host);
  const address = host.slice(1, -1);
  const zoneAt = address.indexOf('%');
  if (zoneAt < 0) return isIpv6(address);
  return isIpv6(address.slice(0, zoneAt)) && ZONE.test(address.slice(zoneAt));
}

/** @param text - empty, or a colon and what follows it. */
function parsePort(text: string): number | undefined {
  if (text === '' || text === ':') return undefined;
  const [, digits] = /^:0*(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (port <= 65_535) return port;
  throw unparsable('port must be a number from 0 to 65535');
}

/** RFC 3986 §5.2.4. */
function removeDotSegments(path: string): string {
  if (!/(?:^|\/)\./.test(path)) return path;
  const output: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') output.pop();
    else if (segment !== '.') output.push(segment);
  }
  // What begins with a slash goes on doing so, and so does what ended in one, or in dots that stood for it.
  if (path.startsWith('/') && output[0] !== '') output.unshift('');
  if (/\/\.\.?$/.test(path)) output.push('');
  return output.join('/');
}
