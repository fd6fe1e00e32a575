import type { Failure, RequestHead, RequestOptions } from '@hip/wire';
import type { GatewayTimeouts } from '../options.ts';
import type { EgressPolicy } from '../policy/egress-policy.ts';
import { connectTarget, type PoolKey } from '../pool/pool-key.ts';
import type { PoolSettings } from '../pool/pool-settings.ts';

/** A request that may be sent: where, and how long each step may take, in milliseconds (0: no limit). */
export interface RequestPlan {
  readonly key: PoolKey;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
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
  const target = connectTarget(head.scheme, head.authority);
  if (target === undefined)
    return malformed('scheme must be http or https, and authority a host with an optional port');
  const decision = policy.checkTarget(target);
  if (!decision.allowed) return { name: 'destination_prohibited', detail: decision.reason };
  return {
    key: { target, settings, isForwarding: false },
    connectTimeoutMs: shorter(options.connectTimeoutMs, timeouts.connectTimeoutMs),
    readTimeoutMs: shorter(options.readTimeoutMs, timeouts.readTimeoutMs),
    poolTimeoutMs: shorter(options.poolTimeoutMs, timeouts.poolTimeoutMs),
  };
}

function malformed(detail: string): Failure {
  return { name: 'http_request_error', detail };
}

/** What the client asks for, within what the operator allows; 0 stands for no limit on either side. */
function shorter(asked: number | undefined, ceiling: number): number {
  if (asked === undefined || asked === 0) return ceiling;
  return ceiling === 0 ? asked : Math.min(asked, ceiling);
}
