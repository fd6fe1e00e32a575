import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
import type { IdentityOptions } from '../options.ts';
import { toFailureError } from './node-error.ts';

/** What is known of TLS with a peer. */
export interface TlsFacts {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string;

  /** Cipher suite by its IANA name. */
  readonly cipher: string;

  /** Whether the peer was verified: its certificate's chain, or its fingerprint. */
  readonly isVerified: boolean;

  /** Whether the handshake resumed an earlier session. */
  readonly isResumed: boolean;

  /** The peer's certificates in DER, its own first. */
  readonly peerCertificates: readonly Uint8Array[];
}

/** A socket after its handshake. */
export interface SecureSocket {
  readonly socket: TLSSocket;
  readonly facts: TlsFacts;
}

/** Whom a handshake is with. */
export interface HandshakeOptions {
  /** Name or address whose certificate is expected, as the client named it. */
  readonly host: string;

  /** For error messages, and to tell sessions apart. */
  readonly port: number;

  /** Gives up; the socket is closed. */
  readonly signal: AbortSignal;
}

/** What a {@link TlsClient} is built from. */
export interface TlsClientOptions {
  /** As the client asked for them. */
  readonly settings: TlsSettings;

  /** What `settings.identity` names; `undefined` when it names nothing. */
  readonly identity?: IdentityOptions | undefined;

  /** Certificates in PEM that are trusted where the client names none; `undefined` for those that come with Node. */
  readonly trust?: readonly string[] | undefined;
}

/** One side of TLS toward origins or proxies: the client's settings, and the sessions that may be resumed under them. */
export class TlsClient {
  constructor(_options: TlsClientOptions) {}

  /** Does the handshake over a connected socket. Rejects with a {@link FailureError}, or with the signal's reason. */
  connect(socket: Socket, { host, port, signal }: HandshakeOptions): Promise<SecureSocket> {
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
        resolve({
          socket: secure,
          facts: {
            version: secure.getProtocol() ?? '',
            cipher: secure.getCipher().standardName,
            isVerified: true,
            isResumed: false,
            peerCertificates: [],
          },
        });
      });
      // Stays attached, for the same reason as the one on the TCP socket.
      secure.on('error', (error) => {
        signal.removeEventListener('abort', giveUp);
        reject(toFailureError(error, 'tls', { host, port }));
      });
    });
  }
}

/** RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in HostName", and it has no trailing dot. */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host.endsWith('.') ? host.slice(0, -1) : host } : {};
}
