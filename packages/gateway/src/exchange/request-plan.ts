import type { Failure, FieldLines, RequestHead, RequestOptions } from '@hip/wire';
import type { ConnectTarget, ProxyServer } from '../connect/connector.ts';
import { isResolvedHere, isSocks } from '../connect/socks.ts';
import { INTERNALS } from '../defaults.ts';
import type { GatewayTimeouts } from '../options.ts';
import type { EgressPolicy } from '../policy/egress-policy.ts';
import { connectTarget, type PoolKey, poolKey } from '../pool/pool-key.ts';
import type { Destination, PoolSettings } from '../pool/pool-settings.ts';

/** A request that may be sent: where, as what, and how long each step may take, in milliseconds (0: no limit). */
export interface RequestPlan {
  readonly key: PoolKey;

  /** See {@link OriginRequest.path}. */
  readonly path: string;

  /** See {@link OriginRequest.proxyFields}. */
  readonly proxyFields: FieldLines | undefined;

  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  /** See {@link OriginRequest.totalTimeoutMs}. */
  readonly totalTimeoutMs: number;
  readonly poolTimeoutMs: number;
}

/** Decides whether and where a request goes, without doing anything. */
export function planRequest(
  head: RequestHead,
  options: RequestOptions,
  settings: PoolSettings,
  policy: EgressPolicy,
  timeouts: GatewayTimeouts,
): RequestPlan | Failure {
  // RFC 9110 §9.3.6: CONNECT asks for a tunnel, which is another kind of stream.
  if (head.method === 'CONNECT') return malformed('method must not be CONNECT');
  // RFC 9112 §3.2: origin-form, or asterisk-form for OPTIONS.
  if (!head.path.startsWith('/') && !(head.path === '*' && head.method === 'OPTIONS')) {
    return malformed('path must start with "/"');
  }
  const destination = destinationOf(head, settings, policy);
  if ('name' in destination) return destination;
  const { totalTimeoutMs = 0 } = options;
  return {
    key: destination,
    path: destination.isForwarding ? absoluteForm(head) : head.path,
    proxyFields: destination.isForwarding ? settings.proxy?.headers : undefined,
    connectTimeoutMs: shorter(totalTimeoutMs, shorter(options.connectTimeoutMs, timeouts.connectTimeoutMs)),
    readTimeoutMs: shorter(totalTimeoutMs, shorter(options.readTimeoutMs, timeouts.readTimeoutMs)),
    totalTimeoutMs,
    poolTimeoutMs: shorter(options.poolTimeoutMs, timeouts.poolTimeoutMs),
  };
}

/** Where requests of a scheme and authority go: decided once, since it depends on nothing that changes while the settings live. */
export function destinationOf(
  { scheme, authority }: Pick<RequestHead, 'scheme' | 'authority'>,
  settings: PoolSettings,
  policy: EgressPolicy,
): Destination {
  if (scheme !== 'http' && scheme !== 'https') return NO_TARGET;
  const known = settings.destinations[scheme];
  const found = known.get(authority);
  if (found !== undefined) return found;
  // A copy: what was cut out of a head would keep all of it in memory.
  const copy = Buffer.from(authority, 'latin1').toString('latin1');
  const destination = decide(scheme, copy, settings, policy);
  if (destination === NO_TARGET) return destination;
  if (known.size >= INTERNALS.maxKnownDestinations) known.clear();
  known.set(copy, destination);
  return destination;
}

/**
 * There are four cases:
 *
 * 1. without a proxy, the gateway goes to the target;
 * 2. a proxy that is given an address (`socks4`, `socks5`): the gateway resolves the name, and checks what comes out
 *    when it connects;
 * 3. a proxy that is given a name (`socks4a`, `socks5h`, CONNECT): the name is all that can be checked;
 * 4. a proxy that requests are forwarded to: the same, and the connections are with the proxy, whatever the target. TLS
 *    is the proxy's, too, by its own settings: unlike in urllib3, it is never shown the client certificate for origins.
 *
 * The proxy itself is checked as any target is.
 */
function decide(
  scheme: string,
  authority: string,
  settings: PoolSettings,
  policy: EgressPolicy,
): Destination {
  const target = connectTarget(scheme, authority);
  if (target === undefined) return NO_TARGET;
  const refusal = prohibition(target, settings, policy);
  if (refusal !== undefined) return refusal;
  const { proxy, useForwardingForHttps } = settings;
  if (proxy === undefined) return poolKey(target, settings, false);
  const isForwarded = !isSocks(proxy.scheme) && (scheme === 'http' || useForwardingForHttps);
  return poolKey(isForwarded ? proxyTarget(proxy) : target, settings, isForwarded);
}

/** Why the policy keeps connections from a target, or from the proxy on the way there. */
export function prohibition(
  target: ConnectTarget,
  { proxy }: PoolSettings,
  policy: EgressPolicy,
): Failure | undefined {
  const isCheckedHere = proxy === undefined || isResolvedHere(proxy.scheme);
  const decision = isCheckedHere ? policy.checkTarget(target) : policy.checkProxiedTarget(target);
  if (!decision.allowed) return prohibited(decision.reason);
  const ofProxy = proxy === undefined ? decision : policy.checkTarget(proxy);
  return ofProxy.allowed ? undefined : prohibited(ofProxy.reason);
}

function proxyTarget({ scheme, host, port }: ProxyServer): ConnectTarget {
  return { scheme: scheme === 'https' ? 'https' : 'http', host, port };
}

/** What names no target. */
export const NO_TARGET: Failure = malformed(
  'scheme must be http or https, and authority a host with an optional port',
);

/** RFC 9112 §3.2.2; §3.2.4: a `*` becomes a URL without a path, and the last proxy makes it a `*` again. */
function absoluteForm({ scheme, authority, path }: RequestHead): string {
  return path === '*' ? `${scheme}://${authority}` : `${scheme}://${authority}${path}`;
}

function prohibited(detail: string): Failure {
  return { name: 'destination_prohibited', detail };
}

/** A request that cannot be sent. */
export function malformed(detail: string): Failure {
  return { name: 'http_request_error', detail };
}

/** A time the client asks for, within what the operator allows; 0 stands for no limit on either side. */
export function shorter(asked: number | undefined, ceiling: number): number {
  if (asked === undefined || asked === 0) return ceiling;
  return ceiling === 0 ? asked : Math.min(asked, ceiling);
}
