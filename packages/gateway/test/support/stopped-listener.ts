import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { processOrigin } from './process-origin.ts';

const LISTEN = `
  const server = require('node:net').createServer();
  server.listen({ host: process.argv[1], port: 0, backlog: 1 }, () => console.log(server.address().port));
`;

/**
 * A port that answers no SYN: its process is stopped and its queue of connections full. What a firewall that drops
 * packets looks like, on loopback.
 */
export async function stoppedListener(host: string): Promise<{ port: number }> {
  const { port, child } = await processOrigin(LISTEN, host);
  child.kill('SIGSTOP');
  // The kernel completes backlog + 1 handshakes by itself; on loopback each is done before the next begins.
  for (let place = 0; place < 4; place += 1) {
    const filler = connect({ host, port });
    filler.on('error', () => {});
    onTestFinished(() => void filler.destroy());
  }
  return { port };
}
