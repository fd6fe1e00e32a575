import { describe, expect, it } from 'vitest';
import { RoundTrip } from '../../src/session/round-trip.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';

describe('asking', () => {
  it('numbers pings from 0 upwards', () => {
    const roundTrip = new RoundTrip();
    expect([1, 2, 3].map((now) => roundTrip.ask(now))).toEqual([0, 1, 2]);
  });

  it('keeps the shortest round trip', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip.shortestMs).toBe(0);
    roundTrip.receiveAnswer(roundTrip.ask(100), 150);
    expect(roundTrip.shortestMs).toBe(50);
    roundTrip.receiveAnswer(roundTrip.ask(200), 220);
    roundTrip.receiveAnswer(roundTrip.ask(300), 390);
    expect(roundTrip.shortestMs).toBe(20);
  });

  it('tells since when an answer is owed', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip.unansweredSinceMs).toBeUndefined();
    const first = roundTrip.ask(100);
    roundTrip.ask(200);
    expect(roundTrip.unansweredSinceMs).toBe(100);
    roundTrip.receiveAnswer(first, 250);
    expect(roundTrip.unansweredSinceMs).toBeUndefined();
  });

  // draft-ietf-quic-qmux-02 §4.3: one answer may carry the largest number received.
  it('takes the answer to a later ping for one to all, and no measure of the first', () => {
    const roundTrip = new RoundTrip();
    roundTrip.ask(100);
    roundTrip.receiveAnswer(roundTrip.ask(200), 250);
    expect(roundTrip.unansweredSinceMs).toBeUndefined();
    expect(roundTrip.shortestMs).toBe(0);
  });

  it('takes no notice of a second answer', () => {
    const roundTrip = new RoundTrip();
    const first = roundTrip.ask(100);
    roundTrip.receiveAnswer(first, 150);
    roundTrip.ask(200);
    roundTrip.receiveAnswer(first, 300);
    expect(roundTrip.unansweredSinceMs).toBe(200);
    expect(roundTrip.shortestMs).toBe(50);
  });

  it('refuses an answer to a ping that was never sent', () => {
    const roundTrip = new RoundTrip();
    expect(wireError(() => roundTrip.receiveAnswer(0, 1)).code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
    roundTrip.ask(1);
    expect(wireError(() => roundTrip.receiveAnswer(1, 1)).code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
  });
});

describe('answering', () => {
  it('owes one answer, to the largest number', () => {
    const roundTrip = new RoundTrip();
    expect(roundTrip.takeOwedAnswer()).toBe(-1);
    for (const sequence of [0, 1, 7]) roundTrip.receiveAsk(sequence);
    expect(roundTrip.takeOwedAnswer()).toBe(7);
    expect(roundTrip.takeOwedAnswer()).toBe(-1);
  });

  it.each([
    [0, 0],
    [5, 5],
    [5, 4],
  ])('refuses number %d followed by %d', (first, second) => {
    const roundTrip = new RoundTrip();
    roundTrip.receiveAsk(first);
    roundTrip.takeOwedAnswer();
    expect(wireError(() => roundTrip.receiveAsk(second)).code).toBe(TRANSPORT_ERRORS.PROTOCOL_VIOLATION);
  });
});
