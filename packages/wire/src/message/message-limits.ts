import * as WIRE_LIMITS from '../limits.ts';

/** What a decoder accepts at most. Content has no limit here: it is passed on and never held. */
export interface MessageLimits {
  /**
   * Longest head (control data and header section, as encoded), in bytes. Counts for each informational response
   * and for the final head alone.
   *
   * @defaultValue 65_536 (64 KiB), {@link MESSAGE_LIMITS}
   */
  readonly maxHeadBytes: number;

  /**
   * Longest trailer section, as encoded, in bytes.
   *
   * @defaultValue 65_536 (64 KiB), {@link MESSAGE_LIMITS}
   */
  readonly maxTrailerBytes: number;

  /**
   * Most informational (1xx) responses before the final one.
   *
   * @defaultValue 16, {@link MESSAGE_LIMITS}
   */
  readonly maxInformationalResponses: number;
}

/** The limits of a decoder that is given none. */
export const MESSAGE_LIMITS: MessageLimits = {
  maxHeadBytes: WIRE_LIMITS.maxHeadBytes,

  // A trailer section is held until it is complete, as a head is, so it gets the same bound.
  maxTrailerBytes: WIRE_LIMITS.maxHeadBytes,

  // RFC 9292 §3.5.1 allows any number, and each may be as large as a head. Origins send one or two (100, 103).
  maxInformationalResponses: 16,
};
