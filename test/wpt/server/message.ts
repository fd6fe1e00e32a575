import type { Socket } from 'node:net';

/** A request as it came. Bytes of its head are characters up to U+00FF. */
export interface WptRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly path: string;
  readonly query: Query;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
  /** The lines of a field, joined; `undefined` when there is none. */
  header(name: string): string | undefined;
  /** The whole body. */
  body(): Promise<Buffer>;
}

/** The parameters of a query, their bytes as characters up to U+00FF. */
export class Query {
  readonly entries: readonly (readonly [string, string])[];

  constructor(text: string) {
    this.entries = text
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
      });
  }

  has(name: string): boolean {
    return this.entries.some(([key]) => key === name);
  }

  get(name: string): string | undefined {
    return this.entries.find(([key]) => key === name)?.[1];
  }

  all(name: string): string[] {
    return this.entries.filter(([key]) => key === name).map(([, value]) => value);
  }

  /** A number, or `fallback` where the parameter is missing or none. */
  number(name: string, fallback: number): number {
    const value = Number.parseFloat(this.get(name) ?? '');
    return Number.isNaN(value) ? fallback : value;
  }
}

function decode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What a handler answers with. Strings are bytes: characters up to U+00FF. */
export interface WptResponse {
  /** A whole answer, with its length. */
  send(status: number | readonly [number, string], headers: HeaderList, body?: string | Uint8Array): void;
  /** A head; content follows, and its end is that of the connection. */
  start(status: number | readonly [number, string], headers: HeaderList): void;
  /** Content, or bytes of whatever kind when {@link WptResponse.start} was not called. False when nobody listens any more. */
  write(bytes: string | Uint8Array): boolean;
  /** Ends the answer, and with it the connection. */
  end(): void;
}

export type Handler = (request: WptRequest, response: WptResponse) => void | Promise<void>;
