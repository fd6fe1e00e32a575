import { isIPv4, type Socket } from 'node:net';
import { type FailureError, failed } from '../errors.ts';
import { authorityText } from './authority.ts';
import type {
  ConnectionInfo,
  Connector,
  ConnectTarget,
  OriginSocket,
  ProxyServer,
  Route,
} from './connector.ts';
import { httpTunnel, tunnelBroken } from './http-tunnel.ts';
import { negotiate } from './negotiate.ts';
import { toFailure, toFailureError } from './node-error.ts';
import { proxyFailure, proxyTimeout } from './proxy-failure.ts';
import { allowedAddresses, confirmAddress, type Lookup, resolve, systemLookup } from './resolve.ts';
import { isResolvedHere, isSocks, socksFailure, socksNegotiation } from './socks.ts';
import { connectTcp } from './tcp.ts';

/** What a connector is built from. */
export interface RouteConnectorOptions {
  /** Resolves a name. @defaultValue the system's resolver */
  readonly lookup?: Lookup;
}

/** Whose turn it is while a connection is made. What fails then, or takes too long, is told as that one's failure. */
interface Party {
  fail(error: unknown): FailureError;
  timeOut(timeoutMs: number): FailureError;
}

/** One connection on its way. */
interface Attempt {
  readonly target: ConnectTarget;
  readonly route: Route;
  readonly signal: AbortSignal;
  party: Party;
}

/** A {@link Connector} that goes straight to the target, or through the proxy of its route and in no other way. */
export function createRouteConnector({ lookup = systemLookup }: RouteConnectorOptions = {}): Connector {
  async function open(attempt: Attempt): Promise<OriginSocket> {
    const { target, route, signal } = attempt;
    const { proxy, checkAddress } = route;
    const next = proxy ?? target;
    const started = performance.now();
    const asked = proxy === undefined ? target.host : await hostForProxy(attempt, proxy);
    attempt.party = proxy === undefined ? targetOf(route, target) : proxyParty(proxy);
    const addresses = await resolve(next.host, lookup, signal);
    const resolved = performance.now();
    const tcp = await connectTcp(allowedAddresses(next, addresses, checkAddress), next.port, signal);
    try {
      // The address was checked before; what counts is where the kernel really connected to.
      confirmAddress(next, tcp.remoteAddress ?? '', checkAddress);
      const path = proxy === undefined ? tcp : await openTunnel(tcp, asked, target, proxy, signal);
      const connected = performance.now();
      attempt.party = targetOf(route, target);
      const secure =
        target.scheme === 'https'
          ? await route.tls.connect(path, { host: target.host, port: target.port, signal })
          : undefined;
      const secured = performance.now();
      const info: ConnectionInfo = {
        remoteAddress: tcp.remoteAddress ?? '',
        remotePort: next.port,
        resolveMs: resolved - started,
        tcpMs: connected - resolved,
        tlsMs: secure === undefined ? 0 : secured - connected,
        tls: secure?.facts,
      };
      return { socket: secure?.socket ?? path, info };
    } catch (error) {
      tcp.destroy();
      throw error;
    }
  }

  /** What a proxy is asked for: the name, or the address it has here. */
  async function hostForProxy({ target, route, signal }: Attempt, proxy: ProxyServer): Promise<string> {
    if (!isResolvedHere(proxy.scheme)) return target.host;
    const addresses = await resolve(target.host, lookup, signal);
    const allowed = allowedAddresses(target, addresses, route.checkAddress);
    // The first, as PySocks does: what the proxy can reach is not known here.
    const address = proxy.scheme === 'socks4' ? allowed.find(isIPv4) : allowed[0];
    if (address !== undefined) return address;
    throw socksFailure(target, proxy, 'SOCKS4 reaches IPv4 addresses only, and it has none');
  }

  return {
    async connect(target, { route, timeoutMs, signal }) {
      const controller = new AbortController();
      const attempt: Attempt = { target, route, signal: controller.signal, party: targetOf(route, target) };
      const giveUp = (): void => controller.abort(signal.reason);
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      const timer =
        timeoutMs > 0
          ? setTimeout(() => controller.abort(attempt.party.timeOut(timeoutMs)), timeoutMs)
          : undefined;
      try {
        return await open(attempt);
      } catch (error) {
        throw controller.signal.aborted ? controller.signal.reason : attempt.party.fail(error);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}

/** Has the proxy open its side of the way. */
async function openTunnel(
  tcp: Socket,
  host: string,
  target: ConnectTarget,
  proxy: ProxyServer,
  signal: AbortSignal,
): Promise<Socket> {
  if (isSocks(proxy.scheme)) {
    const broken = (error: NodeJS.ErrnoException | undefined): FailureError =>
      socksFailure(target, proxy, `the proxy closed the connection (${error?.code ?? 'end of data'})`);
    await negotiate(tcp, socksNegotiation(target, host, proxy), { signal, broken });
    return tcp;
  }
  const { host: serverName, port, tls } = proxy;
  const socket =
    proxy.scheme === 'https' ? (await tls.connect(tcp, { host: serverName, port, signal })).socket : tcp;
  const broken = (error: NodeJS.ErrnoException | undefined): Error => {
    // TLS 1.3 servers refuse a client's certificate after the handshake.
    const isAlert = error !== undefined && toFailure(error, 'unsent', proxy).name === 'tls_alert_received';
    return isAlert ? toFailureError(error, 'tls', proxy) : tunnelBroken(proxy, error?.code);
  };
  await negotiate(socket, httpTunnel(target, proxy), { signal, broken });
  return socket;
}

function targetOf({ isTargetProxy, proxy }: Route, target: ConnectTarget): Party {
  if (isTargetProxy) return proxyParty(target);
  const via = proxy === undefined ? '' : ` through ${authorityText(proxy)}`;
  return {
    fail: (error) => toFailureError(error, 'connect', target),
    timeOut: (timeoutMs) =>
      failed('connection_timeout', `${target.host}:${target.port}${via} (connect timeout=${timeoutMs} ms)`),
  };
}

function proxyParty(proxy: ConnectTarget | ProxyServer): Party {
  return {
    fail: (error) => proxyFailure(error, proxy),
    timeOut: (timeoutMs) => proxyTimeout(proxy, timeoutMs),
  };
}
