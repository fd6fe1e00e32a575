import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { answerWebSockets } from '../../test/support/peers/echo-websocket.ts';
import { createPki } from '../../test/support/peers/pki.ts';
import { SocksProxy } from '../../test/support/peers/socks-proxy.ts';
import { SquidProxy } from '../../test/support/peers/squid-proxy.ts';

/** What the examples about TLS and proxies talk to, and how those are printed. */
export interface ExamplePeers {
  /** Ports of the https origins. */
  readonly ports: readonly number[];

  /** Pairs of what is printed and what is there. */
  readonly replacements: readonly (readonly [printed: string, real: string])[];

  stop(): Promise<void>;
}

/**
 * Starts two https origins of a private authority, one of which wants client certificates; an HTTP proxy and a SOCKS proxy that want a
 * password, and two that do not; writes the files that the examples read into `folder`.
 */
export async function startPeers(folder: string, answer: RequestListener): Promise<ExamplePeers> {
  const { root, servers, clients, password } = await createPki();
  writeFileSync(join(folder, 'ca.pem'), root.certificate);
  writeFileSync(join(folder, 'client.pem'), clients.alice.chain);
  writeFileSync(join(folder, 'client.encrypted.key'), clients.alice.encryptedKey);

  const identity = { cert: servers.good.chain, key: servers.good.key };
  const open = await listening(createServer(identity, answer));
  const members: ServerOptions = {
    ...identity,
    ca: root.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const closed = await listening(createServer(members, answer));
  const squid = new SquidProxy('squid', { users: { user: 'password' } });
  const socks = new SocksProxy('socks', {
    server: 'microsocks',
    credentials: { username: 'user', password: 'password' },
  });
  const openSquid = new SquidProxy('open squid', {});
  const openSocks = new SocksProxy('open socks', { server: 'microsocks' });
  const peers = [squid, socks, openSquid, openSocks];
  const [proxy, socksProxy, openProxy, openSocksProxy] = await Promise.all([
    squid.start(),
    socks.start(),
    openSquid.start(),
    openSocks.start(),
  ]);
  return {
    ports: [open.port, closed.port],
    replacements: [
      ['https://private.example', `https://localhost:${open.port}`],
      ['https://members.private.example', `https://localhost:${closed.port}`],
      ['wss://members.private.example', `wss://localhost:${closed.port}`],
      ['the password of the key', password],
      ['proxy.example:3128', `127.0.0.1:${proxy.port}`],
      ['127.0.0.1:1080', `127.0.0.1:${socksProxy.port}`],
      ['localhost:3128', `127.0.0.1:${openProxy.port}`],
      ['localhost:8889', `127.0.0.1:${openSocksProxy.port}`],
    ],
    async stop() {
      for (const { server } of [open, closed]) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all(peers.map((peer) => peer.stop()));
    },
  };
}

async function listening(server: Server): Promise<{ server: Server; port: number }> {
  answerWebSockets(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
