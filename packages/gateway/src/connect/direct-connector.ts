import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { failed } from '../errors.ts';
import type { AddressCheck, ConnectionInfo, Connector, ConnectTarget, OriginSocket } from './connector.ts';
import { toFailureError } from './node-error.ts';
import { allowedAddresses, type Lookup, resolve, systemLookup } from './resolve.ts';
import { connectTcp } from './tcp.ts';
import { connectTls } from './tls.ts';

/** What a connector that goes straight to the origin is built from. */
export interface DirectConnectorOptions {
  /** Decides on every address; see {@link EgressPolicy.checkAddress}. */
  readonly checkAddress: AddressCheck;

  /** Resolves a name. @defaultValue the system's resolver */
  readonly lookup?: Lookup;
}

/** A {@link Connector} that goes straight to the origin. */
export function createDirectConnector({
  checkAddress,
  lookup = systemLookup,
}: DirectConnectorOptions): Connector {
  async function open(target: ConnectTarget, signal: AbortSignal): Promise<OriginSocket> {
    const started = performance.now();
    const addresses = await resolve(target.host, lookup, signal);
    const resolved = performance.now();
    const socket = await connectTcp(allowedAddresses(target, addresses, checkAddress), target.port, signal);
    const connected = performance.now();
    confirmPeer(target, socket, checkAddress);
    const carrier =
      target.scheme === 'https' ? await connectTls(socket, { host: target.host, signal }) : socket;
    const secured = performance.now();
    const info: ConnectionInfo = {
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: target.port,
      resolveMs: resolved - started,
      tcpMs: connected - resolved,
      tlsMs: carrier === socket ? 0 : secured - connected,
      tlsVersion: carrier instanceof TLSSocket ? (carrier.getProtocol() ?? undefined) : undefined,
    };
    return { socket: carrier, info };
  }

  return {
    async connect(target, { timeoutMs, signal }) {
      const attempt = new AbortController();
      const giveUp = (): void => attempt.abort(signal.reason);
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      const timer =
        timeoutMs > 0 ? setTimeout(() => attempt.abort(timedOut(target, timeoutMs)), timeoutMs) : undefined;
      try {
        return await open(target, attempt.signal);
      } catch (error) {
        throw attempt.signal.aborted ? attempt.signal.reason : toFailureError(error, 'connect', target);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}

function timedOut(target: ConnectTarget, timeoutMs: number): Error {
  return failed('connection_timeout', `${target.host}:${target.port} (connect timeout=${timeoutMs} ms)`);
}

/** The address was checked before; what counts is where the kernel really connected to. */
function confirmPeer(target: ConnectTarget, socket: Socket, checkAddress: AddressCheck): void {
  const decision = checkAddress(target, socket.remoteAddress ?? '');
  if (decision.allowed) return;
  socket.destroy();
  throw failed('destination_prohibited', decision.reason);
}
