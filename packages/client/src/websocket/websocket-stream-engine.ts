import { failureError, tellUrl } from '../errors.ts';
import type { RequestSender } from '../pool/request-sender.ts';
import { outgoingContent } from './message-content.ts';
import { openChannel } from './open-channel.ts';
import { checkClose, type SocketRequest } from './socket-request.ts';
import type { WebSocketCloseInfo, WebSocketConnection } from './web-socket-stream.ts';
import type { ChannelEnd, ChannelHandler, WebSocketChannel } from './websocket-channel.ts';

/** No code was received (RFC 6455 §7.1.5). */
const NO_STATUS = 1005;

/** Behind a {@link TunnelWebSocketStream}: streams that pull and push no faster than the WebSocket. */
export class WebSocketStreamEngine {
  readonly opened: Promise<WebSocketConnection>;
  readonly closed: Promise<Required<WebSocketCloseInfo>>;

  readonly #givenUp = new AbortController();
  #channel: WebSocketChannel | undefined;
  #end: ChannelEnd | undefined;
  #readable: ReadableStreamDefaultController<string | Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStreamDefaultController | undefined;
  /** Whether the reader waits for a message. */
  #isPulled = false;
  #ended: (end: ChannelEnd) => void = () => {};
  /** Goes on with a write that waits. */
  #wake: (() => void) | undefined;

  constructor(sender: RequestSender, request: SocketRequest) {
    const { signal } = request.init;
    const abort = (): void => this.#givenUp.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    const ended = new Promise<ChannelEnd>((resolve) => {
      this.#ended = resolve;
    });
    const opened = new Promise<WebSocketConnection>((resolve, reject) => {
      const handler: ChannelHandler = {
        opened: (channel, protocol) => {
          this.#channel = channel;
          resolve({
            readable: this.#reads(channel),
            writable: this.#writes(channel, ended),
            extensions: '',
            protocol,
          });
        },
        arrived: () => this.#deliver(),
        left: () => {},
        ended: (end) => {
          if ('error' in end) tellUrl(end.error, request.url);
          this.#over(end);
        },
      };
      openChannel(sender, request, handler, this.#givenUp.signal)
        .catch(reject)
        .finally(() => signal?.removeEventListener('abort', abort));
    });
    this.opened = opened;
    this.closed = opened
      .then(() => ended)
      .then((end) => {
        if ('error' in end) throw end.error;
        return { closeCode: end.status.code ?? NO_STATUS, reason: end.status.reason };
      });
    // Who looks at one of them need not look at the other.
    for (const promise of [this.opened, this.closed]) promise.catch(() => {});
  }

  /** Closes, or gives up what is not open yet. */
  close(code?: number, reason = ''): void {
    if (this.#channel === undefined) {
      const detail = 'the WebSocketStream was closed before it was open';
      this.#givenUp.abort(failureError({ name: 'cancelled', detail }));
      return;
    }
    // As with a WebSocket, what arrives while it is closing is for nobody.
    this.#channel.ignore();
    // A reason needs a code.
    this.#channel.close(reason === '' ? code : (code ?? 1000), reason);
  }

  #reads(channel: WebSocketChannel): WebSocketConnection['readable'] {
    return new ReadableStream(
      {
        start: (controller) => {
          this.#readable = controller;
        },
        pull: () => {
          this.#isPulled = true;
          channel.want(true);
          this.#deliver();
        },
        cancel: (reason) => {
          this.#readable = undefined;
          this.#closeFor(reason);
        },
      },
      // Nothing is read ahead: what is not asked for, the origin does not send.
      { highWaterMark: 0 },
    );
  }

  #writes(channel: WebSocketChannel, ended: Promise<unknown>): WebSocketConnection['writable'] {
    return new WritableStream({
      start: (controller) => {
        this.#writable = controller;
      },
      write: (chunk) =>
        new Promise<void>((resolve) => {
          const { content, isText } = outgoingContent(chunk);
          this.#wake = resolve;
          channel.send(content, isText, resolve);
        }),
      close: async () => {
        this.close();
        await ended;
      },
      abort: (reason) => this.#closeFor(reason),
    });
  }

  /** Gives the reader a message, or the end behind the last. */
  #deliver(): void {
    const channel = this.#channel;
    const readable = this.#readable;
    if (channel === undefined || readable === undefined) return;
    const message = this.#isPulled ? channel.take() : undefined;
    if (message !== undefined) {
      this.#isPulled = false;
      channel.want(false);
      readable.enqueue(message);
      return;
    }
    const end = this.#end;
    if (end === undefined || channel.hasMessage) return;
    this.#readable = undefined;
    if ('error' in end) readable.error(end.error);
    else readable.close();
  }

  #over(end: ChannelEnd): void {
    this.#end = end;
    this.#ended(end);
    this.#deliver();
    // A writer that was closed does not mind.
    this.#writable?.error('error' in end ? end.error : overError());
    this.#wake?.();
  }

  /** Closes as the reason of a stream says that is given up: with its code where it has one that may be sent. */
  #closeFor(reason: unknown): void {
    const { closeCode, reason: text = '' } = Object(reason) as WebSocketCloseInfo;
    try {
      if (typeof closeCode !== 'number') throw new TypeError('no code');
      this.close(checkClose(closeCode, String(text)), String(text));
    } catch {
      this.close();
    }
  }
}

/** What a writer gets that goes on after the origin has closed. */
function overError(): DOMException {
  return new DOMException('the WebSocket is closed', 'InvalidStateError');
}
