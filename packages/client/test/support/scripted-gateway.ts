import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SUBPROTOCOL } from '@hip/wire';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Arrivals } from './arrivals.ts';
import type { GatewayExchange } from './gateway-exchange.ts';
import { type GatewayScript, GatewaySide } from './gateway-side.ts';

/** A gateway of the wire's own core behind a real WebSocket on loopback, which does what a test tells it. */
export class ScriptedGateway {
  readonly url: string;
  /** Sessions in the order they were opened. */
  readonly sessions = new Arrivals<GatewaySide>();
  readonly sockets: WebSocket[] = [];
  readonly #server: Server;

  private constructor(server: Server, script: GatewayScript) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/session`;
    const webSockets = new WebSocketServer({
      server,
      handleProtocols: () => SUBPROTOCOL,
      perMessageDeflate: false,
    });
    webSockets.on('connection', (socket) => this.#serve(socket, script));
  }

  /** Listens on a free port until the test is over. */
  static async start(script: GatewayScript = {}): Promise<ScriptedGateway> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const gateway = new ScriptedGateway(server, script);
    onTestFinished(() => gateway.stop());
    return gateway;
  }

  /** The next exchange of a session; of the first one when left out. */
  async exchange(session = 0): Promise<GatewayExchange> {
    return (await this.sessions.at(session)).exchanges.next();
  }

  /** Breaks every connection without a word and listens no more. */
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket, script: GatewayScript): void {
    this.sockets.push(socket);
    const side = new GatewaySide(
      {
        send: (record) => {
          if (socket.readyState === socket.OPEN) socket.send(record);
        },
        close: () => socket.close(),
      },
      script,
    );
    socket.on('message', (data: Buffer) => side.receive(data));
    socket.on('close', () => side.core.transportLost('the WebSocket closed'));
    socket.on('error', () => {});
    this.sessions.push(side);
  }
}
