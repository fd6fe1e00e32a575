/**
 * The origin over TLS, in a process of its own.
 *
 * - `GET /hello` answers a small body
 * - `GET /handshakes` answers how many TLS handshakes there were
 */
import { createServer } from 'node:https';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../packages/gateway/test/support/tls-fixture.ts';
import { HELLO } from '../workload/measurement.ts';
import { serveOnLoopback } from './loopback-server.ts';

let handshakes = 0;

const server = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (request, response) => {
  const body = request.url === '/handshakes' ? String(handshakes) : HELLO;
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});
server.on('secureConnection', () => {
  handshakes += 1;
});
server.keepAliveTimeout = 600_000;
serveOnLoopback(server);
