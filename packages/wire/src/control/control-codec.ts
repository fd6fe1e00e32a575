import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { WireError } from '../errors.ts';
import { FAILURES, type FailureName } from '../failure.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { PrefixBuffer } from '../prefix-buffer.ts';
import { PROTOCOL_VIOLATION } from '../transport-error.ts';
import { decodeUtf8 } from '../utf8.ts';
import type { ClientMessage, GatewayMessage } from './control-message.ts';
import { checkShape, type MessageShape } from './message-shape.ts';

// Control Message {
//   Length (i),
//   JSON (..),                             one object, UTF-8
// }

/** Messages of a client and their members. */
const CLIENT_MESSAGES: Readonly<Record<ClientMessage['type'], MessageShape>> = {
  hello: { protocol: 'count', token: 'string?', client: 'string' },
  context: { id: 'count', name: 'string', numPools: 'count', maxsize: 'count', block: 'boolean' },
  release: { id: 'count' },
};

/** Messages of a gateway and their members. */
const GATEWAY_MESSAGES: Readonly<Record<GatewayMessage['type'], MessageShape>> = {
  ready: { protocol: 'count', gateway: 'string', limits: 'object', features: 'strings' },
  drain: { deadlineMs: 'count' },
  failure: { name: 'string', detail: 'string', context: 'count?' },
};

/** Writes a message of the control stream, its length first. */
export function writeControlMessage(writer: ByteWriter, message: ClientMessage | GatewayMessage): void {
  writer.utf8(JSON.stringify(message));
}

/** Reads the messages of a control stream from pieces of any size. */
export class ControlDecoder<Message extends ClientMessage | GatewayMessage> {
  readonly #parse: (value: unknown) => Message;
  readonly #take: (message: Message) => void;
  #buffer = new PrefixBuffer();

  /** @param parse - {@link parseClientMessage} or {@link parseGatewayMessage}. @param take - gets each message. */
  constructor(parse: (value: unknown) => Message, take: (message: Message) => void) {
    this.#parse = parse;
    this.#take = take;
  }

  /**
   * Takes the next bytes.
   *
   * @throws {@link WireError} at the first message that is none; the decoder is of no use afterwards.
   */
  push(bytes: Uint8Array): void {
    this.#buffer.push(bytes);
    const reader = new ByteReader(this.#buffer.bytes);
    let start = 0;
    for (;;) {
      const length = reader.varintIfComplete();
      if (length > WIRE_LIMITS.maxControlMessageBytes) {
        throw new WireError(
          PROTOCOL_VIOLATION,
          `control message must have at most ${WIRE_LIMITS.maxControlMessageBytes} bytes, got ${length}`,
        );
      }
      if (length < 0 || reader.remaining < length) break;
      const text = decodeUtf8(reader.take(length), 'control message');
      start = reader.offset;
      this.#take(this.#parse(parseJson(text)));
    }
    if (start === 0) return;
    const rest = reader.bytes.subarray(start);
    this.#buffer = new PrefixBuffer();
    if (rest.length > 0) this.#buffer.push(rest);
  }
}

/**
 * A message of a client.
 *
 * @throws {@link WireError} when `value` is none.
 */
export function parseClientMessage(value: unknown): ClientMessage {
  return parseMessage(value, CLIENT_MESSAGES) as ClientMessage;
}

/**
 * A message of a gateway.
 *
 * @throws {@link WireError} when `value` is none.
 */
export function parseGatewayMessage(value: unknown): GatewayMessage {
  const message = parseMessage(value, GATEWAY_MESSAGES) as GatewayMessage;
  if (message.type === 'ready')
    checkShape('ready.limits', message.limits, { maxHeadBytes: 'count', maxStreams: 'count' });
  // A newer gateway may know failures we do not.
  if (message.type === 'failure' && !Object.hasOwn(FAILURES, message.name)) {
    return { ...message, name: 'internal_error' satisfies FailureName };
  }
  return message;
}

function parseMessage(value: unknown, messages: Readonly<Record<string, MessageShape>>): object {
  checkShape('control message', value, { type: 'string' });
  const type = value['type'] as string;
  const shape = Object.hasOwn(messages, type) ? messages[type] : undefined;
  if (shape === undefined) {
    throw new WireError(
      PROTOCOL_VIOLATION,
      `control message type must be one of ${Object.keys(messages).join(', ')}`,
    );
  }
  checkShape(type, value, shape);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError(PROTOCOL_VIOLATION, 'control message must be JSON');
  }
}
