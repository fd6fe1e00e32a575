import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL, WIRE_LIMITS } from '@hip/wire';
import { type WebSocket, WebSocketServer } from 'ws';
import { readBuffer } from '../connect/young-garbage.ts';
import type { Logger } from '../logger.ts';
import type { RecordCarrier } from '../session/record-carrier.ts';
import type { SessionRegistry } from '../session/session-registry.ts';

/** Path of the session endpoint. */
export const SESSION_PATH = '/session';

/** Normal closure (RFC 6455 §7.4.1): why a session ended is told in its own frame before. */
const NORMAL_CLOSURE = 1000;

/** "an endpoint is going away, such as a server going down" (RFC 6455 §7.4.1). */
const GOING_AWAY = 1001;

/** Longest close reason, in bytes (RFC 6455 §5.5: a control frame carries 125, two of them the code). */
const MAX_REASON_BYTES = 123;

/**
 * How long a client may take nothing of what is before our close, or not answer it, before its socket is destroyed, in
 * milliseconds. In all it has the 30 s of `ws`.
 */
const CLOSE_TIMEOUT_MS = 2_000;

/** What a client that is refused for now is asked to wait, in seconds (RFC 9110 §10.2.3). */
const RETRY_AFTER_S = 1;

/** Accepts sessions on `server`'s upgrades of {@link SESSION_PATH}: one WebSocket, one session, one record per message. */
export function listenForWebSockets(server: Server, sessions: SessionRegistry, log: Logger): void {
  const upgrader = new WebSocketServer({
    noServer: true,
    // Records are small or already compressed, and a compressed one would let a client make us inflate.
    perMessageDeflate: false,
    maxPayload: WIRE_LIMITS.maxRecordBytes,
    handleProtocols: () => SUBPROTOCOL,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refusalOf(request, sessions);
    if (refusal !== undefined) {
      refuse(socket, refusal.status, refusal.text);
      return;
    }
    upgrader.handleUpgrade(request, socket, head, (webSocket) =>
      sessions.hasRoom ? serve(webSocket, sessions, log) : turnAway(webSocket, sessions),
    );
  });
}

function serve(webSocket: WebSocket, sessions: SessionRegistry, log: Logger): void {
  const session = sessions.open(carrierOf(webSocket));
  webSocket.on('message', (data: Buffer, isBinary: boolean) => {
    try {
      readBuffer(data.length);
      if (isBinary) session.receive(data);
      else session.fail('records are binary, got text');
    } catch (error) {
      // A fault of ours: this session ends, no other notices.
      log.error(
        { error: error instanceof Error ? error.stack : String(error) },
        'session failed unexpectedly',
      );
      webSocket.terminate();
    }
  });
  // `ws` has closed the socket by then: a frame that is none, a message that is too long, a reset.
  webSocket.on('error', (error) => log.debug({ error: error.message }, 'WebSocket failed'));
  webSocket.on('close', (code) => session.carrierClosed(`the WebSocket closed with code ${code}`));
}

/** What the client says meanwhile is heard by nobody. */
function turnAway(webSocket: WebSocket, sessions: SessionRegistry): void {
  webSocket.on('error', () => {});
  webSocket.on('close', () => sessions.left());
  sessions.turnAway(carrierOf(webSocket));
}

function carrierOf(webSocket: WebSocket): RecordCarrier {
  return {
    send: (record, sent) => webSocket.send(record, sent),
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
    close: (reason, isLeaving) => {
      webSocket.close(isLeaving ? GOING_AWAY : NORMAL_CLOSURE, cut(reason));
      terminateWhenStuck(webSocket);
    },
  };
}

/** A slow client may take its time with the last response; one that takes nothing is let go. */
function terminateWhenStuck(webSocket: WebSocket): void {
  let before = webSocket.bufferedAmount;
  const timer = setInterval(() => {
    const left = webSocket.bufferedAmount;
    if (left >= before) webSocket.terminate();
    before = left;
  }, CLOSE_TIMEOUT_MS).unref();
  webSocket.on('close', () => clearInterval(timer));
}

interface Refusal {
  readonly status: string;
  readonly text: string;
}

function refusalOf(request: IncomingMessage, sessions: SessionRegistry): Refusal | undefined {
  const path = (request.url ?? '').split('?', 1)[0];
  if (path !== SESSION_PATH) {
    return { status: '404 Not Found', text: `there is no session endpoint here: it is ${SESSION_PATH}` };
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) {
    return { status: '400 Bad Request', text: `sec-websocket-protocol must offer ${SUBPROTOCOL}` };
  }
  if (sessions.hasRoom || sessions.mayTurnAway) return undefined;
  const text = sessions.isDraining
    ? 'the gateway is shutting down'
    : 'the gateway holds as many sessions as it may';
  return { status: '503 Service Unavailable', text };
}

function refuse(socket: Duplex, status: string, text: string): void {
  const body = `${text}\n`;
  const retry = status.startsWith('503') ? `Retry-After: ${RETRY_AFTER_S}\r\n` : '';
  socket.on('error', () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\n${retry}Content-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** At most {@link MAX_REASON_BYTES} bytes of UTF-8. */
function cut(reason: string): string {
  return Buffer.from(reason)
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD+$/, '');
}
