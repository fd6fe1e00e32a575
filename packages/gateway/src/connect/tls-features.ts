import { DEFAULT_MAX_VERSION, type SecureVersion } from 'node:tls';

const ORDER: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/**
 * The versions of TLS this process can speak, as `ready` tells them: `tls1.2`, `tls1.3`, or, where Node's flags or OpenSSL's
 * configuration leave neither, the older ones: a client that finds only those warns its user.
 */
export function tlsFeatures(newest: SecureVersion = DEFAULT_MAX_VERSION): string[] {
  const spoken = ORDER.slice(0, ORDER.indexOf(newest) + 1);
  const modern = spoken.slice(2);
  const told = modern.length > 0 ? modern : spoken;
  return told.map((version) => version.toLowerCase().replace('v', ''));
}
