import { describe, expect, it } from 'vitest';
import { ReceiveWindow } from '../../src/session/receive-window.ts';

describe('credit', () => {
  it('holds what arrived against the limit', () => {
    const window = new ReceiveWindow(100);
    expect(window.wouldOverflow(100)).toBe(false);
    expect(window.wouldOverflow(101)).toBe(true);
    window.received += 60;
    expect(window.unread).toBe(60);
    expect(window.wouldOverflow(40)).toBe(false);
    expect(window.wouldOverflow(41)).toBe(true);
  });

  it('is given back at half a window, and never for less', () => {
    const window = new ReceiveWindow(100);
    window.received += 100;
    window.consume(49);
    expect(window.nextLimit()).toBe(0);
    window.consume(1);
    expect(window.nextLimit()).toBe(150);
    expect(window.nextLimit()).toBe(0);
    window.consume(50);
    expect(window.nextLimit()).toBe(200);
    expect(window.wouldOverflow(100)).toBe(false);
    expect(window.wouldOverflow(101)).toBe(true);
  });

  it('that readers share is given back at half of what unread bytes leave free', () => {
    const window = new ReceiveWindow(100);
    window.received += 80;
    window.consume(20);
    // 60 unread leave 40 free; 20 of them have not been given to the sender yet.
    expect(window.nextSharedLimit()).toBe(120);
    expect(window.nextSharedLimit()).toBe(0);
    window.received += 40;
    window.consume(1);
    expect(window.nextSharedLimit()).toBe(121);
  });

  it('that readers share is given back at half a window where nothing is unread', () => {
    const window = new ReceiveWindow(100);
    window.received += 49;
    window.consume(49);
    expect(window.nextSharedLimit()).toBe(0);
    window.received += 1;
    window.consume(1);
    expect(window.nextSharedLimit()).toBe(150);
  });

  it('follows a larger window', () => {
    const window = new ReceiveWindow(100);
    window.received += 50;
    window.consume(50);
    window.grow(100);
    expect(window.windowBytes).toBe(200);
    expect(window.nextLimit()).toBe(250);
  });
});

describe('isHoldingBack', () => {
  /** Consumes half a window at each of the times given, and tells at which the window held the sender back. */
  function heldBackAt(roundTripMs: number, ...timesMs: number[]): number[] {
    const window = new ReceiveWindow(100);
    return timesMs.filter((nowMs) => {
      window.received += 50;
      window.consume(50);
      window.nextLimit();
      return window.isHoldingBack(nowMs, roundTripMs);
    });
  }

  it('says so where half a window goes in a round trip', () => {
    expect(heldBackAt(100, 1_000, 1_050, 1_150, 1_270)).toEqual([1_050, 1_150, 1_270]);
  });

  it('says no where it takes longer', () => {
    expect(heldBackAt(100, 1_000, 1_121, 1_250, 1_500)).toEqual([]);
  });

  it('counts what came beyond half a window', () => {
    const window = new ReceiveWindow(100);
    window.received += 200;
    window.consume(50);
    window.isHoldingBack(1_000, 100);
    window.consume(75);
    expect(window.isHoldingBack(1_180, 100)).toBe(true);
    window.consume(75);
    expect(window.isHoldingBack(1_361, 100)).toBe(false);
  });

  it('never says so the first time: when the first round began is not known', () => {
    expect(heldBackAt(100, 5)).toEqual([]);
  });

  it('waits for half a window', () => {
    const window = new ReceiveWindow(100);
    window.received += 100;
    window.consume(50);
    window.isHoldingBack(1_000, 100);
    window.consume(49);
    expect(window.isHoldingBack(1_001, 100)).toBe(false);
    window.consume(1);
    expect(window.isHoldingBack(1_002, 100)).toBe(true);
  });
});
