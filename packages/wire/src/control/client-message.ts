import type { ClientMessage } from './control-message.ts';
import { COUNT, checkMessage, FLAG, type MessageShape, optional, TEXT } from './message-shape.ts';

const CLIENT_MESSAGES: Readonly<Record<ClientMessage['type'], MessageShape>> = {
  hello: { protocol: COUNT, token: optional(TEXT), client: TEXT },
  context: { id: COUNT, name: TEXT, numPools: COUNT, maxsize: COUNT, block: FLAG },
  release: { id: COUNT },
};

/**
 * A message of a client.
 *
 * @throws {@link WireError} when `value` is none.
 */
export function parseClientMessage(value: unknown): ClientMessage {
  checkMessage(value, CLIENT_MESSAGES);
  return value as ClientMessage;
}
