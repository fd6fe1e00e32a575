import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { WebSocketServer } from 'ws';

/** Has a server take every WebSocket and say back what comes. */
export function answerWebSockets(server: Server | SecureServer): void {
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer, isBinary: boolean) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => {});
  });
}
