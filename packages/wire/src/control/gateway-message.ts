import { FAILURES, type FailureName } from '../failure.ts';
import type { GatewayMessage } from './control-message.ts';
import {
  COUNT,
  checkMessage,
  checkShape,
  type MessageShape,
  OBJECT,
  optional,
  TEXT,
  TEXTS,
} from './message-shape.ts';

const GATEWAY_MESSAGES: Readonly<Record<GatewayMessage['type'], MessageShape>> = {
  ready: { protocol: COUNT, gateway: TEXT, limits: OBJECT, features: TEXTS },
  drain: { deadlineMs: COUNT },
  failure: { name: TEXT, detail: TEXT, context: optional(COUNT) },
};

/**
 * A message of a gateway.
 *
 * @throws {@link WireError} when `value` is none.
 */
export function parseGatewayMessage(value: unknown): GatewayMessage {
  checkMessage(value, GATEWAY_MESSAGES);
  const message = value as GatewayMessage;
  if (message.type === 'ready')
    checkShape('ready.limits', message.limits, { maxHeadBytes: COUNT, maxStreams: COUNT });
  // A newer gateway may know failures we do not.
  if (message.type === 'failure' && !Object.hasOwn(FAILURES, message.name)) {
    return { ...message, name: 'internal_error' satisfies FailureName };
  }
  return message;
}
