/** Random numbers that are the same in every run (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * end);
  }

  /** One of `choices`. */
  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.below(choices.length)] as Choice;
  }

  /** Noise. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }

  /** `bytes` with a few of them changed, lost, doubled or added. */
  mutate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    let mutant = new Uint8Array(bytes);
    for (let changes = 1 + this.below(3); changes > 0; changes--) {
      const at = this.below(mutant.length + 1);
      switch (this.below(5)) {
        case 0:
          mutant = mutant.slice(0, at);
          break;
        case 1:
          mutant = join(mutant.subarray(0, at), this.bytes(1 + this.below(8)), mutant.subarray(at));
          break;
        case 2:
          mutant = join(
            mutant.subarray(0, at),
            mutant.subarray(Math.min(mutant.length, at + 1 + this.below(4))),
          );
          break;
        case 3:
          mutant = join(mutant, mutant.subarray(at));
          break;
        default:
          if (at < mutant.length)
            mutant[at] = this.pick([0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff, this.below(256)]);
      }
    }
    return mutant;
  }
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
