import ipaddr from 'ipaddr.js';

/** An address in text form, IPv6 without brackets, as ipaddr.js holds it. Throws for anything else. */
export function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 {
  return ipaddr.parse(withoutDottedPart(address));
}

/**
 * `::8.8.8.8` in hexadecimal. ipaddr.js takes this spelling for `::ffff:8.8.8.8`, which is another address; the URL
 * parser reads it right (RFC 4291 §2.2).
 */
function withoutDottedPart(address: string): string {
  if (!address.includes(':') || !address.includes('.')) return address;
  const [bare = ''] = address.split('%');
  return new URL(`http://[${bare}]`).hostname.slice(1, -1);
}
