import { isIPv6 } from 'node:net';
import type { AddressCheck, AddressGrant, ConnectTarget } from '../connect/connector.ts';
import type { PoolSettings } from './pool-settings.ts';

/** What separates two pools: two requests share connections exactly when all of it is equal. */
export interface PoolKey {
  /** Where the connections lead: the origin, or the proxy that requests are forwarded to. */
  readonly target: ConnectTarget;

  /** How they are made and kept. */
  readonly settings: PoolSettings;

  /** Whether the target is a proxy that gets requests for other origins. */
  readonly isForwarding: boolean;

  /** Where the connections may lead. */
  readonly checkAddress: AddressCheck;

  /** One string for all keys of this target, these settings and this way. */
  readonly place: string;

  /** One string per key, for maps. Made once, and used with every request. */
  readonly text: string;
}

/**
 * `host` or `host:port` of a URL (RFC 3986 §3.2) without user information. Percent-encoding and non-ASCII letters are
 * the client's to resolve: what is left is a name in the form DNS knows, or an address.
 */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._~!$&'()*+,;=-]+))(?::(\d{1,5}))?$/;

/** RFC 1035 §2.3.4: a name has at most 255 octets. */
const MAX_HOST_LENGTH = 255;

const DEFAULT_PORTS: Readonly<Record<ConnectTarget['scheme'], number>> = { http: 80, https: 443 };

/** Where a request's scheme and authority lead, or `undefined` when the gateway cannot connect to such a thing. */
export function connectTarget(scheme: string, authority: string): ConnectTarget | undefined {
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const [, address, name, portText] = AUTHORITY.exec(authority) ?? [];
  if (address !== undefined && !isIPv6(address)) return undefined;
  const host = address ?? name;
  if (host === undefined || host.length > MAX_HOST_LENGTH) return undefined;
  const port = portText === undefined ? DEFAULT_PORTS[scheme] : Number(portText);
  return port >= 1 && port <= 65_535 ? { scheme, host: host.toLowerCase(), port } : undefined;
}

/**
 * The key of connections to `target`.
 *
 * @param grant - what was decided for it: a request for which something else was decided never rides on the same connection.
 */
export function poolKey(
  target: ConnectTarget,
  settings: PoolSettings,
  isForwarding: boolean,
  grant: AddressGrant,
): PoolKey {
  const place = poolPlace(target, settings, isForwarding);
  return {
    target,
    settings,
    isForwarding,
    checkAddress: grant.checkAddress,
    place,
    text: `${place} ${grant.key}`,
  };
}

/** {@link PoolKey.place}. */
export function poolPlace(target: ConnectTarget, settings: PoolSettings, isForwarding: boolean): string {
  const { scheme, host, port } = target;
  return `${settings.key} ${isForwarding ? 'via ' : ''}${scheme} ${host} ${port}`;
}
