/** The Wisp server that epoxy-tls talks to, with loopback origins let through and its log silent. */
import { createServer } from 'node:http';
import { logging, server as wisp } from '@mercuryworkshop/wisp-js/server';
import { serveOnLoopback } from './loopback-server.ts';

logging.set_level(logging.NONE);
wisp.options.allow_loopback_ips = true;

const server = createServer();
server.on('upgrade', (request, socket, head) => wisp.routeRequest(request, socket, head));
serveOnLoopback(server);
