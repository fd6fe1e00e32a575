import type { Failure, FieldLines, RequestHead, RequestOptions } from '@hip/wire';
import type { AddressGrant, ConnectTarget, ProxyServer } from '../connect/connector.ts';
import { isResolvedHere, isSocks } from '../connect/socks.ts';
import { INTERNALS } from '../defaults.ts';
import { type NotedFailure, type OperatorNote, prohibited } from '../errors.ts';
import type { GatewayTimeouts } from '../options.ts';
import type { EgressPolicy, PolicyRequest } from '../policy/egress-policy.ts';
import { connectTarget, type PoolKey, poolKey, poolPlace } from '../pool/pool-key.ts';
import type { Destination, PoolSettings } from '../pool/pool-settings.ts';

/** A request that may be sent: where, as what, and how long each step may take, in milliseconds (0: no limit). */
export interface RequestPlan {
  readonly key: PoolKey;

  /** For the operator: why the rules would refuse it, were they enforced. */
  readonly reported: readonly OperatorNote[];

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
): RequestPlan | NotedFailure {
  // RFC 9110 §9.3.6: CONNECT asks for a tunnel, which is another kind of stream.
  if (head.method === 'CONNECT') return malformed('method must not be CONNECT');
  // RFC 9112 §3.2: origin-form, or asterisk-form for OPTIONS.
  if (!head.path.startsWith('/') && !(head.path === '*' && head.method === 'OPTIONS')) {
    return malformed('path must start with "/"');
  }
  const destination = destinationOf(head, settings, policy);
  if ('name' in destination) return destination;
  const { key, reported } = destination;
  const refusal = hostFieldRefusal(head, settings, policy, key);
  if (refusal !== undefined) return refusal;
  const { totalTimeoutMs = 0 } = options;
  return {
    key,
    reported,
    path: key.isForwarding ? absoluteForm(head) : head.path,
    proxyFields: key.isForwarding ? settings.proxy?.headers : undefined,
    connectTimeoutMs: shorter(totalTimeoutMs, shorter(options.connectTimeoutMs, timeouts.connectTimeoutMs)),
    readTimeoutMs: shorter(totalTimeoutMs, shorter(options.readTimeoutMs, timeouts.readTimeoutMs)),
    totalTimeoutMs,
    poolTimeoutMs: shorter(options.poolTimeoutMs, timeouts.poolTimeoutMs),
  };
}

/** Where requests of a scheme and authority go: decided once, since it depends on nothing that changes while the settings live. */
function destinationOf(head: RequestHead, settings: PoolSettings, policy: EgressPolicy): Destination {
  const { scheme, authority, method } = head;
  if (scheme !== 'http' && scheme !== 'https') return NO_TARGET;
  const known = settings.destinations[scheme];
  const question = policy.isByMethod ? `${method} ${authority}` : authority;
  const found = known.get(question);
  if (found !== undefined) return found;
  const destination = decide(head, settings, policy);
  if (destination === NO_TARGET) return destination;
  if (known.size >= INTERNALS.maxKnownDestinations) known.clear();
  // A copy: what was cut out of a head would keep all of it in memory.
  known.set(Buffer.from(question, 'latin1').toString('latin1'), destination);
  return destination;
}

/** {@link PoolKey.place} of requests of a scheme and authority, whatever the policy says; `undefined` when there is none. */
export function placeOf(
  { scheme, authority }: Pick<RequestHead, 'scheme' | 'authority'>,
  settings: PoolSettings,
): string | undefined {
  const target = connectTarget(scheme, copyOf(authority));
  if (target === undefined) return undefined;
  const forwarding = forwardingProxy(settings, scheme);
  return poolPlace(forwarding ? proxyTarget(forwarding) : target, settings, forwarding !== undefined);
}

/**
 * A `Host` of the client's own leads to another site of the server that was allowed: it has to be one, and the policy has to
 * allow that name, too. A proxy that requests are forwarded to never gets it.
 */
export function hostFieldRefusal(
  head: RequestHead,
  settings: PoolSettings,
  policy: EgressPolicy,
  { isForwarding }: Pick<PoolKey, 'isForwarding'>,
): NotedFailure | undefined {
  const { fields, scheme, authority } = head;
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] !== 'host' || fields[at + 1] === authority) continue;
    const named = connectTarget(scheme, fields[at + 1] as string);
    if (named === undefined) return malformed('Host must be a host with an optional port');
    if (isForwarding) continue;
    const target = connectTarget(scheme, authority) as ConnectTarget;
    const decision = policy.decideHostField(policyRequest(head, target, settings), named.host);
    if (!decision.allowed) return prohibited(decision.reason, decision.note);
  }
  return undefined;
}

function policyRequest(
  { scheme, method }: RequestHead,
  { host, port }: ConnectTarget,
  { proxy }: PoolSettings,
): PolicyRequest {
  const isOurs = proxy === undefined || isResolvedHere(proxy.scheme);
  return { scheme, method, host, port, proxy, isResolvedHere: isOurs };
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
function decide(head: RequestHead, settings: PoolSettings, policy: EgressPolicy): Destination {
  const { scheme } = head;
  const target = connectTarget(scheme, copyOf(head.authority));
  if (target === undefined) return NO_TARGET;
  const permission = permissionFor(head, target, settings, policy);
  if ('name' in permission) return permission;
  const { ofConnections, ofProxy, reported } = permission;
  const forwarding = forwardingProxy(settings, scheme);
  const key =
    forwarding === undefined || ofProxy === undefined
      ? poolKey(target, settings, false, ofConnections)
      : poolKey(proxyTarget(forwarding), settings, true, ofProxy);
  return { key, reported };
}

/** What the policy lets be connected to. */
export interface Permission {
  /** For connections that lead to the target, through the proxy if there is one. */
  readonly ofConnections: AddressGrant;

  /** For connections with the proxy alone; `undefined` without one. */
  readonly ofProxy: AddressGrant | undefined;

  /** For the operator: why the rules would refuse it, were they enforced. */
  readonly reported: readonly OperatorNote[];
}

/** Asks the policy about a target, and about the proxy on the way there. */
export function permissionFor(
  head: RequestHead,
  target: ConnectTarget,
  settings: PoolSettings,
  policy: EgressPolicy,
): Permission | NotedFailure {
  const { proxy } = settings;
  const ofTarget = policy.decide(policyRequest(head, target, settings));
  if (!ofTarget.allowed) return prohibited(ofTarget.reason, ofTarget.note);
  if (proxy === undefined) {
    const reported = ofTarget.reported === undefined ? NOTHING : [ofTarget.reported];
    return { ofConnections: ofTarget.grant, ofProxy: undefined, reported };
  }
  const ofProxy = policy.decideProxy(proxy);
  if (!ofProxy.allowed) return prohibited(ofProxy.reason, ofProxy.note);
  return {
    ofConnections: grantOfBoth(ofTarget.grant, proxy, ofProxy.grant),
    ofProxy: ofProxy.grant,
    reported: [ofTarget.reported, ofProxy.reported].filter((note) => note !== undefined),
  };
}

const NOTHING: readonly OperatorNote[] = [];

/** For connections on which both the proxy's addresses and those of the target may be asked about. */
function grantOfBoth(ofTarget: AddressGrant, proxy: ProxyServer, ofProxy: AddressGrant): AddressGrant {
  return {
    key: `${ofTarget.key} ${ofProxy.key}`,
    checkAddress: (hop, address) => (hop === proxy ? ofProxy : ofTarget).checkAddress(hop, address),
  };
}

/** The proxy that gets requests of this scheme as they are; `undefined` when they go to their target in some other way. */
function forwardingProxy(
  { proxy, useForwardingForHttps }: PoolSettings,
  scheme: string,
): ProxyServer | undefined {
  if (proxy === undefined || isSocks(proxy.scheme)) return undefined;
  return scheme === 'http' || useForwardingForHttps ? proxy : undefined;
}

/** What was cut out of a head would keep all of it in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
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

/** A request that cannot be sent. */
export function malformed(detail: string): Failure {
  return { name: 'http_request_error', detail };
}

/** A time the client asks for, within what the operator allows; 0 stands for no limit on either side. */
export function shorter(asked: number | undefined, ceiling: number): number {
  if (asked === undefined || asked === 0) return ceiling;
  return ceiling === 0 ? asked : Math.min(asked, ceiling);
}
