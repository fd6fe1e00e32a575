import { isIP, isIPv4, isIPv6 } from 'node:net';

/** What {@link isNameServer} accepts, in words for an error message. */
export const NAME_SERVER_FORM =
  'the IP address of a name server, with or without a port (IPv6 with one in brackets)';

/** Can this name server be asked? By its address: to look up its name, another one would be needed. */
export function isNameServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, ipv6 = '', ipv4 = '', port] = /^(?:\[(.+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  return (isIPv6(ipv6) || isIPv4(ipv4)) && Number(port) >= 1 && Number(port) <= 65_535;
}
