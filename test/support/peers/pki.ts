import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  authorityProfile,
  type CertificateProfile,
  CLIENT_SIGNERS,
  clientProfile,
  opensslConfig,
  SERVERS,
  type Signer,
} from './certificate-profiles.ts';
import { openssl } from './openssl.ts';
import type {
  AuthorityCertificate,
  ClientCertificate,
  ClientName,
  Fingerprints,
  Pki,
  ServerCertificate,
} from './peer-api.ts';

const PASSWORD = 'pass-of-every-key-4711';
const PASS = `pass:${PASSWORD}`;
const DAY_MS = 86_400_000;

/** How `openssl req` makes a key. */
const KEY_ARGS: Record<CertificateProfile['key'], readonly string[]> = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-newkey', 'rsa:2048'],
};

/** A certificate with its key, both PEM. */
interface Issued {
  certificate: string;
  key: string;
}

/** Makes all certificates and keys of a test run with the `openssl` command, some 50 short calls of it. */
export async function createPki(): Promise<Pki> {
  const directory = mkdtempSync(join(tmpdir(), 'hip-pki-'));
  try {
    return await new CertificateMaker(directory).make();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

class CertificateMaker {
  readonly #directory: string;
  readonly #issuers = new Map<Signer, Issued>();
  #files = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async make(): Promise<Pki> {
    const [root, otherRoot] = await Promise.all([
      this.#issueAuthority('root', 'self'),
      this.#issueAuthority('otherRoot', 'self'),
    ]);
    const intermediate = await this.#issueAuthority('intermediate', 'root');
    const [servers, clients] = await Promise.all([this.#servers(), this.#clients()]);
    const legacyPfx = await this.#legacyPfx(clients.alice);
    return { root, intermediate, otherRoot, servers, clients, password: PASSWORD, legacyPfx };
  }

  async #servers(): Promise<Pki['servers']> {
    const made = await mapEntries(SERVERS, (_name, profile) => this.#serverCertificate(profile));
    const { chain, key, fingerprints } = made.viaIntermediate;
    const [alone = ''] = pemBlocks(chain, 'CERTIFICATE');
    return { ...made, missingIntermediate: { chain: alone, key, fingerprints } };
  }

  #clients(): Promise<Record<ClientName, ClientCertificate>> {
    return mapEntries(CLIENT_SIGNERS, (name, signer) => this.#clientCertificate(name, signer));
  }

  async #serverCertificate(profile: CertificateProfile): Promise<ServerCertificate> {
    const { certificate, key } = await this.#issue(profile);
    return {
      chain: this.#chainOf(certificate, profile.signer),
      key,
      fingerprints: fingerprintsOf(certificate),
    };
  }

  async #clientCertificate(name: ClientName, signer: Signer): Promise<ClientCertificate> {
    const { certificate, key } = await this.#issue(clientProfile(name, signer));
    const chain = this.#chainOf(certificate, signer);
    const [encryptedKey, traditionalKey, encryptedTraditionalKey, pfx, pfxWithoutPassword] =
      await Promise.all([
        openssl(['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', PASS], key),
        openssl(['ec'], key),
        openssl(['ec', '-aes256', '-passout', PASS], key),
        openssl(['pkcs12', '-export', '-passout', PASS], key + chain),
        openssl(['pkcs12', '-export', '-passout', 'pass:'], key + chain),
      ]);
    return {
      chain,
      key,
      encryptedKey: String(encryptedKey),
      traditionalKey: String(traditionalKey),
      encryptedTraditionalKey: String(encryptedTraditionalKey),
      pfx: pfx.toString('base64'),
      pfxWithoutPassword: pfxWithoutPassword.toString('base64'),
      fingerprints: fingerprintsOf(certificate),
    };
  }

  /** Needs OpenSSL's legacy provider, which is not built or installed everywhere. */
  async #legacyPfx({ key, chain }: ClientCertificate): Promise<string | null> {
    const made = openssl(['pkcs12', '-export', '-legacy', '-passout', PASS], key + chain);
    return made.then(
      (pfx) => pfx.toString('base64'),
      () => null,
    );
  }

  async #issueAuthority(name: Signer, signer: Signer): Promise<AuthorityCertificate> {
    const issued = await this.#issue(authorityProfile(`hip test ${name}`, signer));
    this.#issuers.set(name, issued);
    return { certificate: issued.certificate, fingerprints: fingerprintsOf(issued.certificate) };
  }

  #chainOf(certificate: string, signer: Signer): string {
    return signer === 'intermediate' ? certificate + this.#issuer(signer).certificate : certificate;
  }

  #issuer(signer: Signer): Issued {
    const issuer = this.#issuers.get(signer);
    if (!issuer) throw new Error(`${signer} must be made before what it signs`);
    return issuer;
  }

  #issue(profile: CertificateProfile): Promise<Issued> {
    return profile.days === undefined ? this.#issueNow(profile) : this.#issueDated(profile, profile.days);
  }

  async #issueNow(profile: CertificateProfile): Promise<Issued> {
    const config = this.#file(opensslConfig(profile, ''));
    const args = ['req', '-x509', ...this.#requestArgs(profile, config), '-extensions', 'extensions'];
    args.push('-days', '2');
    if (profile.signer !== 'self') {
      const issuer = this.#issuer(profile.signer);
      args.push('-CA', this.#file(issuer.certificate), '-CAkey', this.#file(issuer.key));
    }
    return issuedOf(String(await openssl(args)));
  }

  /** `openssl req` begins every certificate now; only `openssl ca` takes dates (the others since OpenSSL 3.4). */
  async #issueDated(
    profile: CertificateProfile,
    days: NonNullable<CertificateProfile['days']>,
  ): Promise<Issued> {
    const config = this.#file(opensslConfig(profile, this.#file('')));
    const request = String(await openssl(['req', '-new', ...this.#requestArgs(profile, config)]));
    const issuer = this.#issuer(profile.signer);
    const args = ['ca', '-batch', '-notext', '-config', config, '-extensions', 'extensions'];
    args.push('-cert', this.#file(issuer.certificate), '-keyfile', this.#file(issuer.key));
    args.push('-startdate', inDays(days.first), '-enddate', inDays(days.last));
    args.push('-outdir', this.#directory, '-in', this.#file(request));
    const certificate = String(await openssl(args));
    return issuedOf(request + certificate);
  }

  #requestArgs({ key, commonName }: CertificateProfile, config: string): string[] {
    const made = ['-config', config, '-subj', `/CN=${commonName}`, ...KEY_ARGS[key]];
    return [...made, '-nodes', '-keyout', '-', '-out', '-'];
  }

  #file(content: string): string {
    const path = join(this.#directory, String(this.#files++));
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}

/** Takes key and certificate out of what `openssl` printed. */
function issuedOf(text: string): Issued {
  const [certificate] = pemBlocks(text, 'CERTIFICATE');
  const [key] = pemBlocks(text, 'PRIVATE KEY');
  if (certificate === undefined || key === undefined)
    throw new Error(`openssl gave no certificate or no key:\n${text}`);
  return { certificate, key };
}

function pemBlocks(text: string, label: string): string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n`, 'g')) ?? [];
}

function fingerprintsOf(certificate: string): Fingerprints {
  const { raw } = new X509Certificate(certificate);
  const digest = (algorithm: string): string => createHash(algorithm).update(raw).digest('hex');
  return { sha256: digest('sha256'), sha1: digest('sha1'), md5: digest('md5') };
}

/** As `openssl ca` takes it: `YYYYMMDDHHMMSSZ`. */
function inDays(days: number): string {
  return `${new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`;
}

async function mapEntries<K extends string, V, R>(
  record: Record<K, V>,
  make: (key: K, value: V) => Promise<R>,
): Promise<Record<K, R>> {
  const entries = Object.entries<V>(record) as [K, V][];
  const made = await Promise.all(entries.map(async ([key, value]) => [key, await make(key, value)] as const));
  return Object.fromEntries(made) as Record<K, R>;
}
