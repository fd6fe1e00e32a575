import { violation } from '../errors.ts';
import {
  COUNT,
  checkShape,
  FLAG,
  type MemberType,
  type MessageShape,
  OBJECT,
  optional,
  TEXT,
  TEXTS,
} from './message-shape.ts';

/** TLS toward an origin or a proxy. What is absent has the gateway's default. Credentials are content, never a path. */
export interface TlsSettings {
  /** Whether the peer's certificate must verify (urllib3's `cert_reqs`): `CERT_REQUIRED` when absent. */
  readonly certReqs?: string;
  /** Certificates that are trusted, in PEM, one after the other: instead of the gateway's own trust. */
  readonly caCerts?: string;
  /** The client's certificate and what follows it up to its authority, in PEM. */
  readonly certFile?: string;
  /** Key of the client's certificate, in PEM. */
  readonly keyFile?: string;
  /** Decrypts the key or the PKCS #12 store. */
  readonly keyPassword?: string;
  /** The client's certificate and key as a PKCS #12 store, in Base64. */
  readonly pfx?: string;
  /** Name of a certificate and key that the operator keeps at the gateway. */
  readonly identity?: string;
  /** Name sent in SNI and expected in the certificate, instead of the host. */
  readonly serverHostname?: string;
  /** Name expected in the certificate instead of the host; `false` expects none. */
  readonly assertHostname?: string | false;
  /** MD5, SHA-1 or SHA-256 of the peer's certificate in hexadecimal: nothing else is checked of its name. */
  readonly assertFingerprint?: string;
  /** `TLSv1`, `TLSv1.1`, `TLSv1.2` or `TLSv1.3`. */
  readonly sslMinimumVersion?: string;
  /** As {@link TlsSettings.sslMinimumVersion}. */
  readonly sslMaximumVersion?: string;
  /** Ciphers in OpenSSL's form. */
  readonly ciphers?: string;
  /** Protocols offered (RFC 7301), best first. */
  readonly alpnProtocols?: readonly string[];
}

/** A proxy between the gateway and the origins. */
export interface ProxySettings {
  /** `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`. */
  readonly scheme: string;
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** For a SOCKS proxy. */
  readonly username?: string;
  /** For a SOCKS proxy. */
  readonly password?: string;
  /** For an HTTP proxy: names and values in turn, sent with CONNECT and with each forwarded request. */
  readonly headers?: readonly string[];
  /** Whether an `https:` proxy gets requests for `https:` origins as they are, instead of a CONNECT. */
  readonly useForwardingForHttps?: boolean;
  /** TLS toward an `https:` proxy. */
  readonly tls?: TlsSettings;
}

/** How the connections of a pool are made and kept: what separates two pools beside the origin. */
export interface PoolSettings {
  /** Connections kept per pool (urllib3's `maxsize`). */
  readonly maxsize: number;
  /** Whether `maxsize` also bounds how many connections are open at once (urllib3's `block`). */
  readonly block: boolean;
  /** Toward origins. */
  readonly tls?: TlsSettings;
  /** Between the gateway and all origins; absent: the gateway goes straight there. */
  readonly proxy?: ProxySettings;
}

/** Members of a message that carries {@link PoolSettings}, beside its own. */
export const POOL_SETTINGS: MessageShape = {
  maxsize: COUNT,
  block: FLAG,
  tls: optional(OBJECT),
  proxy: optional(OBJECT),
};

const TEXT_OR_FALSE: MemberType = {
  words: 'a string, false',
  matches: (value) => value === false || TEXT.matches(value),
};

const TLS_SETTINGS: MessageShape = {
  certReqs: optional(TEXT),
  caCerts: optional(TEXT),
  certFile: optional(TEXT),
  keyFile: optional(TEXT),
  keyPassword: optional(TEXT),
  pfx: optional(TEXT),
  identity: optional(TEXT),
  serverHostname: optional(TEXT),
  assertHostname: optional(TEXT_OR_FALSE),
  assertFingerprint: optional(TEXT),
  sslMinimumVersion: optional(TEXT),
  sslMaximumVersion: optional(TEXT),
  ciphers: optional(TEXT),
  alpnProtocols: optional(TEXTS),
};

const PROXY_SETTINGS: MessageShape = {
  scheme: TEXT,
  host: TEXT,
  port: COUNT,
  username: optional(TEXT),
  password: optional(TEXT),
  headers: optional(TEXTS),
  useForwardingForHttps: optional(FLAG),
  tls: optional(OBJECT),
};

/**
 * Checks the nested members of {@link PoolSettings}. One that is not known is refused, unlike elsewhere on the control
 * stream: an option that is ignored could be one that protects.
 *
 * @throws {@link WireError} naming the member.
 */
export function checkPoolSettings(
  type: string,
  { tls, proxy }: { tls?: object; proxy?: ProxySettings },
): void {
  if (tls !== undefined) checkExactly(`${type}.tls`, tls, TLS_SETTINGS);
  if (proxy === undefined) return;
  checkExactly(`${type}.proxy`, proxy, PROXY_SETTINGS);
  if (proxy.tls !== undefined) checkExactly(`${type}.proxy.tls`, proxy.tls, TLS_SETTINGS);
}

function checkExactly(subject: string, value: object, shape: MessageShape): void {
  checkShape(subject, value, shape);
  for (const name in value) {
    if (Object.hasOwn(shape, name)) continue;
    // A name that looks like none may be a secret in the wrong place.
    const shown = /^[A-Za-z]{1,40}$/.test(name) ? `, got ${name}` : '';
    throw violation(`${subject} must have no members but ${Object.keys(shape).join(', ')}${shown}`);
  }
}
