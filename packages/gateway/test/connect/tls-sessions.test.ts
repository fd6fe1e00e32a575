import { describe, expect, test } from 'vitest';
import { type TlsSession, TlsSessions } from '../../src/connect/tls-sessions.ts';
import { INTERNALS } from '../../src/defaults.ts';
import { issue } from '../support/certificates.ts';

const NOW = Date.now();

function session(name: string, more: Partial<TlsSession> = {}): TlsSession {
  return { data: Buffer.from(name), isReusable: false, certificate: undefined, verifiedAt: NOW, ...more };
}

function taken(sessions: TlsSessions, peer: string, now = NOW): string | undefined {
  return sessions.take(peer, now)?.data.toString();
}

describe('sessions', () => {
  test('are those of one peer, the newest first, each once', () => {
    const sessions = new TlsSessions();
    sessions.add('a 443', session('a1'));
    sessions.add('a 443', session('a2'));
    sessions.add('b 443', session('b1'));
    expect(taken(sessions, 'a 444')).toBeUndefined();
    expect(taken(sessions, 'a 443')).toBe('a2');
    expect(taken(sessions, 'a 443')).toBe('a1');
    expect(taken(sessions, 'a 443')).toBeUndefined();
    expect(taken(sessions, 'b 443')).toBe('b1');
  });

  test('of TLS 1.2 stay', () => {
    const sessions = new TlsSessions();
    sessions.add('a', session('a1', { isReusable: true }));
    expect([taken(sessions, 'a'), taken(sessions, 'a')]).toEqual(['a1', 'a1']);
  });

  test('of a peer are bounded: the oldest goes', () => {
    const sessions = new TlsSessions();
    for (let at = 0; at <= INTERNALS.maxTlsSessionsPerHost; at += 1) sessions.add('a', session(String(at)));
    const found = Array.from({ length: INTERNALS.maxTlsSessionsPerHost + 1 }, () => taken(sessions, 'a'));
    expect(found).toEqual(['2', '1', undefined]);
  });

  test('of all are bounded: the peer that was not used for longest goes', () => {
    const sessions = new TlsSessions();
    const count = INTERNALS.maxTlsSessionHosts;
    for (let at = 0; at < count; at += 1)
      sessions.add(`peer ${at}`, session(String(at), { isReusable: true }));
    expect(taken(sessions, 'peer 0')).toBe('0');
    sessions.add('peer 1', session('again', { isReusable: true }));
    sessions.add('one more', session('m'));
    expect(taken(sessions, 'peer 0')).toBe('0');
    expect(taken(sessions, 'peer 1')).toBe('again');
    expect(taken(sessions, 'peer 2')).toBeUndefined();
    expect(taken(sessions, 'peer 3')).toBe('3');
  });

  test('are forgotten', () => {
    const sessions = new TlsSessions();
    sessions.add('a', session('a1'));
    sessions.forget('a');
    expect(taken(sessions, 'a')).toBeUndefined();
  });

  test('whose certificate has expired are not resumed', () => {
    const certificate = issue({ name: 'a', days: [-1, 1] }).x509;
    const until = certificate.validToDate.getTime();
    const sessions = new TlsSessions();
    sessions.add('a', session('a1', { certificate, verifiedAt: until }));
    expect(taken(sessions, 'a', until)).toBeUndefined();
    sessions.add('a', session('a1', { certificate, verifiedAt: until }));
    expect(taken(sessions, 'a', until - 1)).toBe('a1');
  });

  test('whose certificate was verified long ago are not resumed, however new they are', () => {
    const sessions = new TlsSessions();
    const verifiedAt = NOW - INTERNALS.maxTlsSessionAgeMs;
    sessions.add('a', session('a1', { verifiedAt: verifiedAt - 1, isReusable: true }));
    expect(taken(sessions, 'a')).toBeUndefined();
    sessions.add('a', session('a2', { verifiedAt }));
    expect(taken(sessions, 'a')).toBe('a2');
  });
});
