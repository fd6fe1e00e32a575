/**
 * The bare WebSocket server: what the same bytes cost without any protocol of ours.
 *
 * - `/echo` sends every message back
 * - `/download` takes a number of bytes as its first message and sends them
 * - `/upload` answers the count of bytes received, each megabyte and at every pause
 */
import { createServer } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { MESSAGE_BYTES } from '../workload/measurement.ts';
import { serveOnLoopback } from './loopback-server.ts';

/** Bytes that may wait in this process before it stops adding to them. */
const SEND_BUFFER_BYTES = 1024 * 1024;

/** Bytes between two acknowledgements of an upload. */
const ACKNOWLEDGE_BYTES = 1024 * 1024;

const chunk = Buffer.alloc(MESSAGE_BYTES);

function download(socket: WebSocket, bytes: number): void {
  let sent = 0;
  function send(): void {
    while (sent < bytes && socket.readyState === socket.OPEN && socket.bufferedAmount < SEND_BUFFER_BYTES) {
      const length = Math.min(bytes - sent, MESSAGE_BYTES);
      sent += length;
      socket.send(chunk.subarray(0, length), send);
    }
  }
  send();
}

function upload(socket: WebSocket): void {
  let received = 0;
  let acknowledged = 0;
  function acknowledge(): void {
    if (received > acknowledged) socket.send(String(received));
    acknowledged = received;
  }
  let isPauseDue = false;
  socket.on('message', (data: RawData) => {
    received += (data as Buffer).length;
    if (received - acknowledged >= ACKNOWLEDGE_BYTES) acknowledge();
    if (isPauseDue) return;
    isPauseDue = true;
    setImmediate(() => {
      isPauseDue = false;
      acknowledge();
    });
  });
}

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  if (request.url === '/echo')
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  else if (request.url === '/download')
    socket.once('message', (data: RawData) => download(socket, Number(data)));
  else if (request.url === '/upload') upload(socket);
  else socket.close(1008, 'unknown path');
});
serveOnLoopback(server);
