import * as DEFAULTS from '../defaults.ts';
import { invalidOption } from '../errors.ts';
import type { ExchangeRequest, ExchangeResponse } from '../exchange/exchange.ts';
import type { RequestBody } from '../exchange/request-body.ts';
import { CONSOLE } from '../logger.ts';

/** How far content has come. */
export interface TransferProgress {
  /** Bytes so far, from 0 in the first event. It begins again where a request is sent again. */
  readonly loaded: number;

  /** Bytes in all; `undefined` where nobody knows: a stream without a length, a response without `content-length`. */
  readonly total: number | undefined;

  /** Whether this is the last event: all of it has come. A transfer that fails or is given up has none such. */
  readonly done: boolean;
}

/**
 * Told of the progress of a transfer: at its start, about 20 times a second while it goes on, and at its end. Never called
 * from within a call of yours. What it throws harms nothing: it is reported as what an event listener throws, or written to
 * the console where the platform has no `reportError()`.
 */
export type ProgressListener = (progress: TransferProgress) => void;

/** Who is told of the progress of a request. */
export interface ProgressOptions {
  /**
   * Told of the body as it leaves: bytes for which the gateway had given credit, which it does as the origin takes them.
   * What is told is ahead of the origin by no more than a window, 258 KiB, or 8 MiB at most on a long way.
   *
   * @defaultValue none
   */
  readonly onUploadProgress?: ProgressListener | undefined;

  /**
   * Told of the content of the response that is given as it arrives, not of redirects and attempts before it: bytes as they
   * came over the connection, before they are decoded, and as many in all as `content-length` says. What nobody reads does
   * not arrive.
   *
   * @defaultValue none
   */
  readonly onDownloadProgress?: ProgressListener | undefined;
}

/** Progress of one transfer as a listener is to hear it: not too often, and never the last of it too late. */
class Progress {
  readonly #listener: ProgressListener;
  readonly #total: number | undefined;
  #loaded = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(listener: ProgressListener, total: number | undefined) {
    this.#listener = listener;
    this.#total = total;
    this.#tell(false);
  }

  /** So many bytes so far. */
  update(loaded: number): void {
    if (this.#isOver || loaded === this.#loaded) return;
    this.#loaded = loaded;
    const dueMs = this.#toldAtMs + DEFAULTS.progressIntervalMs - performance.now();
    if (dueMs <= 0) this.#tell(false);
    else this.#timer ??= setTimeout(() => this.#tell(false), dueMs);
  }

  /** That was all. */
  finish(loaded: number): void {
    if (this.#isOver) return;
    this.#loaded = loaded;
    this.stop();
    this.#tell(true);
  }

  /** It goes no further. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** Later: what a listener does must not happen in the middle of what a session does. */
  #tell(done: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAtMs = performance.now();
    const progress = { loaded: this.#loaded, total: this.#total, done };
    queueMicrotask(() => {
      try {
        this.#listener(progress);
      } catch (error) {
        reportThrown(error);
      }
    });
  }
}

/** As the DOM standard's "report an exception", where there is such a thing. */
function reportThrown(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void };
  if (typeof reportError === 'function') reportError(error);
  else CONSOLE.error(error);
}

function checkListener(name: string, listener: ProgressListener | undefined): ProgressListener | undefined {
  if (listener === undefined || typeof listener === 'function') return listener;
  throw invalidOption(`${name} must be a function, got ${typeof listener}`);
}

/** The listeners of one request. */
export class ProgressListeners {
  readonly #upload: ProgressListener | undefined;
  readonly #download: ProgressListener | undefined;

  /** @throws {@link InvalidRequestError} when one is no function. */
  constructor(options: ProgressOptions) {
    this.#upload = checkListener('onUploadProgress', options.onUploadProgress);
    this.#download = checkListener('onDownloadProgress', options.onDownloadProgress);
  }

  /** Sends a request with this body, if it has one, and has the listener told how it leaves. */
  async send<Response>(
    body: RequestBody | undefined,
    send: (onBodySent: ExchangeRequest['onBodySent']) => Promise<Response>,
  ): Promise<Response> {
    if (this.#upload === undefined || body === undefined) return send(undefined);
    const progress = new Progress(this.#upload, body.length);
    try {
      return await send((bytes, isAll) => (isAll ? progress.finish(bytes) : progress.update(bytes)));
    } catch (error) {
      progress.stop();
      throw error;
    }
  }

  /**
   * Has the listener told how the content of the response that is wanted arrives.
   *
   * @param total - in bytes as they come over the connection, which is before they are decoded.
   */
  receive({ body }: ExchangeResponse, total: number | undefined): void {
    if (this.#download === undefined) return;
    const progress = new Progress(this.#download, total);
    const look = (): void => {
      if (body.isComplete) progress.finish(body.receivedBytes);
      else if (body.error !== undefined) progress.stop();
      else progress.update(body.receivedBytes);
    };
    body.watch(look);
    look();
  }
}
