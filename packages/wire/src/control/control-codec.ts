import { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { violation } from '../errors.ts';
import * as WIRE_LIMITS from '../limits.ts';
import { PendingBytes } from '../message/pending-bytes.ts';
import { decodeUtf8 } from '../utf8.ts';
import type { ClientMessage, GatewayMessage } from './control-message.ts';

// Control Message {
//   Length (i),
//   JSON (..),                             one object, UTF-8
// }

/** Writes a message of the control stream, its length first. */
export function writeControlMessage(writer: ByteWriter, message: ClientMessage | GatewayMessage): void {
  writer.utf8(JSON.stringify(message));
}

/** Reads the messages of a control stream from pieces of any size. */
export class ControlDecoder<Message extends ClientMessage | GatewayMessage> {
  readonly #parse: (value: unknown) => Message;
  readonly #take: (message: Message) => void;
  readonly #pending = new PendingBytes();

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
    const pending = this.#pending;
    pending.append(bytes, 0, bytes.length);
    const reader = new ByteReader(pending.bytes.subarray(0, pending.length));
    let start = 0;
    for (;;) {
      const length = reader.varintIfComplete();
      if (length > WIRE_LIMITS.maxControlMessageBytes) {
        throw violation(
          `control message must have at most ${WIRE_LIMITS.maxControlMessageBytes} bytes, got ${length}`,
        );
      }
      if (length < 0 || reader.remaining < length) break;
      const text = decodeUtf8(reader.take(length), 'control message');
      start = reader.offset;
      this.#take(this.#parse(parseJson(text)));
    }
    if (start === 0) return;
    pending.clear();
    pending.append(reader.bytes, start, reader.end);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw violation('control message must be JSON');
  }
}
