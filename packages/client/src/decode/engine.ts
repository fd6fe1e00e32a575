/**
 * Undoes one format of compression. It takes input after which anything may follow, says where its data ended, and never
 * makes more than 128 KiB at a time: what nobody pulls is not made.
 */
export interface Engine {
  /** Adds input. Only when {@link Engine.pull} had nothing more to give, and not after the end. */
  push(bytes: Uint8Array): void;

  /**
   * The next piece of content, which nobody else has; `undefined` when more input is needed or the data has ended.
   *
   * @throws Error where the input is not of this format.
   */
  pull(): Uint8Array | undefined | Promise<Uint8Array | undefined>;

  /** Whether the data has ended, once {@link Engine.pull} has no more to give. */
  readonly hasEnded: boolean;

  /** Input behind the end of the data. */
  readonly rest: Uint8Array;

  /** Frees what it holds. It is not used afterwards. */
  close(): void;
}

/** Undoes one content coding: whatever follows its data is its own affair. */
export interface CodingDecoder {
  /** Adds input. Only when {@link CodingDecoder.pull} had nothing more to give. */
  push(bytes: Uint8Array): void;

  /** See {@link Engine.pull}; always `undefined` once there is nothing more to come. */
  pull(): Uint8Array | undefined | Promise<Uint8Array | undefined>;

  /**
   * There is no more input.
   *
   * @throws Error where the coding tells that some is missing, and that is an error.
   */
  end(): void;

  /** Frees what it holds. It is not used afterwards. */
  close(): void;
}

/** For what holds none. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);
