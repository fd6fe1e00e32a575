/** Which HTTP client a measurement drives, with what it needs to open it. */
export type ClientSpec =
  /** The runtime's own `fetch`, with the `cache` option where it is named. */
  | { readonly name: 'native'; readonly cache?: 'no-store' }
  | { readonly name: 'hip'; readonly gateway: string; readonly token: string }
  /** hip toward https origins, straight from the gateway or through a proxy. */
  | {
      readonly name: 'hip-secure';
      readonly gateway: string;
      readonly token: string;
      readonly caCerts: string;
      readonly maxsize: number;
      readonly proxy?: string;
    }
  | { readonly name: 'undici'; readonly ca: string; readonly proxy?: string }
  | { readonly name: 'epoxy'; readonly wisp: string };

/**
 * One thing to measure, as plain data: the same value is measured in this process for the Node rows and sent to
 * the page for the Chromium rows, so that both runtimes run the same code.
 */
export type Measurement =
  /** Small GETs, each of a URL of its own, with `concurrency` of them in flight; answers requests per second. */
  | {
      readonly kind: 'requests-per-second';
      readonly client: ClientSpec;
      readonly url: string;
      readonly requests: number;
      readonly concurrency: number;
    }
  /** As `requests-per-second`, from a client that is opened for it. */
  | {
      readonly kind: 'requests-of-new-client';
      readonly client: ClientSpec;
      readonly url: string;
      readonly requests: number;
      readonly concurrency: number;
    }
  /** Small GETs one after the other; answers the median in milliseconds. */
  | { readonly kind: 'latency'; readonly client: ClientSpec; readonly url: string; readonly requests: number }
  /** As `latency`, for as long as a download runs beside it. */
  | {
      readonly kind: 'latency-during-download';
      readonly client: ClientSpec;
      readonly url: string;
      readonly downloadUrl: string;
      readonly bytes: number;
    }
  /** One streamed response body; answers MB/s. */
  | { readonly kind: 'download'; readonly client: ClientSpec; readonly url: string; readonly bytes: number }
  /** One streamed request body; answers MB/s. */
  | { readonly kind: 'upload'; readonly client: ClientSpec; readonly url: string; readonly bytes: number }
  /** Echoed messages, one after the other, on a bare WebSocket; answers the median in milliseconds. */
  | { readonly kind: 'websocket-latency'; readonly url: string; readonly messages: number }
  /** Messages from the bare WebSocket server; answers MB/s. */
  | { readonly kind: 'websocket-download'; readonly url: string; readonly bytes: number }
  /** Messages to the bare WebSocket server until it has counted them all; answers MB/s. */
  | { readonly kind: 'websocket-upload'; readonly url: string; readonly bytes: number }
  /** Reads one chunk of a body and then nothing more; answers the length of that chunk in bytes. */
  | { readonly kind: 'stall'; readonly client: ClientSpec; readonly url: string }
  /** Cancels the body that `stall` left unread; answers 0. */
  | { readonly kind: 'release' };

/** Something that carries out measurements: this process, or a page in Chromium. */
export interface Runtime {
  /** Measures once. Rejects when the contender fails, or takes longer than {@link MEASUREMENT_TIMEOUT_MS}. */
  run(measurement: Measurement): Promise<number>;
  /** Frees what the runtime holds. */
  close(): Promise<void>;
}

/** Longest time for one measurement, in milliseconds. A hundred times what the slowest of them takes when all is well. */
export const MEASUREMENT_TIMEOUT_MS = 90_000;

/** Size of a message on the bare WebSocket and of a chunk of an uploaded body, in bytes. */
export const MESSAGE_BYTES = 65_536;

/** What the origin's small resource answers. */
export const HELLO = 'Hello, world!';
