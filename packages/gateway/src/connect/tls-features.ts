import { DEFAULT_MAX_VERSION, type SecureVersion } from 'node:tls';

const ORDER: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/**
 * The versions of TLS this process can speak and still counts as safe, as `ready` tells them: `tls1.2`, `tls1.3`. Node's
 * `--tls-max-v1.2` takes one away. A client that finds neither warns its user.
 */
export function tlsFeatures(newest: SecureVersion = DEFAULT_MAX_VERSION): string[] {
  return ORDER.slice(2, ORDER.indexOf(newest) + 1).map((version) => version.toLowerCase().replace('v', ''));
}
