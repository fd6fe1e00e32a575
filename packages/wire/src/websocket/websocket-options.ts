import type { FieldTable, FieldValues } from '../exchange/field-table.ts';

/** What a client may ask of the gateway for one WebSocket; identifiers are those of requests where the meaning is. */
export const WEBSOCKET_OPTIONS = {
  /** Until a connection to the origin is usable, in milliseconds: as that of requests. */
  connectTimeoutMs: { id: 1, type: 'integer' },
  /** Longest silence of the origin before it has answered the handshake, in milliseconds. */
  readTimeoutMs: { id: 2, type: 'integer' },
  /** Subprotocols to offer, the preferred one first, separated by commas. */
  subprotocols: { id: 16, type: 'text' },
  /**
   * Longest message of the origin, in bytes: the gateway closes with 1009 at the frame that makes one longer. None when
   * absent.
   */
  maxMessageBytes: { id: 17, type: 'integer' },
} as const satisfies FieldTable;

/** Values of {@link WEBSOCKET_OPTIONS}. */
export type WebSocketOptions = FieldValues<typeof WEBSOCKET_OPTIONS>;
