import type { Negotiation } from '../../src/connect/negotiate.ts';

/** How far a negotiation came. */
export interface Played {
  /** What it sent at the start, and after each whole message of the peer. */
  readonly sent: Buffer[];
  readonly isDone: boolean;

  /** Bytes it did not take. */
  readonly left: Buffer;
}

/** Hands `answers` to a negotiation in pieces of `pieceBytes`. Throws what the negotiation throws. */
export function playNegotiation(negotiation: Negotiation, answers: Buffer, pieceBytes: number): Played {
  const sent: Buffer[] = [];
  let left: Buffer = Buffer.alloc(0);
  let next = negotiation.next();
  const note = (): void => {
    if (!next.done && next.value.send !== undefined) sent.push(Buffer.from(next.value.send));
  };
  note();
  for (let at = 0; at < answers.length && !next.done; at += pieceBytes) {
    left = Buffer.concat([left, answers.subarray(at, at + pieceBytes)]);
    for (;;) {
      const length: number | undefined = next.done ? undefined : next.value.measure(left);
      if (length === undefined) break;
      next = negotiation.next(left.subarray(0, length));
      left = left.subarray(length);
      note();
    }
  }
  return { sent, isDone: next.done === true, left };
}
