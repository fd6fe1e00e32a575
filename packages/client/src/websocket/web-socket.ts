import { loaded } from '../errors.ts';
import { defineMembers } from '../event-handlers.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { checkClose, socketRequest } from './socket-request.ts';
import type { WebSocketEngine } from './websocket-engine.ts';
import type { WebSocketInit } from './websocket-init.ts';

/** What a {@link TunnelWebSocket} shows, and its engine changes. */
export interface SocketState {
  readyState: 0 | 1 | 2 | 3;
  bufferedAmount: number;
  protocol: string;
  binaryType: BinaryType;
}

/** The events of the platform's, with their types. */
type SocketEvents = Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'dispatchEvent'>;

/**
 * A `WebSocket` as the WebSockets standard has it, through the gateway: made as `new http.WebSocket(url)`. What carries it
 * out is loaded with the first one.
 *
 * A failure is told by an event `error` whose `error` is an HTTPError, then by `close` with code 1006.
 *
 * @see {@link https://websockets.spec.whatwg.org/ | WebSockets standard}
 */
export class TunnelWebSocket extends (EventTarget as new () => SocketEvents) implements WebSocket {
  /** It is not open yet. */
  declare static readonly CONNECTING: 0;
  /** It is open. */
  declare static readonly OPEN: 1;
  /** It is being closed. */
  declare static readonly CLOSING: 2;
  /** It is over. */
  declare static readonly CLOSED: 3;
  /** It is not open yet. */
  declare readonly CONNECTING: 0;
  /** It is open. */
  declare readonly OPEN: 1;
  /** It is being closed. */
  declare readonly CLOSING: 2;
  /** It is over. */
  declare readonly CLOSED: 3;

  /** Handler of `open`. */
  declare onopen: WebSocket['onopen'];
  /** Handler of `message`. */
  declare onmessage: WebSocket['onmessage'];
  /** Handler of `error`. */
  declare onerror: WebSocket['onerror'];
  /** Handler of `close`. */
  declare onclose: WebSocket['onclose'];

  readonly #url: string;
  readonly #state: SocketState = { readyState: 0, bufferedAmount: 0, protocol: '', binaryType: 'blob' };
  #engine: WebSocketEngine | undefined;

  /** Connects. */
  constructor(
    sender: RequestSender,
    url: string | URL,
    protocols: string | Iterable<string> | WebSocketInit = [],
  ) {
    super();
    const init =
      typeof protocols === 'object' && protocols !== null && !(Symbol.iterator in protocols) ? protocols : {};
    const request = socketRequest(url, init === protocols ? (init.protocols ?? []) : protocols, init);
    this.#url = request.url.href;
    const state = this.#state;
    loaded(import('./websocket-engine.ts')).then(
      ({ WebSocketEngine }) => {
        this.#engine = new WebSocketEngine(this, state, sender, request);
      },
      (error) => {
        state.readyState = 3;
        this.dispatchEvent(Object.assign(new Event('error'), { error }));
        this.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '', wasClean: false }));
      },
    );
  }

  /** Where it leads, made absolute. */
  get url(): string {
    return this.#url;
  }

  /** `CONNECTING`, `OPEN`, `CLOSING` or `CLOSED`. */
  get readyState(): WebSocket['readyState'] {
    return this.#state.readyState;
  }

  /** Bytes given to {@link TunnelWebSocket.send} that have not left for the gateway. */
  get bufferedAmount(): number {
    return this.#state.bufferedAmount;
  }

  /** Always empty: no extension is used. */
  get extensions(): string {
    return '';
  }

  /** The subprotocol the origin has chosen; empty before, and where none was offered. */
  get protocol(): string {
    return this.#state.protocol;
  }

  /** What binary messages come as: `blob` or `arraybuffer`. */
  get binaryType(): BinaryType {
    return this.#state.binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === 'blob' || type === 'arraybuffer') this.#state.binaryType = type;
  }

  /**
   * Sends a message. Order is kept, whatever it takes to read a `Blob`.
   *
   * @throws DOMException "InvalidStateError" before it is open.
   */
  send(data: string | BufferSource | Blob): void {
    if (this.#state.readyState === 0) throw new DOMException('not open yet', 'InvalidStateError');
    this.#engine?.send(data);
  }

  /**
   * Closes, once everything given to {@link TunnelWebSocket.send} has left.
   *
   * @throws DOMException "InvalidAccessError" or "SyntaxError" for a code or reason that cannot be sent.
   */
  close(code?: number, reason = ''): void {
    const checked = checkClose(code, reason);
    if (this.#state.readyState > 1) return;
    this.#engine?.close(checked, reason);
    this.#state.readyState = 2;
  }
}

defineMembers(
  TunnelWebSocket,
  ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'],
  ['open', 'message', 'error', 'close'],
);
