import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { failed } from '../errors.ts';
import { toFailureError } from './node-error.ts';
import type { TlsContext } from './tls-context.ts';
import { bareName, isSpoken, type TlsRules } from './tls-rules.ts';
import type { TlsSession, TlsSessions } from './tls-sessions.ts';
import { certificateChain, refusePeer } from './tls-verify-peer.ts';

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

  /** The peer's certificates in DER, its own first. Made when they are asked for. */
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

/**
 * One handshake over a connected socket. Not a byte is written to a peer that is not accepted. Rejects with a
 * {@link FailureError}, or with the signal's reason.
 *
 * @param sessions - of whoever owns the context: resumed where one fits, and added to.
 */
export function shakeHands(
  socket: Socket,
  { rules, secureContext }: TlsContext,
  sessions: TlsSessions,
  { host, port, signal }: HandshakeOptions,
): Promise<SecureSocket> {
  const peer = `${host} ${port}`;
  const offered = sessions.take(peer, Date.now());
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      secureContext,
      ...names(rules.serverHostname ?? host),
      ...(rules.alpnProtocols.length === 0 ? {} : { ALPNProtocols: [...rules.alpnProtocols] }),
      ...(offered === undefined ? {} : { session: offered.data }),
      // Node's own check takes common names, and does not happen at all in some handshakes. `acceptPeer` decides.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    let session: Omit<TlsSession, 'data'> | undefined;

    const settle = (): void => {
      signal.removeEventListener('abort', giveUp);
      secure.off('close', closed);
    };
    const fail = (error: unknown): void => {
      settle();
      secure.destroy();
      reject(error);
    };
    const giveUp = (): void => fail(signal.reason);
    const closed = (): void => fail(toFailureError(closedEarly(), 'tls', { host, port }));

    signal.addEventListener('abort', giveUp, { once: true });
    secure.once('close', closed);
    // Stays attached: until the engine listens nobody else does, and an error then must not end the process.
    secure.on('error', (error: NodeJS.ErrnoException) => {
      // Whatever was wrong, the next handshake is a full one.
      if (session === undefined || error.code?.startsWith('ERR_SSL')) sessions.forget(peer);
      fail(toFailureError(error, 'tls', { host, port }));
    });
    secure.once('secureConnect', () => {
      try {
        const resumed = secure.isSessionReused() ? offered : undefined;
        const facts = acceptPeer(secure, rules, resumed, { host, port });
        session = {
          isReusable: facts.version !== 'TLSv1.3',
          certificate: facts.certificate,
          verifiedAt: resumed?.verifiedAt ?? Date.now(),
        };
        settle();
        resolve({ socket: secure, facts });
      } catch (error) {
        sessions.forget(peer);
        fail(error);
      }
    });
    // Comes after `secureConnect`; in TLS 1.3 whenever the server likes.
    secure.on('session', (data: Buffer) => {
      if (session !== undefined) sessions.add(peer, { ...session, data });
    });
    // Node would wait for ever for an end that has been and gone.
    if (socket.destroyed || socket.readableEnded) closed();
  });
}

/** What a handshake has led to. @throws {@link FailureError} when that is not what the client has asked for. */
function acceptPeer(
  secure: TLSSocket,
  rules: TlsRules,
  resumed: TlsSession | undefined,
  { host, port }: { host: string; port: number },
): PeerFacts {
  const certificate = resumed === undefined ? secure.getPeerX509Certificate() : resumed.certificate;
  const chainError = secure.authorized ? undefined : String(secure.authorizationError);
  const refusal = refusePeer(host, { certificate, chainError }, rules, Date.now());
  if (refusal !== undefined) throw failed('tls_certificate_error', `${host}:${port}: ${refusal}`);
  if (!isSpoken(secure.alpnProtocol)) {
    const chosen = JSON.stringify(secure.alpnProtocol);
    throw failed(
      'tls_protocol_error',
      `${host}:${port}: it chose the protocol ${chosen}, the gateway speaks http/1.1 (alpnProtocols)`,
    );
  }
  return new PeerFacts(secure, rules, certificate, resumed !== undefined);
}

class PeerFacts implements TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly isVerified: boolean;
  readonly isResumed: boolean;
  readonly certificate: X509Certificate | undefined;

  constructor(
    secure: TLSSocket,
    { certReqs, fingerprint }: TlsRules,
    certificate: X509Certificate | undefined,
    isResumed: boolean,
  ) {
    this.version = secure.getProtocol() ?? '';
    this.cipher = secure.getCipher().standardName;
    this.isVerified = certReqs === 'CERT_REQUIRED' || fingerprint !== undefined;
    this.isResumed = isResumed;
    this.certificate = certificate;
  }

  get peerCertificates(): readonly Uint8Array[] {
    return this.certificate === undefined ? [] : certificateChain(this.certificate).map(({ raw }) => raw);
  }
}

/** RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in HostName", and it has no trailing dot. */
function names(host: string): { host: string; servername?: string } {
  const name = bareName(host);
  return isIP(name) === 0 ? { host: name, servername: name } : { host: name };
}

function closedEarly(): Error {
  return Object.assign(new Error('The socket was closed before the handshake was done'), {
    code: 'ECONNRESET',
  });
}
