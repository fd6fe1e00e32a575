/**
 * Domains that are not part of the public DNS: what a name under them leads to depends on whose network it is looked up
 * in. `.onion` is missing on purpose: it exists only through a proxy.
 */
const PRIVATE_DOMAINS: readonly string[] = [
  'localhost', // RFC 6761 §6.3
  'test', // RFC 6761 §6.2
  'local', // RFC 6762 §3
  'home.arpa', // RFC 8375 §3
  'internal', // ICANN reserved it for private use in 2024
  // RFC 6762 appendix G: "used by various networks … as private unregistered top-level domains".
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
];

/**
 * Can this name be one of the public DNS? A name with a single label is one of the searched domains of whoever resolves
 * it, or of its hosts file.
 *
 * @param name - in lower case, without its last dot; not an address.
 */
export function isPublicName(name: string): boolean {
  const labels = name.split('.');
  if (labels.length < 2 || labels.includes('')) return false;
  return !PRIVATE_DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`));
}
