import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Listens on a free loopback port, says so on stdout as `{"port":N}`, and ends when its standard input does: so no
 * server outlives the bench, however the bench ends.
 */
export function serveOnLoopback(server: Server): void {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ port })}\n`);
  });
}
