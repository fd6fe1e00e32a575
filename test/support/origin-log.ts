import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { OriginCounts, RequestRecord } from './control-api.ts';

/** Counts what reaches an origin: connections, requests, bytes, and how each exchange ended. */
export class OriginLog {
  readonly #requests: RequestRecord[] = [];
  readonly #connections = new Map<Socket, { number: number; requestsOpen: number }>();
  #connectionsOpened = 0;
  #maxConnectionsOpen = 0;
  #requestsOpen = 0;
  #maxRequestsOpen = 0;

  addConnection(socket: Socket): void {
    this.#connectionsOpened++;
    this.#connections.set(socket, { number: this.#connectionsOpened, requestsOpen: 0 });
    this.#maxConnectionsOpen = Math.max(this.#maxConnectionsOpen, this.#connections.size);
    socket.once('close', () => this.#connections.delete(socket));
  }

  addRequest(request: IncomingMessage, response: ServerResponse): RequestRecord {
    const connection = this.#connections.get(request.socket);
    const record: RequestRecord = {
      id: this.#requests.length + 1,
      connection: connection?.number ?? 0,
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      receivedBytes: 0,
      receivedSha256: null,
      sentBytes: 0,
      outcome: 'open',
    };
    this.#requests.push(record);
    this.#requestsOpen++;
    this.#maxRequestsOpen = Math.max(this.#maxRequestsOpen, this.#requestsOpen);
    if (connection) connection.requestsOpen++;
    response.once('close', () => {
      record.outcome = response.writableFinished && request.complete ? 'complete' : 'aborted';
      this.#requestsOpen--;
      if (connection) connection.requestsOpen--;
    });
    return record;
  }

  idleConnections(): Socket[] {
    return [...this.#connections]
      .filter(([, { requestsOpen }]) => requestsOpen === 0)
      .map(([socket]) => socket);
  }

  counts(): OriginCounts {
    return {
      connectionsOpened: this.#connectionsOpened,
      connectionsOpen: this.#connections.size,
      maxConnectionsOpen: this.#maxConnectionsOpen,
      requestsOpen: this.#requestsOpen,
      maxRequestsOpen: this.#maxRequestsOpen,
      requests: this.#requests,
    };
  }
}

/** Adds received content to a request's record. */
export class ReceivedContent {
  readonly #record: RequestRecord;
  readonly #hash: Hash = createHash('sha256');

  constructor(record: RequestRecord) {
    this.#record = record;
  }

  push(chunk: Uint8Array): void {
    this.#record.receivedBytes += chunk.length;
    this.#hash.update(chunk);
  }

  end(): void {
    this.#record.receivedSha256 = this.#hash.digest('hex');
  }
}
