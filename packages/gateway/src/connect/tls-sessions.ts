import type { X509Certificate } from 'node:crypto';
import { INTERNALS } from '../defaults.ts';

/** A TLS session that may be resumed, and what is known of the peer: a resumed handshake shows no certificate. */
export interface TlsSession {
  /** As Node gave it. */
  readonly data: Buffer;

  /** Whether it may be resumed more than once: not in TLS 1.3 (RFC 8446 appendix C.4). */
  readonly isReusable: boolean;

  /** The peer's certificate, and through it those above it. */
  readonly certificate: X509Certificate | undefined;

  /** When the certificates were verified, in milliseconds since 1970. Resuming does not make it later. */
  readonly verifiedAt: number;
}

/**
 * The sessions of one {@link TlsClient}, by peer: nobody else's, so that none is ever resumed under other settings, with
 * another client certificate or for another subject.
 */
export class TlsSessions {
  /** Newest session first; the peer used last comes last. */
  readonly #byPeer = new Map<string, readonly TlsSession[]>();

  /** Keeps a session. The oldest goes when there are too many, of this peer or of all. */
  add(peer: string, session: TlsSession): void {
    const others = this.#byPeer.get(peer) ?? [];
    this.#byPeer.delete(peer);
    this.#byPeer.set(peer, [session, ...others].slice(0, INTERNALS.maxTlsSessionsPerHost));
    if (this.#byPeer.size <= INTERNALS.maxTlsSessionHosts) return;
    const [oldest] = this.#byPeer.keys();
    this.#byPeer.delete(oldest as string);
  }

  /** The newest session that may still be resumed. One that may be resumed only once is not kept. */
  take(peer: string, now: number): TlsSession | undefined {
    const [session, ...others] = (this.#byPeer.get(peer) ?? []).filter((each) => isFresh(each, now));
    this.#byPeer.delete(peer);
    if (session === undefined) return undefined;
    const left = session.isReusable ? [session, ...others] : others;
    if (left.length > 0) this.#byPeer.set(peer, left);
    return session;
  }

  /** Forgets a peer: something was wrong with it. */
  forget(peer: string): void {
    this.#byPeer.delete(peer);
  }
}

/** A session whose certificate has expired is not resumed: a full handshake may show a new one. */
function isFresh({ certificate, verifiedAt }: TlsSession, now: number): boolean {
  if (now - verifiedAt > INTERNALS.maxTlsSessionAgeMs) return false;
  return certificate === undefined || certificate.validToDate.getTime() > now;
}
