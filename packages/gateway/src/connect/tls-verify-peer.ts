import { createHash, timingSafeEqual, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { bareName, type Fingerprint, type TlsRules } from './tls-rules.ts';

/** What a peer has shown in a handshake. */
export interface PresentedPeer {
  /** Its own certificate; `undefined` for a cipher that needs none. */
  readonly certificate: X509Certificate | undefined;

  /** OpenSSL's verdict on the chain, such as `CERT_HAS_EXPIRED`; `undefined` when it verifies. */
  readonly chainError: string | undefined;
}

/** Purposes of a certificate (RFC 5280 §4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

/** Names listed in a message; a certificate may have hundreds. */
const MAX_LISTED_NAMES = 8;

/** Characters of one name from a certificate that are shown. */
const MAX_SHOWN_LENGTH = 100;

/** Certificates followed from a peer's own upwards. OpenSSL follows no more either. */
const MAX_CHAIN_LENGTH = 100;

/** What certificates are compared with where only their names count: no common name, `*` for one whole label alone. */
const HOST_RULES = {
  subject: 'never',
  wildcards: true,
  partialWildcards: false,
  multiLabelWildcards: false,
} as const;

/**
 * Why a peer is not the one that was asked for, or `undefined` when it is. In urllib3's order:
 *
 * 1. the chain must verify, unless `CERT_NONE` says otherwise;
 * 2. with a fingerprint, that alone identifies the peer;
 * 3. else its certificate must have the expected name, unless `CERT_NONE` or `assertHostname: false` say otherwise.
 *
 * @param now - milliseconds since 1970, to tell which certificate has expired.
 */
export function refusePeer(
  host: string,
  { certificate, chainError }: PresentedPeer,
  { certReqs, fingerprint, assertHostname, serverHostname }: TlsRules,
  now: number,
): string | undefined {
  const isUnchecked = certReqs === 'CERT_NONE';
  if (certificate === undefined) {
    return isUnchecked && fingerprint === undefined ? undefined : 'no certificate was presented';
  }
  if (chainError !== undefined && !isUnchecked) return explainChainError(chainError, certificate, now);
  if (fingerprint !== undefined) return refuseFingerprint(certificate, fingerprint);
  if (isUnchecked || assertHostname === false) return undefined;
  return refuseName(certificate, bareName(assertHostname ?? serverHostname ?? host));
}

/** A certificate and those above it, as the peer sent them. */
export function certificateChain(certificate: X509Certificate): readonly X509Certificate[] {
  const chain = [certificate];
  for (let at = certificate.issuerCertificate; at !== undefined && chain.length < MAX_CHAIN_LENGTH; ) {
    chain.push(at);
    at = at.issuerCertificate;
  }
  return chain;
}

function refuseFingerprint(
  certificate: X509Certificate,
  { digest, bytes, text }: Fingerprint,
): string | undefined {
  const found = createHash(digest).update(certificate.raw).digest();
  if (timingSafeEqual(found, bytes)) return undefined;
  return `Fingerprints did not match. Expected "${text}", got "${found.toString('hex')}" (assertFingerprint, ${digest})`;
}

function refuseName(certificate: X509Certificate, name: string): string | undefined {
  const isAddress = isIP(name) !== 0;
  // OpenSSL takes ".example" for every name below example.
  const isMatch = isAddress
    ? certificate.checkIP(name) !== undefined
    : !name.startsWith('.') && certificate.checkHost(name, HOST_RULES) !== undefined;
  if (isMatch) return undefined;
  const names = namesOf(certificate);
  const kind = isAddress ? 'IP address' : 'hostname';
  if (names.length === 0) {
    return `${kind} '${name}' doesn't match: the certificate has no subjectAltName, and a common name does not count`;
  }
  const listed = names.slice(0, MAX_LISTED_NAMES).map((each) => `'${each}'`);
  const more = names.length > MAX_LISTED_NAMES ? ` and ${names.length - MAX_LISTED_NAMES} more` : '';
  const either = names.length > 1 ? 'either of ' : '';
  return `${kind} '${name}' doesn't match ${either}${listed.join(', ')}${more} (serverHostname or assertHostname expect another name)`;
}

/** What OpenSSL says, in words: which certificate, what is wrong with it, and what helps. */
function explainChainError(code: string, certificate: X509Certificate, now: number): string {
  const chain = certificateChain(certificate);
  const last = chain.at(-1) as X509Certificate;
  switch (code) {
    case 'CERT_HAS_EXPIRED': {
      const expired = chain.find(({ validToDate }) => validToDate.getTime() < now);
      const since = expired === undefined ? '' : ` at ${expired.validToDate.toISOString()}`;
      return `${whose(expired, certificate)} has expired${since} (${code})`;
    }
    case 'CERT_NOT_YET_VALID': {
      const early = chain.find(({ validFromDate }) => validFromDate.getTime() > now);
      const from = early === undefined ? '' : ` before ${early.validFromDate.toISOString()}`;
      return `${whose(early, certificate)} is not yet valid${from} (${code})`;
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `the certificate is self-signed: to trust it, give it in caCerts (${code})`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `the certificate leads to the authority '${shown(last.subject)}', which is not trusted: to trust it, give it in caCerts (${code})`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_GET_ISSUER_CERT':
      return `${whose(last, certificate)} was issued by '${shown(last.issuer)}', which is neither trusted nor sent along: if that is an intermediate, the server has to send it; if it is an authority, give it in caCerts (${code})`;
    case 'INVALID_PURPOSE':
      return isForServers(certificate)
        ? `the certificate was signed by one that is no authority (${code})`
        : `the certificate is not one for servers: its extended key usage is something else (${code})`;
    default:
      return `the certificate's chain does not verify (${code})`;
  }
}

/** RFC 5280 §4.2.1.12: a certificate that names no purpose is for any. */
function isForServers({ keyUsage }: X509Certificate): boolean {
  return keyUsage === undefined || keyUsage.includes(SERVER_AUTH) || keyUsage.includes(ANY_PURPOSE);
}

function whose(certificate: X509Certificate | undefined, own: X509Certificate): string {
  if (certificate === own) return 'the certificate';
  if (certificate === undefined) return 'an authority of the certificate';
  return `'${shown(certificate.subject)}', an authority of the certificate,`;
}

/** Names and addresses of a certificate, for a message. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  // Node writes `DNS:a, IP Address:10.0.0.1`, and quotes what could be mistaken for something else.
  const entries = subjectAltName.matchAll(/(?:^|, )(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,"]*)/g);
  return Array.from(entries, ([, name = '']) => shown(name));
}

/** Text from a certificate as it may stand in a message: one line of visible ASCII, not too long. */
function shown(text: string): string {
  const line = text.replaceAll('\n', ', ').replaceAll(/[^ -~]/g, '?');
  return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}…` : line;
}
