import { type PoolSettings, WIRE_LIMITS } from '@hip/wire';
import { CONNECTION_OPTIONS } from '../connection-options.ts';
import * as DEFAULTS from '../defaults.ts';
import { failureError } from '../errors.ts';
import { InsecureRequestWarning, SNIMissingWarning, warn } from '../warnings.ts';
import { checkCount, checkFlag } from './check-options.ts';
import type { PoolKwargs } from './pool-options.ts';
import { proxySettings } from './proxy-settings.ts';
import { type ReadCredential, tlsSettings, verifies } from './tls-settings.ts';

/** Bytes of a control message beside its settings: more than its type and numbers take. */
const MESSAGE_ROOM_BYTES = 1_024;

const PROXY_OPTIONS = CONNECTION_OPTIONS.filter((name) => /^proxy|^useForwarding/.test(name));

/** Options of one level, or of several put together. */
export type Options = Partial<Record<keyof PoolKwargs, unknown>>;

/** Options as they stand on the wire, and what they mean for each request. */
export interface ConnectionSettings {
  readonly wire: PoolSettings;
  /** Equal exactly when {@link ConnectionSettings.wire} is. */
  readonly key: string;
  /** Whether the response's metadata is to hold the peer's certificates. */
  readonly peerCertificates: boolean;
  /** Raises the warnings that a request under these settings deserves, if there are any. */
  readonly warn: ((url: URL) => void) | undefined;
}

/**
 * Puts levels of options together, the most particular last (urllib3's `_merge_pool_kwargs`): `undefined` leaves an option
 * as it is, `null` takes it away. Options of a proxy stay with the proxy they were given with: they may hold a password.
 */
export function mergeOptions(levels: readonly (object | undefined)[]): Options {
  const merged: Options = {};
  for (const level of levels as readonly (Options | undefined)[]) {
    if (level === undefined) continue;
    if (level.proxy !== undefined) for (const name of PROXY_OPTIONS) merged[name] = undefined;
    for (const name of ['maxsize', 'block', ...CONNECTION_OPTIONS] as const) {
      const value = level[name];
      if (value !== undefined) merged[name] = value ?? undefined;
    }
  }
  return merged;
}

/**
 * Options as they stand on the wire, their content read.
 *
 * @throws {@link InvalidRequestError} naming the option that cannot be honoured; {@link SSLError} when content cannot be
 * used.
 */
export async function connectionSettings(
  options: Options,
  read: ReadCredential,
): Promise<ConnectionSettings> {
  const known = options as PoolKwargs & Parameters<typeof proxySettings>[0];
  const tls = await tlsSettings(known, read);
  const proxy = await proxySettings(known, read);
  const wire: PoolSettings = {
    maxsize: checkCount('maxsize', known.maxsize ?? undefined, 1, DEFAULTS.maxsize),
    block: checkFlag('block', known.block ?? undefined, DEFAULTS.block),
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  };
  const key = JSON.stringify(wire);
  checkSize(key);
  const isForwarded = proxy?.scheme === 'https' && proxy.useForwardingForHttps === true;
  const isVerified = verifies(isForwarded ? proxy.tls : tls);
  const lacksSni = !isForwarded && tls?.serverHostname !== undefined && isAddress(tls.serverHostname);
  return {
    wire,
    key,
    peerCertificates: checkFlag('peerCertificates', known.peerCertificates ?? undefined, false),
    warn: isVerified && !lacksSni ? undefined : (url) => warnOfRequest(url, isVerified, lacksSni),
  };
}

function warnOfRequest({ protocol, hostname }: URL, isVerified: boolean, lacksSni: boolean): void {
  if (protocol !== 'https:') return;
  if (!isVerified) {
    warn(
      new InsecureRequestWarning(
        `Unverified HTTPS request is being made to host '${hostname}'. Adding certificate verification is strongly advised: leave certReqs out, and give caCerts`,
      ),
    );
  }
  if (lacksSni && !isAddress(hostname)) {
    warn(
      new SNIMissingWarning(
        `HTTPS request to host '${hostname}' sends no SNI, since serverHostname is an address: the origin may present a certificate of another name`,
      ),
    );
  }
}

/** Whether a host is an IPv4 or IPv6 address. */
function isAddress(host: string): boolean {
  return /^\d+(?:\.\d+){3}$|:/.test(host);
}

/** A longer message would end the session, and what others do in it. */
function checkSize(text: string): void {
  const most = WIRE_LIMITS.maxControlMessageBytes - MESSAGE_ROOM_BYTES;
  // A character has three bytes at most, most have one, and most texts are short.
  const bytes = text.length * 3 <= most ? 0 : new TextEncoder().encode(text).length;
  if (bytes <= most) return;
  throw failureError({
    name: 'tls_configuration_error',
    detail: `TLS and proxy options must have at most ${most} bytes in all, got ${bytes}: give caCerts only the certificates that are needed`,
  });
}
