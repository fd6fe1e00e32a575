import { createHash } from 'node:crypto';
import type { Failure, TlsSettings, PoolSettings as WireSettings } from '@hip/wire';
import { TlsClient } from '../connect/tls-client.ts';
import type { IdentityOptions } from '../options.ts';
import { compileProxy } from './compile-proxy.ts';
import type { PoolSettings } from './pool-settings.ts';

/** What the operator has set for all subjects. */
export interface SettingsCompilerOptions {
  /** By name. */
  readonly identities: ReadonlyMap<string, IdentityOptions>;

  /** Certificates in PEM; `undefined` for those that come with Node. */
  readonly trust: readonly string[] | undefined;
}

/** Makes settings a client has declared ready for use, or says why the gateway cannot honour them. */
export type SettingsCompiler = (
  settings: WireSettings,
  subject: { readonly identities: readonly string[]; readonly policy: { readonly key: string } },
) => PoolSettings | Failure;

/** A {@link SettingsCompiler} for one gateway. */
export function createSettingsCompiler({ identities, trust }: SettingsCompilerOptions): SettingsCompiler {
  return ({ maxsize, block, tls, proxy }, subject) => {
    const refusal =
      identityRefusal(tls?.identity, subject.identities) ??
      identityRefusal(proxy?.tls?.identity, subject.identities);
    if (refusal !== undefined) return refusal;
    const client = (settings: TlsSettings = {}): TlsClient =>
      new TlsClient({
        settings,
        identity: settings.identity === undefined ? undefined : identities.get(settings.identity),
        trust,
      });
    const server = proxy === undefined ? undefined : compileProxy(proxy, client(proxy.tls));
    if (server !== undefined && 'name' in server) return server;
    return {
      key: createHash('sha256')
        .update(JSON.stringify([maxsize, block, tls, proxy, subject.policy.key]))
        .digest('base64'),
      maxsize,
      block,
      tls: client(tls),
      proxy: server,
      useForwardingForHttps: proxy?.scheme === 'https' && proxy.useForwardingForHttps === true,
      destinations: { http: new Map(), https: new Map() },
    };
  };
}

/** One answer for an identity that is not there and for one that is another subject's: names cannot be tried out. */
function identityRefusal(identity: string | undefined, allowed: readonly string[]): Failure | undefined {
  if (identity === undefined || allowed.includes(identity)) return undefined;
  return {
    name: 'request_denied',
    detail: `identity ${JSON.stringify(identity.slice(0, 64))} is none that the operator lets this subject use`,
  };
}
