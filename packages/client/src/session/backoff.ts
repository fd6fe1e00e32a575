import * as DEFAULTS from '../defaults.ts';

/**
 * Pause before the `attempt`th try in a row, from 0, in milliseconds: doubling, half of it at random, so that clients
 * of a gateway that came back do not return all at once.
 *
 * @param random - a number from 0 to 1.
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  if (attempt === 0) return 0;
  const ceilingMs = Math.min(DEFAULTS.reconnectMaxMs, DEFAULTS.reconnectBaseMs * 2 ** attempt);
  return ceilingMs * (0.5 + random / 2);
}
