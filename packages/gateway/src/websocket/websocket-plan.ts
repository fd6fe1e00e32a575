import type { FieldLines, RequestHead, WebSocketOptions } from '@hip/wire';
import type { ConnectTarget, Route } from '../connect/connector.ts';
import type { NotedFailure, OperatorNote } from '../errors.ts';
import { hostFieldRefusal, malformed, NO_TARGET, permissionFor, shorter } from '../exchange/request-plan.ts';
import type { GatewayTimeouts } from '../options.ts';
import type { EgressPolicy } from '../policy/egress-policy.ts';
import { connectTarget } from '../pool/pool-key.ts';
import type { PoolSettings } from '../pool/pool-settings.ts';
import { forwardedRequest } from '../pool/request-fields.ts';

/** A WebSocket that may be opened: where, how, and how long each step may take, in milliseconds (0: no limit). */
export interface WebSocketPlan {
  readonly target: ConnectTarget;
  readonly route: Route;

  /** For the operator: why the rules would refuse it, were they enforced. */
  readonly reported: readonly OperatorNote[];

  readonly path: string;
  readonly fields: FieldLines;
  readonly subprotocols: readonly string[];
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
}

/** RFC 6455 §4.1: subprotocols are tokens. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Decides whether and where a WebSocket goes, without doing anything.
 *
 * @throws {@link FailureError} `http_request_error` when its fields contradict themselves.
 */
export function planWebSocket(
  head: RequestHead,
  options: WebSocketOptions,
  settings: PoolSettings,
  policy: EgressPolicy,
  timeouts: GatewayTimeouts,
): WebSocketPlan | NotedFailure {
  if (head.method !== 'GET') return malformed('method of a WebSocket must be GET');
  const own = head.fields.find((name, at) => at % 2 === 0 && name.startsWith('sec-websocket-'));
  if (own !== undefined) return malformed(`${own} is the gateway's to write`);
  const subprotocols = options.subprotocols?.split(',') ?? [];
  if (!subprotocols.every((name) => TOKEN.test(name)) || new Set(subprotocols).size < subprotocols.length) {
    return malformed('subprotocols must be tokens, each once');
  }
  const target = connectTarget(head.scheme, head.authority);
  if (target === undefined) return NO_TARGET;
  if (settings.useForwardingForHttps && target.scheme === 'https') {
    return {
      name: 'unsupported_option',
      detail: 'a wss: WebSocket goes through a proxy by CONNECT alone: leave useForwardingForHttps out',
    };
  }
  const permission = permissionFor(head, target, settings, policy);
  if ('name' in permission) return permission;
  const refusal = hostFieldRefusal(head, settings, policy, { isForwarding: false });
  if (refusal !== undefined) return refusal;
  const { fields, contentLength = 0 } = forwardedRequest(head.fields, head.authority);
  if (contentLength > 0) return malformed('the request of a WebSocket must have no content');
  return {
    target,
    // RFC 6455 §4.1: through an HTTP proxy by CONNECT, also to `ws:`.
    route: {
      tls: settings.tls,
      proxy: settings.proxy,
      isTargetProxy: false,
      checkAddress: permission.ofConnections.checkAddress,
    },
    reported: permission.reported,
    path: head.path,
    fields,
    subprotocols,
    maxMessageBytes: options.maxMessageBytes ?? Number.POSITIVE_INFINITY,
    connectTimeoutMs: shorter(options.connectTimeoutMs, timeouts.connectTimeoutMs),
    readTimeoutMs: shorter(options.readTimeoutMs, timeouts.readTimeoutMs),
  };
}
