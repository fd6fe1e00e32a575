import { ByteReader } from '../byte-reader.ts';
import { MAX_VARINT } from '../varint.ts';
import { MessageError } from './message-error.ts';

const NO_BYTES: Uint8Array = new Uint8Array(0);
const reader = new ByteReader();

/** Length in bytes of the variable-length integer whose first byte is `first`: its two upper bits (RFC 9000 §16). */
export function varintBytes(first: number): number {
  return 1 << (first >> 6);
}

/**
 * The variable-length integer at `at`, all of whose bytes are there. It need not be in its shortest form (RFC 9292 §3).
 * Loops over lengths read the one-byte form, which is nearly every length, themselves.
 *
 * @throws {@link MessageError} above 2^53 - 1: no length of a message can be that large.
 */
export function varintAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x40) return first;
  reader.reset(bytes);
  reader.offset = at;
  const value = reader.varintSaturated();
  reader.reset(NO_BYTES); // or the last message would stay in memory
  if (value === MAX_VARINT) throw new MessageError('invalid', 'integer in message must be below 2^53 - 1');
  return value;
}
