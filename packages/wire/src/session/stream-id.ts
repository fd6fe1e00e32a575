import type { Perspective } from '../perspective.ts';

// Stream identifiers (RFC 9000 §2.1): the lowest bit tells who opens the stream (0 client, 1 gateway), the next one
// whether it is unidirectional; the rest counts the streams of that type.

/** Which end opens the stream. */
export function streamInitiator(id: number): Perspective {
  return id % 2 === 0 ? 'client' : 'gateway';
}

/** Whether content flows both ways. */
export function isBidirectional(id: number): boolean {
  return id % 4 < 2;
}

/** Position of a stream among those of its type, from 0. Identifiers reach 2^53: no bitwise operators. */
export function streamIndex(id: number): number {
  return Math.floor(id / 4);
}

/** Identifier of the bidirectional stream that `initiator` opens as its `index`th, from 0. */
export function bidirectionalStreamId(initiator: Perspective, index: number): number {
  return index * 4 + (initiator === 'client' ? 0 : 1);
}
