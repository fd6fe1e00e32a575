import type { ServerCertificateName } from './peer-api.ts';

/** Who signs a certificate; `self`: itself. */
export type Signer = 'root' | 'intermediate' | 'otherRoot' | 'self';

/** What makes one certificate differ from another. */
export interface CertificateProfile {
  commonName: string;
  /** As openssl writes them in a configuration; empty: no subjectAltName. */
  names: readonly string[];
  usage: 'server' | 'client' | 'authority';
  signer: Signer;
  key: 'ec' | 'rsa';
  /** First and last day, counted from now; left out: from now for two days. */
  days?: { first: number; last: number };
}

const GOOD: CertificateProfile = {
  commonName: 'localhost',
  names: ['DNS:localhost', 'DNS:origin.test', 'IP:127.0.0.1', 'IP:::1'],
  usage: 'server',
  signer: 'root',
  key: 'ec',
};

/** {@link ServerCertificateName} says what each is for. `missingIntermediate` is `viaIntermediate`, sent alone. */
export const SERVERS: Record<Exclude<ServerCertificateName, 'missingIntermediate'>, CertificateProfile> = {
  good: GOOD,
  second: GOOD,
  rsa: { ...GOOD, key: 'rsa' },
  expired: { ...GOOD, days: { first: -30, last: -1 } },
  notYetValid: { ...GOOD, days: { first: 1, last: 30 } },
  wrongHost: { ...GOOD, commonName: 'other.test', names: ['DNS:other.test'] },
  nameOnly: { ...GOOD, names: ['DNS:localhost'] },
  addressOnly: { ...GOOD, names: ['IP:127.0.0.1'] },
  noSan: { ...GOOD, names: [] },
  wildcard: { ...GOOD, commonName: '*.wildcard.test', names: ['DNS:*.wildcard.test'] },
  selfSigned: { ...GOOD, signer: 'self' },
  unknownCa: { ...GOOD, signer: 'otherRoot' },
  viaIntermediate: { ...GOOD, signer: 'intermediate' },
  clientPurpose: { ...GOOD, usage: 'client' },
};

export const CLIENT_SIGNERS = {
  alice: 'root',
  bob: 'root',
  carol: 'intermediate',
  mallory: 'otherRoot',
} as const satisfies Record<string, Signer>;

export function clientProfile(commonName: string, signer: Signer): CertificateProfile {
  return { commonName, names: [], usage: 'client', signer, key: 'ec' };
}

export function authorityProfile(commonName: string, signer: Signer): CertificateProfile {
  return { commonName, names: [], usage: 'authority', signer, key: 'ec' };
}

const USAGES: Record<CertificateProfile['usage'], string> = {
  authority: 'basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign',
  server:
    'basicConstraints = critical, CA:false\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth',
  client:
    'basicConstraints = critical, CA:false\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = clientAuth',
};

/** A configuration for `openssl req` and `openssl ca` that gives a certificate the extensions of its profile. */
export function opensslConfig({ names, usage }: CertificateProfile, database: string): string {
  return `
[req]
distinguished_name = empty
[empty]
[ca]
default_ca = issuer
[issuer]
database = ${database}
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
[extensions]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
${USAGES[usage]}
${names.length === 0 ? '' : `subjectAltName = ${names.join(', ')}`}
`;
}
