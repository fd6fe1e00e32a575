import type { Socket } from 'node:net';
import { failed } from '../errors.ts';
import type {
  AddressCheck,
  ConnectionInfo,
  Connector,
  ConnectTarget,
  OriginSocket,
  Route,
} from './connector.ts';
import { toFailureError } from './node-error.ts';
import { allowedAddresses, type Lookup, resolve, systemLookup } from './resolve.ts';
import { connectTcp } from './tcp.ts';

/** What a connector that goes straight to the origin is built from. */
export interface RouteConnectorOptions {
  /** Decides on every address; see {@link EgressPolicy.checkAddress}. */
  readonly checkAddress: AddressCheck;

  /** Resolves a name. @defaultValue the system's resolver */
  readonly lookup?: Lookup;
}

/** A {@link Connector} that goes straight to the origin. */
export function createRouteConnector({
  checkAddress,
  lookup = systemLookup,
}: RouteConnectorOptions): Connector {
  async function open(target: ConnectTarget, route: Route, signal: AbortSignal): Promise<OriginSocket> {
    const started = performance.now();
    const addresses = await resolve(target.host, lookup, signal);
    const resolved = performance.now();
    const socket = await connectTcp(allowedAddresses(target, addresses, checkAddress), target.port, signal);
    const connected = performance.now();
    confirmPeer(target, socket, checkAddress);
    const secure =
      target.scheme === 'https'
        ? await route.tls.connect(socket, { host: target.host, port: target.port, signal })
        : undefined;
    const secured = performance.now();
    const info: ConnectionInfo = {
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: target.port,
      resolveMs: resolved - started,
      tcpMs: connected - resolved,
      tlsMs: secure === undefined ? 0 : secured - connected,
      tls: secure?.facts,
    };
    return { socket: secure?.socket ?? socket, info };
  }

  return {
    async connect(target, { route, timeoutMs, signal }) {
      const attempt = new AbortController();
      const giveUp = (): void => attempt.abort(signal.reason);
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      const timer =
        timeoutMs > 0 ? setTimeout(() => attempt.abort(timedOut(target, timeoutMs)), timeoutMs) : undefined;
      try {
        return await open(target, route, attempt.signal);
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
