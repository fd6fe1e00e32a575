/** Steps for a scripted server: what an HTTP proxy may answer to CONNECT, and a SOCKS server to its messages. */
import type { RawStep } from './peer-api.ts';

export const CONNECT_SUCCEEDED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** Reads a request head, then does the rest; without a rest it is silent. */
export function afterHead(...steps: RawStep[]): RawStep[] {
  return [{ read: 'head' }, ...steps];
}

/** A proxy that works, whatever host the client names: its tunnel leads to this port of 127.0.0.1. */
export function connectTo(port: number): RawStep[] {
  return afterHead({ write: CONNECT_SUCCEEDED }, { relayTo: port });
}

/** A field value of so many kibibytes in the answer to CONNECT. */
export function oversizedConnect(kibibytes: number): RawStep[] {
  return afterHead(
    { write: 'HTTP/1.1 200 OK\r\nX-Big: ' },
    { write: 'b'.repeat(1024), times: kibibytes },
    { write: '\r\n\r\n' },
  );
}

/** 407 with a challenge and a body; a client that is not content closes. */
export const PROXY_AUTHENTICATION_REQUIRED =
  'HTTP/1.1 407 Proxy Authentication Required\r\n' +
  'Proxy-Authenticate: Basic realm="scripted"\r\nContent-Length: 7\r\n\r\nlog in\n';

/** Which message a server does not answer, or answers by halves. */
export type SocksMoment = 'greeting' | 'credentials' | 'request';

/** How far a scripted SOCKS server goes, and how it ends. */
export interface SocksScript {
  /** Whether it asks for username and password (RFC 1929); left out: no. */
  asksForCredentials?: boolean;
  /** What it then does in place of its success. */
  at: SocksMoment;
  does: RawStep[];
}

/** A SOCKS5 server (RFC 1928) that is well until a moment. */
export function socks5Until({ asksForCredentials = false, at, does }: SocksScript): RawStep[] {
  const steps: RawStep[] = [{ read: 'socks5-greeting' }];
  if (at === 'greeting') return [...steps, ...does];
  steps.push({ write: asksForCredentials ? '\x05\x02' : '\x05\x00' });
  if (asksForCredentials) {
    steps.push({ read: 'socks5-credentials' });
    if (at === 'credentials') return [...steps, ...does];
    steps.push({ write: '\x01\x00' });
  }
  return [...steps, { read: 'socks5-request' }, ...does];
}

/** Reply to a SOCKS5 request: 0 succeeded, 1 general failure, 2 not allowed … 8 (RFC 1928 §6); bound to 0.0.0.0:0. */
export function socks5Reply(code: number): string {
  return `\x05${String.fromCharCode(code)}\x00\x01\x00\x00\x00\x00\x00\x00`;
}

/** The same, bound to a name, which is as right and a length of its own. */
export function socks5ReplyWithName(code: number, name: string): string {
  return `\x05${String.fromCharCode(code, 0, 3, name.length)}${name}\x00\x00`;
}

/** Reply to a SOCKS4 request: 90 granted, 91 rejected or failed, 92 no identd, 93 identd says otherwise. */
function socks4Reply(code: number): string {
  return `\x00${String.fromCharCode(code)}\x00\x00\x00\x00\x00\x00`;
}

export function socks5Refuses(code: number): RawStep[] {
  return socks5Until({ at: 'request', does: [{ write: socks5Reply(code) }, { end: 'close' }] });
}

export function socks4Refuses(code: number): RawStep[] {
  return [{ read: 'socks4-request' }, { write: socks4Reply(code) }, { end: 'close' }];
}

/** A SOCKS5 server that works, whatever host the client names: it leads to this port of 127.0.0.1. */
export function socks5To(port: number, asksForCredentials = false): RawStep[] {
  return socks5Until({
    asksForCredentials,
    at: 'request',
    does: [{ write: socks5Reply(0) }, { relayTo: port }],
  });
}

/** The same for SOCKS4 and 4a. */
export function socks4To(port: number): RawStep[] {
  return [{ read: 'socks4-request' }, { write: socks4Reply(90) }, { relayTo: port }];
}
