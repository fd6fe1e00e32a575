import { describe, expect, it } from 'vitest';
import { PeerStreams } from '../../src/session/peer-streams.ts';
import * as TRANSPORT_ERRORS from '../../src/transport-error.ts';
import { wireError } from '../support/frames.ts';

it('opens each stream once', () => {
  const streams = new PeerStreams(10);
  expect(streams.opens(0)).toBe(true);
  expect(streams.opens(0)).toBe(false);
  expect(streams.opens(1)).toBe(true);
  expect(streams.opens(0)).toBe(false);
});

it('opens every lower stream too, whose first frame may come later (RFC 9000 §3.2)', () => {
  const streams = new PeerStreams(10);
  expect(streams.opens(3)).toBe(true);
  expect([1, 0, 2].map((index) => streams.opens(index))).toEqual([true, true, true]);
  expect([1, 0, 2, 3].map((index) => streams.opens(index))).toEqual([false, false, false, false]);
  expect(streams.opens(4)).toBe(true);
});

it('refuses streams beyond the limit', () => {
  const streams = new PeerStreams(10);
  expect(streams.opens(9)).toBe(true);
  expect(wireError(() => streams.opens(10)).code).toBe(TRANSPORT_ERRORS.STREAM_LIMIT_ERROR);
  expect(wireError(() => new PeerStreams(0).opens(0)).code).toBe(TRANSPORT_ERRORS.STREAM_LIMIT_ERROR);
  expect(wireError(() => new PeerStreams(10).opens(2 ** 51)).code).toBe(TRANSPORT_ERRORS.STREAM_LIMIT_ERROR);
});

describe('finish', () => {
  it('raises the limit in batches, always to so many streams beyond the finished ones', () => {
    const streams = new PeerStreams(16);
    const limits = Array.from({ length: 14 }, (_, index) => {
      streams.opens(index);
      return streams.finish();
    });
    // Half of the credit is used up with the eighth stream; from then on a limit every two streams is worth a frame.
    expect(limits).toEqual([0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0]);
  });

  it('raises the limit at once for a peer that can open no more', () => {
    const streams = new PeerStreams(16);
    for (let index = 0; index < 16; index++) streams.opens(index);
    expect(streams.finish()).toBe(17);
  });

  it('keeps a peer going that has nearly all of its streams open', () => {
    const streams = new PeerStreams(256);
    let limit = 256;
    for (let index = 0; index < 200; index++) streams.opens(index);
    for (let index = 200; index < 5_000; index++) {
      limit = streams.finish() || limit;
      expect(limit).toBeGreaterThan(index);
      streams.opens(index);
    }
  });

  it('lets at most so many be open at once', () => {
    const streams = new PeerStreams(10);
    for (let index = 0; index < 10; index++) streams.opens(index);
    for (let i = 0; i < 5; i++) streams.finish();
    for (let index = 10; index < 15; index++) expect(streams.opens(index)).toBe(true);
    expect(wireError(() => streams.opens(15)).code).toBe(TRANSPORT_ERRORS.STREAM_LIMIT_ERROR);
  });

  it.each([1, 2, 3])('never leaves a peer without a stream to open when %d may be open', (concurrent) => {
    const streams = new PeerStreams(concurrent);
    for (let index = 0; index < 50; index++) {
      expect(streams.opens(index)).toBe(true);
      streams.finish();
    }
  });
});
