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

/** A name as it compares: lower case (RFC 4343), without the dot that marks it as complete (RFC 1034 §3.1). */
export function bareName(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/**
 * Can this name be one of the public DNS? A name with a single label is one of the searched domains of whoever resolves
 * it, or of its hosts file.
 *
 * @param name - as {@link bareName} gives it; not an address.
 */
export function isPublicName(name: string): boolean {
  const labels = name.split('.');
  if (labels.length < 2 || labels.includes('')) return false;
  return !PRIVATE_DOMAINS.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/**
 * The IPv4 address that a name is for most resolvers, which still read the spellings of `inet_aton`: `127.1`,
 * `0x7f000001`. Empty when it looks like one and is none; `undefined` for a real name.
 *
 * @param name - as {@link bareName} gives it.
 * @see {@link https://url.spec.whatwg.org/#ends-in-a-number-checker | URL standard: ends in a number}
 */
export function spelledAddress(name: string): string | undefined {
  const lastLabel = name.slice(name.lastIndexOf('.') + 1);
  if (!/^(?:\d+|0x[0-9a-f]*)$/.test(lastLabel)) return undefined;
  return URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : '';
}
