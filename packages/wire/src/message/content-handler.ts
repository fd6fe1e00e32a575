import type { FieldLines } from './field-lines.ts';

/** What a decoder of either kind of message calls after the head. */
export interface ContentHandler {
  /** A piece of content, never empty: a view of the bytes pushed, valid as long as they are. */
  content(bytes: Uint8Array): void;

  /** The message is complete. Called once. */
  end(trailers: FieldLines): void;
}
