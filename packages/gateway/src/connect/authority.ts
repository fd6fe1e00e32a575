import { isIPv6 } from 'node:net';

/** `host:port`, an IPv6 address in brackets (RFC 3986 §3.2). */
export function authorityText({ host, port }: { host: string; port: number }): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
