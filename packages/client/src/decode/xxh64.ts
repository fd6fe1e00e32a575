/** The primes of XXH64 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
const PRIME1 = 11_400_714_785_074_694_791n;
const PRIME2 = 14_029_467_366_897_019_727n;
const PRIME3 = 1_609_587_929_392_839_161n;
const PRIME4 = 9_650_029_242_287_828_579n;
const PRIME5 = 2_870_177_450_012_600_261n;

const [PRIME1_LOW, PRIME1_HIGH] = halves(PRIME1);
const [PRIME2_LOW, PRIME2_HIGH] = halves(PRIME2);

/** Bytes of a stripe: eight for each of the four lanes. */
const STRIPE_BYTES = 32;

/** XXH64 with seed 0, the checksum of zstd. Whole stripes are hashed in halves of 32 bits, the rest with BigInt. */
export class XXH64 {
  /** Low and high half of each of the four lanes. */
  readonly #lanes = Int32Array.from([PRIME1 + PRIME2, PRIME2, 0n, -PRIME1].flatMap(halves));
  readonly #stripe = new Uint8Array(STRIPE_BYTES);
  #stripeBytes = 0;
  #totalBytes = 0;

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    let at = 0;
    if (this.#stripeBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.#stripeBytes, bytes.length);
      this.#stripe.set(bytes.subarray(0, at), this.#stripeBytes);
      this.#stripeBytes += at;
      if (this.#stripeBytes < STRIPE_BYTES) return;
      hashStripes(this.#lanes, this.#stripe, 0, STRIPE_BYTES);
    }
    const end = at + Math.floor((bytes.length - at) / STRIPE_BYTES) * STRIPE_BYTES;
    hashStripes(this.#lanes, bytes, at, end);
    this.#stripe.set(bytes.subarray(end));
    this.#stripeBytes = bytes.length - end;
  }

  /** The low 32 bits of the hash of all bytes so far, unsigned. */
  low(): number {
    let hash = this.#totalBytes < STRIPE_BYTES ? PRIME5 : this.#merged();
    hash += BigInt(this.#totalBytes);
    const rest = new DataView(this.#stripe.buffer, 0, this.#stripeBytes);
    let at = 0;
    for (; at + 8 <= rest.byteLength; at += 8) {
      hash = rotated(hash ^ round(0n, rest.getBigUint64(at, true)), 27n) * PRIME1 + PRIME4;
    }
    if (at + 4 <= rest.byteLength) {
      hash = rotated(hash ^ (BigInt(rest.getUint32(at, true)) * PRIME1), 23n) * PRIME2 + PRIME3;
      at += 4;
    }
    for (; at < rest.byteLength; at++) {
      hash = rotated(hash ^ (BigInt(rest.getUint8(at)) * PRIME5), 11n) * PRIME1;
    }
    hash = word(hash);
    hash = word((hash ^ (hash >> 33n)) * PRIME2);
    hash = word((hash ^ (hash >> 29n)) * PRIME3);
    return Number(BigInt.asUintN(32, hash ^ (hash >> 32n)));
  }

  #merged(): bigint {
    const lanes = [0, 1, 2, 3].map((lane) => whole(this.#lanes.subarray(lane * 2)));
    const rotations = [1n, 7n, 12n, 18n];
    const sum = lanes.reduce((total, lane, i) => total + rotated(lane, rotations[i] as bigint), 0n);
    return lanes.reduce((hash, lane) => (hash ^ round(0n, lane)) * PRIME1 + PRIME4, word(sum));
  }
}

/** The stripes of `bytes` between `from` and `to`. */
function hashStripes(lanes: Int32Array, bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    for (let lane = 0; lane < 8; lane += 2) {
      const low = readHalf(bytes, at);
      const high = readHalf(bytes, at + 4);
      at += 8;
      // lane += input * PRIME2
      const addedLow = Math.imul(low, PRIME2_LOW);
      const sumLow = ((lanes[lane] as number) >>> 0) + (addedLow >>> 0);
      const sumHigh =
        (lanes[lane + 1] as number) +
        highOfProduct(low, PRIME2_LOW) +
        Math.imul(high, PRIME2_LOW) +
        Math.imul(low, PRIME2_HIGH) +
        (sumLow > 4_294_967_295 ? 1 : 0);
      // lane = rotated by 31 bits
      const rotatedLow = (sumLow << 31) | (sumHigh >>> 1);
      const rotatedHigh = (sumHigh << 31) | ((sumLow | 0) >>> 1);
      // lane *= PRIME1
      lanes[lane] = Math.imul(rotatedLow, PRIME1_LOW);
      lanes[lane + 1] =
        highOfProduct(rotatedLow, PRIME1_LOW) +
        Math.imul(rotatedHigh, PRIME1_LOW) +
        Math.imul(rotatedLow, PRIME1_HIGH);
    }
  }
}

function readHalf(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** The high half of the product of two unsigned halves. */
function highOfProduct(a: number, b: number): number {
  const middle = (Math.imul(a >>> 16, b & 65_535) >>> 0) + (Math.imul(a & 65_535, b & 65_535) >>> 16);
  const other = (Math.imul(a & 65_535, b >>> 16) >>> 0) + (middle & 65_535);
  return (Math.imul(a >>> 16, b >>> 16) + (middle >>> 16) + (other >>> 16)) | 0;
}

function round(lane: bigint, input: bigint): bigint {
  return word(rotated(lane + input * PRIME2, 31n) * PRIME1);
}

function rotated(value: bigint, bits: bigint): bigint {
  const bounded = word(value);
  return word(bounded << bits) | (bounded >> (64n - bits));
}

function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function halves(value: bigint): [low: number, high: number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
}

function whole(lane: Int32Array): bigint {
  return word((BigInt(lane[1] as number) << 32n) | BigInt.asUintN(32, BigInt(lane[0] as number)));
}
