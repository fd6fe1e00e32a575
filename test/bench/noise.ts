import { median } from './median.ts';

/** Steps of the fixed spin: about 50 ms on a machine of 2022, so that a time slice taken away shows. */
const SPIN_STEPS = 40_000_000;

/** Time of a fixed piece of work on one core, in milliseconds: what varies in it is the machine, not hip. */
export function spinMs(): number {
  const startedMs = performance.now();
  let state = 0x9e3779b9;
  for (let step = 0; step < SPIN_STEPS; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  const tookMs = performance.now() - startedMs;
  // Never so (xorshift keeps away from 0), but the compiler does not know and must keep the loop.
  if (state === 0) throw new Error('spin must not end at 0');
  return tookMs;
}

/** Lets the compiler finish with the spin, so that the first spins that count are not slower for its sake. */
export function warmUpSpin(): void {
  for (let time = 0; time < 3; time += 1) spinMs();
}

/** Above this, slowest against fastest spin, other work ran beside the bench and no figure is worth quoting. */
const QUIET_SPREAD = 1.25;

/** The spins in words. */
export function describeNoise(spinsMs: readonly number[]): string {
  const least = Math.min(...spinsMs);
  const most = Math.max(...spinsMs);
  const isQuiet = most / least <= QUIET_SPREAD;
  return (
    `a fixed spin took ${median(spinsMs).toFixed(1)} ms (${least.toFixed(1)}–${most.toFixed(1)}, ` +
    `slowest +${Math.round((most / least - 1) * 100)} %) over ${spinsMs.length} ` +
    `${spinsMs.length === 1 ? 'round' : 'rounds'}${isQuiet ? '' : ': TOO NOISY TO QUOTE, repeat on a quiet machine'}`
  );
}
