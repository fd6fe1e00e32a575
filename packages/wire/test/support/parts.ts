import type { MessagePartHandler } from '../../src/websocket/message-part-decoder.ts';
import { toHex } from './hex.ts';

/** What a decoder of parts has told, neighbouring payload as one. */
export class PartRecorder implements MessagePartHandler {
  readonly heard: unknown[][] = [];
  /** As they came. */
  readonly payloads: Uint8Array[] = [];

  part(opcode: number, isFirst: boolean, isLast: boolean, length: number): void {
    this.heard.push(['part', opcode, isFirst, isLast, length]);
  }

  payload(bytes: Uint8Array): void {
    this.payloads.push(bytes);
    const last = this.heard.at(-1);
    if (last?.[0] === 'payload') last[1] = `${last[1]}${toHex(bytes)}`;
    else this.heard.push(['payload', toHex(bytes)]);
  }

  messageEnd(): void {
    this.heard.push(['end']);
  }

  close(status: unknown): void {
    this.heard.push(['close', status]);
  }

  failure(failure: unknown): void {
    this.heard.push(['failure', failure]);
  }
}

/** Gives a decoder the bytes one by one. */
export function oneByOne(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}
