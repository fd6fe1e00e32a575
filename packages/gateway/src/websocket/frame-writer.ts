import { randomFillSync } from 'node:crypto';

const FIN = 0b1000_0000;
const MASKED = 0b1000_0000;

/** Random bytes made at a time: a call for each frame costs more than the frame. */
const RANDOM_BYTES = 8_192;

/**
 * Writes a client's frames (RFC 6455 §5): the bytes to send, and what masks them. A new key for each frame that nobody can
 * foresee (§10.3), so that no page chooses the bytes a proxy on the way sees.
 */
export class FrameWriter {
  readonly #key = Buffer.alloc(4);
  /** Payload masked since the head. */
  #at = 0;

  /** Begins a frame with `length` bytes of payload. */
  head(opcode: number, isFinal: boolean, length: number): Buffer {
    const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const head = Buffer.allocUnsafe(2 + lengthBytes + 4);
    head[0] = isFinal ? FIN | opcode : opcode;
    if (lengthBytes === 0) {
      head[1] = MASKED | length;
    } else if (lengthBytes === 2) {
      head[1] = MASKED | 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = MASKED | 127;
      head.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
      head.writeUInt32BE(length >>> 0, 6);
    }
    takeRandom(this.#key);
    this.#key.copy(head, 2 + lengthBytes);
    this.#at = 0;
    return head;
  }

  /** A masked copy of the next bytes of payload. */
  payload(bytes: Uint8Array): Buffer {
    const masked = Buffer.allocUnsafe(bytes.length);
    masked.set(bytes);
    const at = this.#at;
    const key = [0, 1, 2, 3].map((i) => this.#key[(at + i) & 3] as number);
    // Four bytes at a time, where they lie in the memory as numbers do: Node's pool does so.
    const words = masked.byteOffset % 4 === 0 ? masked.length >> 2 : 0;
    const word = new Uint32Array(Uint8Array.from(key).buffer)[0] as number;
    const numbers = new Uint32Array(masked.buffer, words === 0 ? 0 : masked.byteOffset, words);
    for (let i = 0; i < words; i++) numbers[i] = (numbers[i] as number) ^ word;
    for (let i = words * 4; i < masked.length; i++)
      masked[i] = (masked[i] as number) ^ (key[i & 3] as number);
    this.#at = (at + masked.length) & 3;
    return masked;
  }

  /** A whole frame with a short payload. */
  frame(opcode: number, payload: Uint8Array): Buffer {
    return Buffer.concat([this.head(opcode, true, payload.length), this.payload(payload)]);
  }
}

const random = Buffer.allocUnsafeSlow(RANDOM_BYTES);
let used = RANDOM_BYTES;

function takeRandom(into: Buffer): void {
  if (used === RANDOM_BYTES) {
    randomFillSync(random);
    used = 0;
  }
  random.copy(into, 0, used, used + into.length);
  used += into.length;
}
