import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** The codes of a port that somebody else has, or that only root may have. */
const TAKEN = ['EADDRINUSE', 'EACCES'];

/** Listens on `port` of the loopback address, on a free one where it is taken. Gives the port. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  try {
    return await listenExactly(server, port);
  } catch (error) {
    if (!TAKEN.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return await listenExactly(server, 0);
  }
}

/** Listens on `port` of the loopback address, 0 for any free one. Gives the port. @throws the system's error. */
export async function listenExactly(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** `port` where it is free at the moment, else 0: for a process that says itself which one it took. */
export async function freeOrAny(port: number): Promise<number> {
  const probe = createServer();
  const found = await listenOnLoopback(probe, port);
  await closeServer(probe);
  return found === port ? port : 0;
}

/** Stops listening and ends every connection. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
