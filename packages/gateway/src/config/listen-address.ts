import { isIPv6 } from 'node:net';
import { addressClass } from '../policy/address-class.ts';

/** Where a listener listens. */
export interface ListenAddress {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;

  /** 0 to 65535; 0 takes any free one. */
  readonly port: number;
}

/** What {@link parseListenAddress} accepts, in words for an error message. */
export const LISTEN_FORM = 'HOST:PORT (an IPv6 address in brackets; port 0 takes any free one)';

const FORM = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/;

/** The address written as `host:port`, or `undefined` when it is not of {@link LISTEN_FORM}. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, address, name, portText] = FORM.exec(text) ?? [];
  if (address !== undefined && !isIPv6(address)) return undefined;
  const host = address ?? name;
  const port = Number(portText);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** Can only this machine connect to it? A name other than `localhost` might be anything. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host.toLowerCase() === 'localhost' || addressClass(host) === 'loopback';
}
