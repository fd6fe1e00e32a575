/** A frame as a server sends it (RFC 6455 §5.2). */
export function frame(opcode: number, payload: Uint8Array, isFinal = true): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** A frame of a client. */
export interface ClientFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

/** The frames of a client that are whole, and how many bytes they take. Throws where one is not masked. */
export function clientFrames(bytes: Buffer): { frames: ClientFrame[]; length: number } {
  const frames: ClientFrame[] = [];
  let at = 0;
  while (bytes.length - at >= 2) {
    const second = bytes[at + 1] as number;
    if ((second & 0x80) === 0) throw new Error('a frame of a client must be masked');
    const form = second & 0x7f;
    const maskAt = at + (form < 126 ? 2 : form === 126 ? 4 : 10);
    if (bytes.length < maskAt + 4) break;
    const length =
      form < 126 ? form : form === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    const end = maskAt + 4 + length;
    if (bytes.length < end) break;
    const first = bytes[at] as number;
    const payload = Buffer.from(bytes.subarray(maskAt + 4, end));
    for (let i = 0; i < length; i++)
      payload[i] = (payload[i] as number) ^ (bytes[maskAt + (i & 3)] as number);
    frames.push({ opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload });
    at = end;
  }
  return { frames, length: at };
}
