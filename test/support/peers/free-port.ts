import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections, so that none of those takes one before its server does. */
const FIRST = 20_000;
const COUNT = 12_000;

/** Never given twice in a process: a server that has ended may still be connected to. */
const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on, for servers that cannot be told to choose one themselves. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(
      () => false,
      () => false,
    ),
  ]);
  if (!isListening) return false;
  server.close();
  await once(server, 'close');
  return true;
}
