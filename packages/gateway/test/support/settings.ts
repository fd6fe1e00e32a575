import type { PoolSettings as WireSettings } from '@hip/wire';
import type { AddressGrant, Route } from '../../src/connect/connector.ts';
import { createSettingsCompiler } from '../../src/pool/compile-settings.ts';
import type { PoolSettings } from '../../src/pool/pool-settings.ts';

const compileSettings = createSettingsCompiler({ identities: new Map(), trust: undefined });

/** Every address may be connected to. */
export const ANYWHERE: AddressGrant = { key: '', checkAddress: () => ({ allowed: true }) };

const SUBJECT = { identities: [], policy: { key: '' } };

/** Settings of a client that has asked for nothing else. */
export function poolSettings(settings: Partial<WireSettings> = {}): PoolSettings {
  const compiled = compileSettings({ maxsize: 1, block: false, ...settings }, SUBJECT);
  if (!('key' in compiled)) throw new Error(`${compiled.name}: ${compiled.detail}`);
  return compiled;
}

/** Straight to the target, with Node's trust. */
export const DIRECT: Route = {
  tls: poolSettings().tls,
  proxy: undefined,
  isTargetProxy: false,
  checkAddress: ANYWHERE.checkAddress,
};
