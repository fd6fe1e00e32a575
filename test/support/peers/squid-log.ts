import type { ProxyRequest, SquidAccess } from './peer-api.ts';

/**
 * A request in squid's debug log, section 11 at level 2: a line with the connection, a line that says REQUEST, then the
 * head as it was received, between two rulers.
 */
const REQUEST =
  /HTTP Client conn(\d+) local=[^ ]*:(\d+) [^\n]*\n[^\n]*HTTP Client REQUEST:\n-{9}\n([\s\S]*?)\n-{10}\n/g;

/** Reads the request heads out of a debug log. `tlsPort` tells which of them came over TLS. */
export function parseRequests(log: string, tlsPort: number | null): ProxyRequest[] {
  const connections = new Map<string, number>();
  return [...log.matchAll(REQUEST)].map(([, connection = '', port, head = '']) => {
    if (!connections.has(connection)) connections.set(connection, connections.size + 1);
    const [requestLine = '', ...lines] = head.split(/\r?\n/).filter(Boolean);
    const [method = '', target = '', version = ''] = requestLine.split(' ');
    return {
      connection: connections.get(connection) ?? 0,
      isTls: Number(port) === tlsPort,
      method,
      target,
      httpVersion: version.replace('HTTP/', ''),
      rawHeaders: lines.flatMap((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
    };
  });
}

/** How the access log is written: no member holds a space. */
export const ACCESS_FORMAT = '%rm %ru %un %>Hs %Ss %<a';

/** Leaves out connections that ended before they had a request, which squid logs without a method. */
export function parseAccess(log: string): SquidAccess[] {
  return log
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('- '))
    .map((line) => {
      const [method = '', target = '', user = '-', status = '', result = '', peerAddress = '-'] =
        line.split(' ');
      return {
        method,
        target,
        user: user === '-' ? null : user,
        status: Number(status),
        result,
        peerAddress: peerAddress === '-' ? null : peerAddress,
      };
    });
}
