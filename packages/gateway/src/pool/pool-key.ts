import { isIPv6 } from 'node:net';
import type { ConnectTarget } from '../connect/connector.ts';

/** The fields that separate two pools: two requests share connections exactly when all of them are equal. */
export type PoolKey = ConnectTarget;

/**
 * `host` or `host:port` of a URL (RFC 3986 §3.2) without user information. Percent-encoding and non-ASCII letters are
 * the client's to resolve: what is left is a name in the form DNS knows, or an address.
 */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._~!$&'()*+,;=-]+))(?::(\d{1,5}))?$/;

/** RFC 1035 §2.3.4: a name has at most 255 octets. */
const MAX_HOST_LENGTH = 255;

const DEFAULT_PORTS: Readonly<Record<PoolKey['scheme'], number>> = { http: 80, https: 443 };

/** The key for a request's scheme and authority, or `undefined` when the gateway cannot connect to such a thing. */
export function poolKey(scheme: string, authority: string): PoolKey | undefined {
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const [, address, name, portText] = AUTHORITY.exec(authority) ?? [];
  if (address !== undefined && !isIPv6(address)) return undefined;
  const host = address ?? name;
  if (host === undefined || host.length > MAX_HOST_LENGTH) return undefined;
  const port = portText === undefined ? DEFAULT_PORTS[scheme] : Number(portText);
  return port >= 1 && port <= 65_535 ? { scheme, host: host.toLowerCase(), port } : undefined;
}

/** One string per {@link PoolKey}, for maps. */
export function poolKeyText({ scheme, host, port }: PoolKey): string {
  return `${scheme} ${host} ${port}`;
}
