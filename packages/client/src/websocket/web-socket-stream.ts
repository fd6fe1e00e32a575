import { loaded } from '../errors.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { checkClose, socketRequest } from './socket-request.ts';
import type { WebSocketStreamInit } from './websocket-init.ts';

/** What a {@link TunnelWebSocketStream} gives when it is open. */
export interface WebSocketConnection {
  /** Messages: texts, and bytes. What is not read, the origin does not send. */
  readonly readable: ReadableStream<string | Uint8Array<ArrayBuffer>>;

  /** Takes messages as fast as the origin does. Closing it closes the WebSocket. */
  readonly writable: WritableStream<string | BufferSource>;

  /** Always empty: no extension is used. */
  readonly extensions: string;

  /** The subprotocol the origin has chosen; empty where none was offered. */
  readonly protocol: string;
}

/** How a WebSocket is to be closed, or was. */
export interface WebSocketCloseInfo {
  /** RFC 6455 §7.4; 1005 when there was none. */
  readonly closeCode?: number | undefined;

  /** In words; at most 123 bytes. */
  readonly reason?: string | undefined;
}

/**
 * A WebSocket as streams, with backpressure both ways: made as `new http.WebSocketStream(url)`. Its interface is that of
 * the platform's where it has one; errors are HTTPErrors.
 *
 * @see {@link https://developer.mozilla.org/en-US/docs/Web/API/WebSocketStream | WebSocketStream}
 */
export class TunnelWebSocketStream {
  /** Where it leads, made absolute. */
  readonly url: string;

  /** Resolves when it is open; rejects with an HTTPError, or the reason of the signal, when it cannot be. */
  readonly opened: Promise<WebSocketConnection>;

  /** Resolves when it was closed cleanly; rejects with an HTTPError when it ended in another way. */
  readonly closed: Promise<Required<WebSocketCloseInfo>>;

  readonly #close: (code: number | undefined, reason: string) => void;

  /** Connects. */
  constructor(sender: RequestSender, url: string | URL, init: WebSocketStreamInit = {}) {
    const request = socketRequest(url, init.protocols ?? [], init);
    this.url = request.url.href;
    const engine = loaded(import('./websocket-stream-engine.ts')).then(
      ({ WebSocketStreamEngine }) => new WebSocketStreamEngine(sender, request),
    );
    this.opened = engine.then(({ opened }) => opened);
    this.closed = engine.then(({ closed }) => closed);
    // Who looks at one of them need not look at the other.
    for (const promise of [this.opened, this.closed]) promise.catch(() => {});
    this.#close = (...status) => engine.then((it) => it.close(...status)).catch(() => {});
  }

  /**
   * Closes.
   *
   * @throws DOMException "InvalidAccessError" or "SyntaxError" for a code or reason that cannot be sent.
   */
  close({ closeCode, reason = '' }: WebSocketCloseInfo = {}): void {
    this.#close(checkClose(closeCode, reason), reason);
  }
}
