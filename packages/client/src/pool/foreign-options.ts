import { TLS_OPTIONS } from '../connection-options.ts';

/** `null` takes away what a manager has, which leaves less to show to anybody, or more to verify. */
const SAFER_WITHOUT: readonly string[] = [
  'certFile',
  'keyFile',
  'keyPassword',
  'pfx',
  'identity',
  'serverHostname',
  'assertHostname',
  'certReqs',
];

/**
 * What is left of the options of a request, or of a pool, where it goes to another origin than they were given for. The
 * manager's hold everywhere, as in urllib3. Of these only what tells nobody who asks, names nobody, and cannot make a
 * connection less safe than the manager's options do; an option of TLS that is not known here stays behind.
 */
export function foreignOptions<Options extends object>(options: Options): Options {
  const entries = Object.entries(options).filter(([name, value]) => crosses(name, value));
  return Object.fromEntries(entries) as Options;
}

function crosses(name: string, value: unknown): boolean {
  // How the gateway gets there: without its proxy it would go past it.
  if (!(TLS_OPTIONS as readonly string[]).includes(name)) return true;
  if (value === null) return SAFER_WITHOUT.includes(name);
  // What is trusted is not widened by whoever redirects.
  if (name === 'caCerts') return true;
  if (name === 'certReqs') return value === 'CERT_REQUIRED' || value === 'REQUIRED';
  return name === 'sslMinimumVersion' && value === 'TLSv1.3';
}
