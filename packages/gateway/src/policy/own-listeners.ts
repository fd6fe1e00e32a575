import { networkInterfaces } from 'node:os';
import { addressClass, plainAddress } from './address-class.ts';

/** What listens on a port of the gateway's own. */
export type OwnListener = 'session' | 'admin';

/**
 * The ports this gateway listens on. A request to one of them would come back to it: in a circle, or to an admin surface
 * that takes whoever comes from this machine for its operator.
 */
export class OwnListeners {
  readonly #ports: Map<number, OwnListener> = new Map();

  /** A port is listened on from now on. */
  add(port: number, kind: OwnListener): void {
    this.#ports.set(port, kind);
  }

  /** What of ours is at this address and port, by loopback or by an address of one of this machine's interfaces. */
  at(address: string, port: number): OwnListener | undefined {
    const kind = this.#ports.get(port);
    if (kind === undefined) return undefined;
    const known = addressClass(address);
    return known === 'loopback' || known === 'unspecified' || isLocal(address) ? kind : undefined;
  }
}

/** Looked up each time: interfaces come and go, and only requests to our own ports get here. */
function isLocal(address: string): boolean {
  const plain = plainAddress(address)?.toString();
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((one) => plainAddress(one.address)?.toString() === plain),
  );
}
