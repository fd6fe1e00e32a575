import { getHashes } from 'node:crypto';
import { isIP } from 'node:net';
import type { SecureVersion } from 'node:tls';
import type { TlsSettings } from '@hip/wire';
import { failed } from '../errors.ts';

/** Whether a certificate must verify, by urllib3's names. */
export type CertReqs = 'CERT_REQUIRED' | 'CERT_OPTIONAL' | 'CERT_NONE';

/** A digest that the peer's certificate must have. */
export interface Fingerprint {
  readonly digest: 'md5' | 'sha1' | 'sha256';
  readonly bytes: Buffer;

  /** As the client wrote it. */
  readonly text: string;
}

/** A client's settings for TLS after they were checked, without its certificate. */
export interface TlsRules {
  readonly certReqs: CertReqs;

  /** Sent in SNI and expected in the certificate, instead of the host. */
  readonly serverHostname: string | undefined;

  /** Expected in the certificate, instead of the host; `false` expects no name. */
  readonly assertHostname: string | false | undefined;

  /** Expected instead of a name. */
  readonly fingerprint: Fingerprint | undefined;

  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;

  /** As Node takes them; `undefined` for Node's own. */
  readonly ciphers: string | undefined;

  /** Protocols offered; none: no offer is made. */
  readonly alpnProtocols: readonly string[];
}

const CERT_REQS: readonly string[] = ['CERT_REQUIRED', 'CERT_OPTIONAL', 'CERT_NONE'] satisfies CertReqs[];

/** From the oldest on. */
const VERSIONS: readonly string[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] satisfies SecureVersion[];

/** RFC 8996: nothing older is spoken unless it is asked for. urllib3's default, too. */
const DEFAULT_MIN_VERSION = 'TLSv1.2';

/** Digests by the length of a fingerprint in hexadecimal, as urllib3 tells them apart. */
const FINGERPRINT_DIGESTS = { 32: 'md5', 40: 'sha1', 64: 'sha256' } as const;

/** What the engine speaks, and all it speaks. */
const HTTP_1_1 = 'http/1.1';

/** OpenSSL's defaults for TLS 1.3, which its cipher string does not name. */
const TLS_1_3_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';

/**
 * A name that DNS and SNI can carry: visible ASCII, no separators of URLs. OpenSSL would take one with a dot before it for
 * all names below.
 */
const NAME = /^(?!\.)[A-Za-z0-9._~!$&'()*+,;=-]{1,255}$/;

/** Longest value that is repeated in an error message. What is longer was meant for another option, perhaps a key. */
const MAX_QUOTED_LENGTH = 64;

/**
 * Checks a client's settings for TLS.
 *
 * @throws {@link FailureError} `tls_configuration_error`, naming the option, what was expected and what came.
 */
export function checkTlsSettings(settings: TlsSettings): TlsRules {
  const { minVersion, maxVersion } = checkVersions(settings);
  const { assertHostname, serverHostname } = settings;
  return {
    certReqs: checkCertReqs(settings.certReqs),
    serverHostname: serverHostname === undefined ? undefined : checkName('serverHostname', serverHostname),
    assertHostname:
      typeof assertHostname === 'string' ? checkName('assertHostname', assertHostname) : assertHostname,
    fingerprint: checkFingerprint(settings.assertFingerprint),
    minVersion,
    maxVersion,
    ciphers: checkCiphers(settings.ciphers),
    alpnProtocols: checkAlpn(settings.alpnProtocols),
  };
}

/** The form in which a name is compared and sent: without dots at its end, brackets and the zone of an address. */
export function bareName(name: string): string {
  const unbracketed = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  const address = unbracketed.replace(/%.*$/, '');
  return isIP(address) === 0 ? name.replace(/\.+$/, '') : address;
}

function checkCertReqs(value = 'CERT_REQUIRED'): CertReqs {
  if (!CERT_REQS.includes(value)) throw unexpected('certReqs', CERT_REQS.join(', '), value);
  return value as CertReqs;
}

function checkVersions({ sslMinimumVersion, sslMaximumVersion, ciphers }: TlsSettings): {
  minVersion: SecureVersion;
  maxVersion: SecureVersion;
} {
  const max = checkVersion('sslMaximumVersion', sslMaximumVersion ?? 'TLSv1.3');
  const min = checkVersion('sslMinimumVersion', sslMinimumVersion ?? DEFAULT_MIN_VERSION);
  if (VERSIONS.indexOf(min) > VERSIONS.indexOf(max)) {
    const minimum = sslMinimumVersion === undefined ? `${min}, the default` : min;
    throw wrong(`sslMinimumVersion (${minimum}) is above sslMaximumVersion (${max}): no version is left`);
  }
  if (VERSIONS.indexOf(min) < VERSIONS.indexOf('TLSv1.2') && !/@SECLEVEL=0(:|$)/.test(ciphers ?? '')) {
    throw wrong(
      `sslMinimumVersion: ${min} is insecure, and OpenSSL speaks it at security level 0 alone: ` +
        `add ciphers 'DEFAULT:@SECLEVEL=0' if there is no other way`,
    );
  }
  return { minVersion: min, maxVersion: max };
}

function checkVersion(option: string, value: string): SecureVersion {
  if (!VERSIONS.includes(value)) throw unexpected(option, VERSIONS.join(', '), value);
  return value as SecureVersion;
}

function checkName(option: string, value: string): string {
  const name = bareName(value);
  if (isIP(name) === 0 && !NAME.test(name)) {
    throw unexpected(option, 'a host name in ASCII (xn--… for other letters) or an IP address', value);
  }
  return name;
}

function checkFingerprint(text: string | undefined): Fingerprint | undefined {
  if (text === undefined) return undefined;
  const digits = text.replaceAll(':', '');
  if (!/^[0-9A-Fa-f]*$/.test(digits)) {
    throw wrong('assertFingerprint: expected hexadecimal digits, with or without colons, got something else');
  }
  const digest = FINGERPRINT_DIGESTS[digits.length as keyof typeof FINGERPRINT_DIGESTS];
  if (digest === undefined) {
    throw wrong(
      `assertFingerprint: Fingerprint of invalid length: expected 32 (MD5), 40 (SHA-1) or 64 (SHA-256) ` +
        `hexadecimal digits, got ${digits.length}`,
    );
  }
  if (!getHashes().includes(digest)) {
    throw wrong(`assertFingerprint: the gateway's OpenSSL has no ${digest}: give the SHA-256`);
  }
  return { digest, bytes: Buffer.from(digits, 'hex'), text };
}

function checkCiphers(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^[A-Za-z0-9_@=+!:,\- ]+$/.test(text)) throw unexpected('ciphers', "a list in OpenSSL's form", text);
  // In OpenSSL's form a list says nothing of TLS 1.3 unless it names suites of it; Node 22 would switch TLS 1.3 off.
  return /(^|:)!?TLS_/.test(text) ? text : `${text}:${TLS_1_3_SUITES}`;
}

function checkAlpn(protocols: readonly string[] = [HTTP_1_1]): readonly string[] {
  for (const protocol of protocols) {
    const length = Buffer.byteLength(protocol);
    if (length === 0 || length > 255) {
      throw wrong(`alpnProtocols: expected names of 1 to 255 bytes (RFC 7301), got one of ${length}`);
    }
  }
  if (protocols.includes('h2')) {
    throw wrong("alpnProtocols: expected no 'h2', because the gateway speaks HTTP/1.1 toward origins");
  }
  return protocols;
}

/** What a handshake has agreed on must be something the engine speaks: HTTP/1.1, or nothing at all. */
export function isSpoken(alpnProtocol: string | false | null): boolean {
  return alpnProtocol === HTTP_1_1 || !alpnProtocol;
}

function unexpected(option: string, expected: string, value: string): Error {
  const came =
    value.length > MAX_QUOTED_LENGTH ? `a text of ${value.length} characters` : JSON.stringify(value);
  return wrong(`${option}: expected ${expected}, got ${came}`);
}

function wrong(detail: string): Error {
  return failed('tls_configuration_error', detail);
}
