import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { ProxySettings } from '@hip/wire';
import { expect, onTestFinished } from 'vitest';
import type { ProxyServer } from '../../src/connect/connector.ts';
import { type Origin, rawOrigin } from './origins.ts';
import { poolSettings } from './settings.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './tls-fixture.ts';

/** Takes what a socket receives apart, in order. */
export interface Reader {
  /** The next `length` bytes. */
  bytes(length: number): Promise<number[]>;

  /** Everything up to and with the next empty line, as text. */
  head(): Promise<string>;
}

/** A {@link Reader} of `socket`, which must have no other one. Waits forever when nothing comes. */
export function readerOf(socket: Socket): Reader {
  let received = Buffer.alloc(0);
  let wake: () => void = () => {};
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const take = async (measure: () => number): Promise<Buffer> => {
    for (let length = measure(); length > received.length || length < 0; length = measure()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const taken = received.subarray(0, measure());
    received = received.subarray(taken.length);
    return taken;
  };
  return {
    bytes: async (length) => [...(await take(() => length))],
    head: async () => {
      const found = await take(() => {
        const at = received.indexOf('\r\n\r\n');
        return at === -1 ? -1 : at + 4;
      });
      return found.toString('latin1');
    },
  };
}

/** A peer on loopback that does what `script` says with each connection, and what it got in heads. */
export async function scriptedPeer(
  script: (socket: Socket, reader: Reader) => Promise<void> | void,
): Promise<Origin> {
  return rawOrigin((socket) => {
    void script(socket, readerOf(socket));
  });
}

/** A CONNECT proxy that really connects, whatever the name, to `originPort` of loopback. */
export async function connectProxy(
  originPort: number,
  {
    isTls = false,
    reply = 'HTTP/1.1 200 Connection established\r\n\r\n',
  }: { isTls?: boolean; reply?: string } = {},
): Promise<Origin & { readonly heads: string[] }> {
  const heads: string[] = [];
  const serve = async (socket: Socket): Promise<void> => {
    socket.on('error', () => {});
    heads.push(await readerOf(socket).head());
    socket.removeAllListeners('data');
    socket.pause();
    socket.write(reply, 'latin1');
    join(socket, originPort);
  };
  const secure = createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (socket) => void serve(socket));
  secure.on('tlsClientError', () => {});
  const peer = await rawOrigin((socket) => {
    if (isTls) secure.emit('connection', socket);
    else void serve(socket);
  });
  return { ...peer, heads };
}

/** Passes everything on between `socket` and a port of loopback. */
export function join(socket: Socket, port: number): void {
  const onward = connect(port, '127.0.0.1');
  onTestFinished(() => void onward.destroy());
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
  onward.pipe(socket);
  socket.pipe(onward);
}

/** An HTTPS origin that answers each connection's first request with `text`, and says whose name TLS was asked for. */
export async function tlsOrigin(
  text: string,
): Promise<Origin & { readonly serverNames: (string | false)[] }> {
  const serverNames: (string | false)[] = [];
  const secure = createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (socket) => {
    socket.on('error', () => {});
    // Node's documentation has it, its types do not.
    serverNames.push((socket as TLSSocket & { servername: string | false }).servername);
    socket.once('data', () =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`),
    );
  });
  secure.on('tlsClientError', () => {});
  const origin = await rawOrigin((socket) => void secure.emit('connection', socket));
  return { ...origin, serverNames };
}

/** A proxy as a client would declare it, ready for use. It trusts the certificate of the tests. */
export function proxyServer(settings: Partial<ProxySettings> & { port: number }): ProxyServer {
  const { proxy } = poolSettings({
    proxy: {
      scheme: 'http',
      host: 'proxy.example',
      ...(settings.scheme === 'https' ? { tls: { caCerts: TEST_CERTIFICATE } } : {}),
      ...settings,
    },
  });
  expect(proxy).toBeDefined();
  return proxy as ProxyServer;
}
