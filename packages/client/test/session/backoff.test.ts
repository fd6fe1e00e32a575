import { describe, expect, it } from 'vitest';
import * as DEFAULTS from '../../src/defaults.ts';
import { reconnectDelayMs } from '../../src/session/backoff.ts';

describe('reconnectDelayMs', () => {
  it('does not wait before the first try', () => {
    expect(reconnectDelayMs(0, 0.5)).toBe(0);
  });

  it('doubles, up to a ceiling it keeps for ever', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100, 10_000].map((attempt) => reconnectDelayMs(attempt, 1));
    const ceiling = DEFAULTS.reconnectMaxMs;
    expect(longest).toEqual([100, 200, 400, 800, 1_600, 3_200, ceiling, ceiling, ceiling, ceiling]);
  });

  it('spreads each pause over its upper half', () => {
    expect(reconnectDelayMs(3, 0)).toBe(200);
    expect(reconnectDelayMs(3, 0.5)).toBe(300);
    expect(reconnectDelayMs(3, 1)).toBe(400);
  });
});
