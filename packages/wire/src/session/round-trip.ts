import { violation } from '../errors.ts';

/**
 * QX_PING both ways (draft-ietf-quic-qmux-02 §4.3): which sequence numbers are out, which answer is owed, and the
 * shortest round trip seen.
 */
export class RoundTrip {
  /** Shortest round trip so far, in milliseconds; 0 before the first answer. */
  shortestMs = 0;

  /** Answers so far. */
  sampleCount = 0;

  /** Largest sequence number answered; -1 before the first answer. */
  answered = -1;

  #nextSequence = 0;
  #oldestUnanswered: { sequence: number; sentAtMs: number } | undefined;
  #lastAsked = -1;
  #owedAnswer = -1;

  /** Sequence number for a ping that leaves now. */
  ask(nowMs: number): number {
    const sequence = this.#nextSequence++;
    this.#oldestUnanswered ??= { sequence, sentAtMs: nowMs };
    return sequence;
  }

  /** When the ping was sent that the peer has owed an answer to for longest; `undefined` when it owes none. */
  get unansweredSinceMs(): number | undefined {
    return this.#oldestUnanswered?.sentAtMs;
  }

  /**
   * An answer arrived.
   *
   * @throws {@link WireError} when it answers a ping that was never sent.
   */
  receiveAnswer(sequence: number, nowMs: number): void {
    if (sequence >= this.#nextSequence) {
      throw violation(`QX_PING response must answer a ping we sent, got ${sequence}`);
    }
    this.answered = Math.max(this.answered, sequence);
    const waiting = this.#oldestUnanswered;
    if (waiting === undefined || sequence < waiting.sequence) return;
    if (sequence === waiting.sequence) {
      const elapsedMs = nowMs - waiting.sentAtMs;
      this.sampleCount++;
      if (this.shortestMs === 0 || elapsedMs < this.shortestMs) this.shortestMs = elapsedMs;
    }
    // "an endpoint MAY only respond with one QX_PING frame ... carrying the largest Sequence Number": it answers all.
    this.#oldestUnanswered = undefined;
  }

  /**
   * A ping arrived.
   *
   * @throws {@link WireError} unless its sequence number is above the last one.
   */
  receiveAsk(sequence: number): void {
    if (sequence <= this.#lastAsked) {
      throw violation(`QX_PING sequence must be above ${this.#lastAsked}, got ${sequence}`);
    }
    this.#lastAsked = sequence;
    this.#owedAnswer = sequence;
  }

  /** The answer owed, once: many pings in one turn are answered by the largest; -1 when none is owed. */
  takeOwedAnswer(): number {
    const sequence = this.#owedAnswer;
    this.#owedAnswer = -1;
    return sequence;
  }
}
