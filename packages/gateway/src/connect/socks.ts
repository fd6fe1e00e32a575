import { isIP, isIPv4 } from 'node:net';
import { type FailureError, failed } from '../errors.ts';
import { authorityText } from './authority.ts';
import type { ConnectTarget, ProxyScheme, ProxyServer } from './connector.ts';
import type { Negotiation } from './negotiate.ts';
import { parseAddress } from './parse-address.ts';

/*
 * Written here because the library made for it (socks 2.8.10) is not sound: it takes a reply with an unknown address
 * type, and a SOCKS4 reply with any first byte, for success; accepts a method it has not offered; loses what follows the
 * reply in the same packet; puts the password into its errors; and keeps the socket in a timer of 30 seconds.
 */

/** RFC 1928 §6. */
const SOCKS5_REPLIES: Readonly<Record<number, string>> = {
  1: 'the proxy had a general failure',
  2: 'the proxy refused by its rules',
  3: 'the proxy cannot reach the network',
  4: 'the proxy cannot reach the host',
  5: 'the connection of the proxy was refused',
  6: 'the connection of the proxy ran out of hops',
  7: 'the proxy does not support CONNECT',
  8: 'the proxy does not support this kind of address',
};

/** SOCKS: A protocol for TCP proxy across firewalls (Ying-Da Lee). */
const SOCKS4_REPLIES: Readonly<Record<number, string>> = {
  91: 'the proxy rejected it or failed',
  92: 'the proxy cannot reach identd on the gateway',
  93: 'identd on the gateway reports another user',
};

const SOCKS4_GRANTED = 90;
const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
const NO_ACCEPTABLE_METHOD = 255;

/** RFC 1928 §4. */
const ADDRESS_TYPES = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** Is this the scheme of a SOCKS proxy? */
export function isSocks(scheme: ProxyScheme): boolean {
  return scheme.startsWith('socks');
}

/** Does the gateway resolve the target's name, because the proxy is given an address? */
export function isResolvedHere(scheme: ProxyScheme): boolean {
  return scheme === 'socks4' || scheme === 'socks5';
}

/**
 * Asks a SOCKS proxy to connect.
 *
 * @param target - as the client named it, for error messages.
 * @param host - what the proxy is asked for: an address, or a name that it resolves.
 */
export function socksNegotiation(target: ConnectTarget, host: string, proxy: ProxyServer): Negotiation {
  const refuse = (what: string): FailureError => socksFailure(target, proxy, what);
  return proxy.scheme === 'socks5' || proxy.scheme === 'socks5h'
    ? socks5(host, target.port, proxy, refuse)
    : socks4(host, target.port, proxy, refuse);
}

/** A failure of the way through a SOCKS proxy. */
export function socksFailure(target: ConnectTarget, proxy: ProxyServer, what: string): FailureError {
  return failed('socks_error', `${authorityText(target)} through ${authorityText(proxy)}: ${what}`);
}

type Refuse = (what: string) => FailureError;

/** RFC 1928, with the methods "no authentication" and, given credentials, "username/password" (RFC 1929). */
function* socks5(host: string, port: number, proxy: ProxyServer, refuse: Refuse): Negotiation {
  const { username, password } = proxy;
  const hasCredentials = username !== undefined && password !== undefined;
  const methods = hasCredentials ? [NO_AUTHENTICATION, USERNAME_PASSWORD] : [NO_AUTHENTICATION];
  const [version, method] = yield { send: Uint8Array.of(5, methods.length, ...methods), measure: exactly(2) };
  if (version !== 5) throw refuse('the answer is not SOCKS5');
  if (method === NO_ACCEPTABLE_METHOD) {
    throw refuse(
      hasCredentials
        ? 'the proxy accepts neither a username and password nor their absence (255)'
        : 'the proxy wants authentication: give a username and password (255)',
    );
  }
  if (method === USERNAME_PASSWORD && hasCredentials) yield* authenticate(username, password, refuse);
  else if (method !== NO_AUTHENTICATION) throw refuse('the proxy chose a method that was not offered');

  const request = Buffer.from([5, 1, 0, ...socks5Address(host), port >> 8, port & 255]);
  const [replyVersion, reply = 0] = yield { send: request, measure: exactly(2) };
  if (replyVersion !== 5) throw refuse('the answer is not SOCKS5');
  if (reply !== 0) throw refuse(`${SOCKS5_REPLIES[reply] ?? 'the proxy gave an unknown reply'} (${reply})`);
  const [, type] = yield { measure: exactly(2) };
  // The address the proxy connects from: it means nothing to us, but what follows it belongs to the origin.
  if (type === ADDRESS_TYPES.ipv4) yield { measure: exactly(4 + 2) };
  else if (type === ADDRESS_TYPES.ipv6) yield { measure: exactly(16 + 2) };
  else if (type === ADDRESS_TYPES.name) yield { measure: prefixedBy(2) };
  else throw refuse('the answer is not SOCKS5');
}

function* authenticate(username: string, password: string, refuse: Refuse): Negotiation {
  const send = Buffer.concat([Uint8Array.of(1), lengthPrefixed(username), lengthPrefixed(password)]);
  const [version, status] = yield { send, measure: exactly(2) };
  if (version !== 1) throw refuse('the answer to the username and password is not SOCKS5');
  // RFC 1929 §2: any other status means failure.
  if (status !== 0) throw refuse(`the proxy did not accept the username and password (${status})`);
}

/** SOCKS4, and SOCKS4a when `host` is a name. */
function* socks4(host: string, port: number, { username = '' }: ProxyServer, refuse: Refuse): Negotiation {
  const isAddress = isIPv4(host);
  const send = Buffer.concat([
    Uint8Array.of(4, 1, port >> 8, port & 255),
    // SOCKS4a: 0.0.0.x with any x but 0 says that a name follows.
    Uint8Array.from(isAddress ? parseAddress(host).toByteArray() : [0, 0, 0, 1]),
    zeroTerminated(username),
    isAddress ? new Uint8Array() : zeroTerminated(host),
  ]);
  const [version, reply = 0] = yield { send, measure: exactly(2) };
  if (version !== 0) throw refuse('the answer is not SOCKS4');
  if (reply !== SOCKS4_GRANTED)
    throw refuse(`${SOCKS4_REPLIES[reply] ?? 'the proxy gave an unknown reply'} (${reply})`);
  // Port and address, which mean nothing here.
  yield { measure: exactly(6) };
}

function socks5Address(host: string): readonly number[] {
  const family = isIP(host);
  if (family === 0) return [ADDRESS_TYPES.name, ...lengthPrefixed(host)];
  return [family === 4 ? ADDRESS_TYPES.ipv4 : ADDRESS_TYPES.ipv6, ...parseAddress(host).toByteArray()];
}

/** @param text - at most 255 bytes. */
function lengthPrefixed(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

/** @param text - without NUL. */
function zeroTerminated(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

function exactly(length: number): (received: Buffer) => number | undefined {
  return (received) => (received.length >= length ? length : undefined);
}

/** A length in the first byte, so many bytes, and `more` after them. */
function prefixedBy(more: number): (received: Buffer) => number | undefined {
  return (received) => {
    const length = 1 + (received[0] ?? 0) + more;
    return received.length >= length ? length : undefined;
  };
}
