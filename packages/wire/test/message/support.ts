import { readFileSync } from 'node:fs';
import { RequestDecoder, ResponseDecoder } from '../../src/message/message-decoder.ts';
import type { MessageLimits } from '../../src/message/message-limits.ts';
import type { RequestHead } from '../../src/message/request-head.ts';
import type { ResponseHead } from '../../src/message/response-head.ts';

/** What a decoder told its handler, content put together. */
export interface Received {
  request?: RequestHead;
  informational: ResponseHead[];
  response?: ResponseHead;
  content: string;
  trailers?: string[];
  ends: number;
}

export type Kind = 'request' | 'response';

/** Writes down everything a decoder of either kind calls, and insists on the order the handlers document. */
export class Recorder {
  readonly received: Received = { informational: [], content: '', ends: 0 };
  readonly pieces: Uint8Array[] = [];

  requestHead(head: RequestHead): void {
    this.#beforeHead();
    this.received.request = head;
  }

  informational(head: ResponseHead): void {
    this.#beforeHead();
    this.received.informational.push(head);
  }

  responseHead(head: ResponseHead): void {
    this.#beforeHead();
    this.received.response = head;
  }

  content(bytes: Uint8Array): void {
    if (!this.#hasHead() || this.received.ends > 0) throw new Error('content must come between head and end');
    if (bytes.length === 0) throw new Error('a piece of content must not be empty');
    this.pieces.push(bytes);
    this.received.content += toHex(bytes);
  }

  end(trailers: string[]): void {
    if (!this.#hasHead() || this.received.ends > 0) throw new Error('end must come once, after the head');
    this.received.trailers = trailers;
    this.received.ends += 1;
  }

  #hasHead(): boolean {
    return this.received.request !== undefined || this.received.response !== undefined;
  }

  #beforeHead(): void {
    if (this.#hasHead()) throw new Error('a head must come before the last one');
  }
}

/** A decoder of `kind` with a recorder behind it. */
export function decoder(
  kind: Kind,
  limits?: MessageLimits,
): { push(b: Uint8Array): void; finish(): void; recorder: Recorder } {
  const recorder = new Recorder();
  const it =
    kind === 'request' ? new RequestDecoder(recorder, limits) : new ResponseDecoder(recorder, limits);
  return { push: (bytes) => it.push(bytes), finish: () => it.finish(), recorder };
}

/** Decodes a message that arrives in `pieces`. */
export function decode(kind: Kind, pieces: Uint8Array[], limits?: MessageLimits): Received {
  const it = decoder(kind, limits);
  for (const piece of pieces) it.push(piece);
  it.finish();
  return it.recorder.received;
}

/** One row of `bhttp-vectors.json`. */
export interface Vector {
  id: string;
  hex: string;
  valid: boolean;
  expect?: {
    type: Kind;
    method?: string;
    scheme?: string;
    authority?: string;
    path?: string;
    informational?: { status: number; headers: [string, string][] }[];
    status?: number;
    headers: [string, string][];
    content_hex: string;
    trailers: [string, string][];
  };
}

const file = new URL('../vectors/bhttp-vectors.json', import.meta.url);
const VECTORS: Vector[] = JSON.parse(readFileSync(file, 'utf8')).vectors;
export const VALID: Vector[] = VECTORS.filter((vector) => vector.valid);
export const INVALID: Vector[] = VECTORS.filter((vector) => !vector.valid);

export function kindOf(vector: Vector): Kind {
  return vector.expect?.type ?? 'request';
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.replaceAll(/\s/g, '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Text as bytes, one per character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A length as the message has it: a variable-length integer of the fewest bytes. */
export function varint(value: number): Uint8Array {
  if (value < 0x40) return Uint8Array.of(value);
  if (value < 0x4000) return Uint8Array.of(0x40 | (value >> 8), value & 0xff);
  return Uint8Array.of(0x80 | (value >> 24), (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

/** A length-prefixed string. */
export function string(text: string): Uint8Array {
  return concat(varint(text.length), bytesOf(text));
}

/** Random numbers that are the same in every run (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to before `below`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** `bytes` in pieces of random length, empty ones among them. */
  split(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    const longest = 1 + this.below(bytes.length + 1);
    for (let at = 0; at < bytes.length; ) {
      const to = Math.min(bytes.length, at + this.below(longest + 1));
      pieces.push(bytes.slice(at, to));
      at = to;
    }
    return pieces;
  }
}

/** `bytes` one by one. */
export function oneByOne(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** Bytes that mean something somewhere: lengths, terminators, delimiters, ends of ranges. */
const TELLING = fromHex('00 01 02 03 05 09 0a 0d 20 23 2a 2f 3a 3f 40 41 5a 61 7f 80 bf c0 e9 ff');

/** One to four changes: a byte replaced, a bit turned, bytes put in, left out, repeated, or the rest cut off. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let it = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(it.length + 1);
    const to = Math.min(it.length, at + 1 + random.below(8));
    const changed = it.slice();
    switch (random.below(7)) {
      case 0:
        changed[at] = random.below(256);
        break;
      case 1:
        changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        changed[at] = TELLING[random.below(TELLING.length)] as number;
        break;
      case 3:
        it = concat(it.slice(0, at), random.bytes(1 + random.below(4)), it.slice(at));
        continue;
      case 4:
        it = concat(it.slice(0, at), it.slice(to));
        continue;
      case 5:
        it = concat(it.slice(0, to), it.slice(at));
        continue;
      default:
        it = it.slice(0, at);
        continue;
    }
    it = changed;
  }
  return it;
}
