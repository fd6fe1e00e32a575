import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { toFailureError } from './node-error.ts';

/** How the TLS handshake with an origin is done. */
export interface TlsConnectOptions {
  /** Name or address whose certificate is expected, as the client named it. */
  readonly host: string;

  /** Gives up; the socket is closed. */
  readonly signal: AbortSignal;
}

/**
 * TLS over a connected socket, verified against Node's default trust. No session is resumed: a cached one belongs to a
 * connection key, and must never let one subject ride on another's client certificate.
 *
 * Rejects with a {@link FailureError}, or with the signal's reason.
 */
export function connectTls(socket: Socket, { host, signal }: TlsConnectOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      socket.destroy();
      reject(signal.reason);
      return;
    }
    const secure = connect({ socket, host, ...serverName(host), ALPNProtocols: ['http/1.1'] });
    const giveUp = (): void => {
      secure.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    secure.once('secureConnect', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(secure);
    });
    // Stays attached, for the same reason as the one on the TCP socket.
    secure.on('error', (error) => {
      signal.removeEventListener('abort', giveUp);
      reject(toFailureError(error, 'tls', { host, port: socket.remotePort ?? 0 }));
    });
  });
}

/** RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in HostName", and it has no trailing dot. */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host.endsWith('.') ? host.slice(0, -1) : host } : {};
}
