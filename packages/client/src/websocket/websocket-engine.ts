import { failureError, tellUrl } from '../errors.ts';
import { closeEvent, errorEvent } from '../platform-events.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { TaskQueue } from '../task-queue.ts';
import { outgoingContent } from './message-content.ts';
import { openChannel } from './open-channel.ts';
import type { SocketRequest } from './socket-request.ts';
import type { SocketState } from './web-socket.ts';
import type { ChannelEnd, ChannelHandler, WebSocketChannel } from './websocket-channel.ts';

/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;

/** No code was received (RFC 6455 §7.1.5). */
const NO_STATUS = 1005;

/** The connection ended without a close (RFC 6455 §7.1.5). */
const ABNORMAL = 1006;

/**
 * Behind a {@link TunnelWebSocket}: its events, each in a task of its own. A message counts as read when its event has been
 * dispatched, so that a page that is busy stops the origin.
 */
export class WebSocketEngine {
  readonly #target: EventTarget & { readonly url: string };
  readonly #state: SocketState;
  readonly #givenUp = new AbortController();
  readonly #tasks = new TaskQueue();
  #channel: WebSocketChannel | undefined;

  /** @param state - what the target shows. */
  constructor(
    target: EventTarget & { readonly url: string },
    state: SocketState,
    sender: RequestSender,
    request: SocketRequest,
  ) {
    this.#target = target;
    this.#state = state;
    const handler: ChannelHandler = {
      opened: (channel, protocol) => {
        this.#channel = channel;
        channel.want(true);
        this.#tasks.push(() => this.#open(protocol));
      },
      arrived: () => this.#tasks.push(() => this.#deliver()),
      left: (bytes) => {
        state.bufferedAmount -= bytes;
      },
      ended: (end) => this.#tasks.push(() => this.#end(end)),
    };
    openChannel(sender, request, handler, this.#givenUp.signal).catch((error: unknown) =>
      this.#tasks.push(() => this.#end({ error })),
    );
    if (state.readyState > 1) this.close();
  }

  /** Sends a message; what cannot be sent any more still counts. */
  send(data: unknown): void {
    const { content, isText, length } = outgoingContent(data);
    this.#state.bufferedAmount += length;
    if (this.#state.readyState === 1) this.#channel?.send(content, isText);
  }

  /** Closes, or gives up what is not open yet. */
  close(code?: number, reason = ''): void {
    if (this.#channel === undefined || this.#state.readyState !== 1) {
      const detail = 'the WebSocket was closed before it was open';
      const error = failureError({ name: 'cancelled', detail });
      this.#givenUp.abort(error);
      this.#channel?.failWith(GOING_AWAY, error);
      return;
    }
    // WebSockets standard: a message that arrives while it is closing is none any more.
    this.#channel.ignore();
    // A reason needs a code.
    this.#channel.close(reason === '' ? code : (code ?? 1000), reason);
  }

  #open(protocol: string): void {
    // Closed in the meantime.
    if (this.#state.readyState > 0) return;
    this.#state.readyState = 1;
    this.#state.protocol = protocol;
    this.#fire(new Event('open'));
  }

  #deliver(): void {
    const message = this.#channel?.take();
    if (message === undefined || this.#state.readyState !== 1) return;
    const { origin } = new URL(this.#target.url);
    const data = typeof message === 'string' ? message : this.#binaryData(message);
    this.#fire(new MessageEvent('message', { data, origin }));
  }

  /** Bytes as the page wants them at this moment. */
  #binaryData(bytes: Uint8Array<ArrayBuffer>): Blob | ArrayBuffer {
    return this.#state.binaryType === 'blob' ? new Blob([bytes]) : bytes.buffer;
  }

  #end(end: ChannelEnd): void {
    if (this.#state.readyState === 3) return;
    this.#state.readyState = 3;
    if ('status' in end) {
      const { code = NO_STATUS, reason } = end.status;
      this.#fire(closeEvent({ wasClean: true, code, reason }));
      return;
    }
    this.#fire(errorEvent(tellUrl(end.error, new URL(this.#target.url))));
    this.#fire(closeEvent({ wasClean: false, code: ABNORMAL, reason: '' }));
  }

  #fire(event: Event): void {
    this.#target.dispatchEvent(event);
  }
}
