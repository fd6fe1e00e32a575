import type { ClientMessage } from './control-message.ts';
import { COUNT, checkMessage, type MessageShape, optional, TEXT } from './message-shape.ts';
import { checkPoolSettings, POOL_SETTINGS } from './pool-settings.ts';

const CLIENT_MESSAGES: Readonly<Record<ClientMessage['type'], MessageShape>> = {
  hello: { protocol: COUNT, token: optional(TEXT), client: TEXT },
  context: { id: COUNT, name: TEXT, numPools: COUNT, generation: optional(COUNT), ...POOL_SETTINGS },
  settings: { id: COUNT, context: COUNT, ...POOL_SETTINGS },
  release: { id: COUNT },
  clear: { id: COUNT, generation: COUNT },
  close: { id: COUNT, scheme: TEXT, authority: TEXT },
};

/**
 * A message of a client.
 *
 * @throws {@link WireError} when `value` is none.
 */
export function parseClientMessage(value: unknown): ClientMessage {
  checkMessage(value, CLIENT_MESSAGES);
  const message = value as ClientMessage;
  if (message.type === 'context' || message.type === 'settings') checkPoolSettings(message.type, message);
  return message;
}
