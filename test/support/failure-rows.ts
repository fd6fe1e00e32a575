import type { PoolManager } from '@hip/client';
import type { FailureName } from '@hip/wire';
import { expect, onTestFinished } from 'vitest';
import type { Gateway, Origin } from './control.ts';
import { eventually } from './eventually.ts';
import {
  LOOPBACK,
  newBlackHole,
  newClient,
  newGateway,
  newRawOrigin,
  newRawProxy,
  newTlsOrigin,
  newWebSocketOrigin,
  unusedAddress,
} from './fixtures.ts';
import type { PeerProgram } from './peers/peer-api.ts';
import {
  afterHead,
  oversizedConnect,
  PROXY_AUTHENTICATION_REQUIRED,
  socks5Refuses,
} from './peers/raw-scripts.ts';
import { throughProxy, throughSocks } from './proxy-clients.ts';

/** What a test has to provoke failures with. */
export interface Stage {
  gateway: Gateway;
  origin: Origin;
  http: PoolManager;
}

/** What every request of {@link Provoked.attempt} goes with. */
export interface AttemptInit {
  retries: number | false;
}

/** Everything is ready: the next request fails. */
export interface Provoked {
  /** Where requests go. */
  url: string;
  /** Fails each time, with a method that may be repeated (`GET`) or not (`POST`). */
  attempt(method: 'GET' | 'POST', init: AttemptInit): Promise<unknown>;
  /** Whose `fetch(url)` fails the same way. */
  http?: PoolManager;
}

/** A row that a client can provoke. */
export interface ClientRow {
  provoke(stage: Stage): Promise<Provoked>;
  /** What its message says; left out: what the row means. */
  words?: RegExp;
  /** Why it happens to one request only, so that what follows from it is tested elsewhere. */
  once?: string;
  needs?: PeerProgram;
}

/** A row that only a client provokes which is none of ours: `failures-of-others.node.test.ts` is one. */
export interface ForeignRow {
  of: 'another client';
}

/** A row that no client can provoke: why, and the test of the part that tells it. */
export interface InnerRow {
  because: string;
  test: string;
}

/** Requests of `http` to `url`, with nothing special about them. */
function plain(http: PoolManager, url: string): Provoked {
  return { http, url, attempt: (method, init) => http.request(method, url, init) };
}

async function* never(): AsyncGenerator<Uint8Array> {
  await new Promise<void>((resolve) => onTestFinished(() => resolve()));
}

/**
 * Every row of the table of failures, and how it comes to be: what is missing here does not compile. The order is that of
 * the table.
 */
export const ROWS = {
  cancelled: {
    async provoke({ http, origin }) {
      const url = origin.url('/held-body/never');
      const attempt = async (method: string, init: AttemptInit): Promise<unknown> => {
        const response = await http.request(method, url, { ...init, preloadContent: false });
        await response.read(6);
        const rest = response.read();
        response.close();
        return rest;
      };
      return { url, attempt };
    },
    words: /cancelled/,
    once: 'it happens to whoever reads, after the request is done',
  },
  unauthenticated: {
    provoke: async ({ gateway, origin }) =>
      plain(newClient(gateway, { token: 'wrong' }), origin.url('/hello')),
  },
  hello_timeout: {
    async provoke({ origin }) {
      const slow = await newGateway({ ...LOOPBACK, config: { timeouts: { helloTimeoutMs: 300 } } });
      // What the client says after the upgrade gets lost on the way.
      const way = await newRawProxy([{ relayHeadTo: Number(new URL(slow.url).port) }]);
      const http = newClient(slow, { gateway: `${way.url('ws')}/session` });
      return plain(http, origin.url('/hello'));
    },
  },
  unknown_context: { of: 'another client' },
  malformed_control: { of: 'another client' },
  malformed_exchange: { of: 'another client' },
  unsupported_option: {
    provoke: async ({ gateway, origin }) =>
      plain(newClient(gateway, { numPools: 257 }), origin.url('/hello')),
    words: /numPools must be at most 256/,
  },
  unsupported_stream: { of: 'another client' },
  draining: { of: 'another client' },
  session_limit: {
    async provoke({ origin }) {
      const full = await newGateway({ ...LOOPBACK, args: ['--max-sessions', '1'] });
      await newClient(full).request('GET', origin.url('/hello'));
      const { url, attempt } = plain(newClient(full), origin.url('/hello'));
      return { url, attempt };
    },
    once: 'a client waits ten seconds for room, with fetch() too',
  },
  internal_error: {
    because: 'it is a fault of the gateway',
    test: 'packages/gateway/test/pool/undici-connection.test.ts',
  },
  session_lost: {
    async provoke({ origin }) {
      const dying = await newGateway();
      const http = newClient(dying);
      const url = origin.url('/held-body/never');
      const attempt = async (method: string, init: AttemptInit): Promise<unknown> => {
        const response = await http.request(method, url, { ...init, preloadContent: false });
        await response.read(6);
        const rest = response.read();
        await dying.signal('SIGKILL');
        return rest;
      };
      return { url, attempt };
    },
    words: /the session ended/,
    once: 'a gateway dies once; restart.test.ts has requests that are repeated, and those that are not',
  },
  malformed_answer: {
    because: 'a gateway of ours gives none',
    test: 'packages/client/test/exchange/exchange.test.ts',
  },
  session_unavailable: {
    async provoke({ gateway, origin }) {
      const token = (): Promise<string> => Promise.reject(new Error('none today'));
      return plain(newClient(gateway, { token }), origin.url('/hello'));
    },
    words: /no session with ws:.*none today/,
  },
  destination_prohibited: {
    async provoke({ origin }) {
      return plain(newClient(await newGateway({})), origin.url('/hello'));
    },
  },
  request_denied: {
    provoke: async ({ gateway }) => plain(newClient(gateway, { identity: 'somebody' }), 'https://127.0.0.1/'),
  },
  pool_timeout: {
    async provoke({ gateway, origin }) {
      const http = newClient(gateway, { block: true });
      const url = origin.url('/hello');
      const held = await http.request('GET', origin.url('/held-body/never'), { preloadContent: false });
      return {
        url,
        async attempt(method, init) {
          try {
            return await http.request(method, url, { ...init, poolTimeout: 100 });
          } finally {
            // A response that is collected unread gives its connection back.
            expect(held.closed).toBe(false);
          }
        },
      };
    },
  },
  pool_full: {
    because: 'a pool never gets more connections back than it has lent, and urllib3 raises it only then',
    test: 'packages/client/test/errors.test.ts',
  },
  pool_closed: {
    async provoke({ gateway, origin }) {
      const http = newClient(gateway);
      await http.close();
      return plain(http, origin.url('/hello'));
    },
    words: /Pool is closed: it was closed by close\(\)/,
  },
  dns_error: { provoke: async ({ http }) => plain(http, 'http://nothing-here.invalid/') },
  connection_refused: { provoke: async ({ http }) => plain(http, (await unusedAddress()).url) },
  connection_timeout: {
    async provoke({ gateway }) {
      const { url } = await newBlackHole();
      const http = newClient(gateway);
      const timeout = { connect: 200 };
      return { url, attempt: (method, init) => http.request(method, url, { ...init, timeout }) };
    },
  },
  destination_unroutable: {
    because:
      'addresses without a route are for nobody to reach, and no rule allows those that never have one',
    test: 'packages/gateway/test/connect/route-connector.test.ts',
  },
  connection_failed: {
    because: 'it is what the kernel says when no other row fits: no file descriptors, a firewall',
    test: 'packages/gateway/test/connect/node-error.test.ts',
  },
  tls_protocol_error: {
    async provoke({ http }) {
      const steps = [{ read: 5 }, { write: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, { end: 'close' as const }];
      return plain(http, `${(await newRawProxy(steps)).url('https')}/`);
    },
  },
  tls_certificate_error: {
    provoke: async ({ http }) => plain(http, (await newTlsOrigin()).url('/hello')),
    needs: 'openssl',
  },
  tls_alert_received: {
    async provoke({ gateway }) {
      const origin = await newTlsOrigin({ clientCertificates: 'required' });
      const http = newClient(gateway, { certReqs: 'CERT_NONE' });
      return plain(http, origin.url('/hello'));
    },
    needs: 'openssl',
  },
  tls_configuration_error: {
    provoke: async ({ gateway }) => plain(newClient(gateway, { certFile: 'no PEM' }), 'https://127.0.0.1/'),
    words: /certFile/,
  },
  connection_terminated_unsent: {
    async provoke({ http }) {
      // The head leaves with the first content, and the origin hangs up before there is any.
      const url = `${(await newRawProxy([{ end: 'close' }])).url('http')}/`;
      return { url, attempt: (_, init) => http.request('PUT', url, { ...init, body: never() }) };
    },
    once: 'only a body that is a stream keeps a head waiting, and is gone then',
  },
  connection_terminated: {
    provoke: async ({ http }) => plain(http, (await newRawOrigin({ bytes: '', ending: 'close' })).url),
  },
  connection_read_timeout: {
    async provoke({ http, origin }) {
      const url = origin.url('/never-head');
      const timeout = { read: 200 };
      return { url, attempt: (method, init) => http.request(method, url, { ...init, timeout }) };
    },
  },
  connection_write_timeout: {
    async provoke({ http, origin }) {
      const url = origin.url('/upload?hold=never');
      const body = new Uint8Array(16_000_000);
      const attempt = (method: string, init: AttemptInit): Promise<unknown> =>
        http.request(method === 'GET' ? 'PUT' : method, url, { ...init, body, timeout: { read: 500 } });
      return { url, attempt };
    },
  },
  http_protocol_error: {
    provoke: async ({ http }) =>
      plain(http, (await newRawOrigin({ bytes: 'SSH-2.0-x\r\n\r\n', ending: 'close' })).url),
  },
  http_response_incomplete: {
    provoke: async ({ http, origin }) => plain(http, origin.url('/short')),
    words: /http response incomplete: 127\.0\.0\.1:\d+, after 5 bytes of content, 995 more expected/,
  },
  response_read_timeout: {
    async provoke({ http, origin }) {
      const url = origin.url('/never-end');
      const timeout = { read: 200 };
      return { url, attempt: (method, init) => http.request(method, url, { ...init, timeout }) };
    },
    words: /response read timeout: .*, after 5 bytes of content/,
  },
  response_head_too_large: {
    provoke: async ({ http, origin }) => plain(http, origin.url('/big-head?bytes=1000000')),
  },
  http_request_error: {
    async provoke({ http, origin }) {
      const url = origin.url('/upload');
      // A length that nobody can check but who reads the body to its end.
      const attempt = (method: string, init: AttemptInit): Promise<unknown> => {
        const headers = { 'content-length': '1 0' };
        return http.request(method, url, { ...init, headers, body: [new Uint8Array(1)] });
      };
      return { url, attempt };
    },
  },
  request_head_too_large: {
    async provoke({ http, origin }) {
      const url = origin.url('/hello');
      const headers = { 'x-big': 'v'.repeat(1_000_000) };
      return { url, attempt: (method, init) => http.request(method, url, { ...init, headers }) };
    },
  },
  request_incomplete: {
    async provoke({ http, origin }) {
      const url = origin.url('/upload');
      async function* short(): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(1);
        await eventually(async () => expect((await origin.request('/upload')).receivedBytes).toBe(1));
      }
      const headers = { 'content-length': '1000' };
      const attempt = (_: string, init: AttemptInit): Promise<unknown> =>
        http.request('PUT', url, { ...init, headers, body: short() });
      return { url, attempt };
    },
    once: 'only a body that is a stream can be shorter than its length, and is gone then',
  },
  http_upgrade_failed: {
    async provoke({ http }) {
      const url = (await newWebSocketOrigin()).url('/status/403');
      return { url, attempt: () => new http.WebSocketStream(url).opened };
    },
    words: /did not open the WebSocket: 127\.0\.0\.1:\d+: it answered 403/,
    once: 'a WebSocket is not asked for again',
  },
  websocket_failed: {
    async provoke({ http }) {
      const url = (await newWebSocketOrigin()).url('/drop?at=once');
      return { url, attempt: () => new http.WebSocketStream(url).closed };
    },
    once: 'a WebSocket is not asked for again',
  },
  proxy_connection_failed: {
    async provoke({ gateway, origin }) {
      const { host } = await unusedAddress();
      return plain(throughProxy(gateway, `http://${host}`), origin.url('/hello'));
    },
  },
  proxy_connection_timeout: {
    async provoke({ gateway, origin }) {
      const http = throughProxy(gateway, (await newRawProxy(afterHead())).url('http'));
      const url = `https://${origin.host}/`;
      const timeout = { connect: 200 };
      return { url, attempt: (method, init) => http.request(method, url, { ...init, timeout }) };
    },
  },
  proxy_tls_error: {
    async provoke({ gateway, origin }) {
      const steps = [{ read: 5 }, { write: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, { end: 'close' as const }];
      return plain(throughProxy(gateway, (await newRawProxy(steps)).url('https')), origin.url('/hello'));
    },
  },
  proxy_tunnel_refused: {
    async provoke({ gateway, origin }) {
      const proxy = await newRawProxy(afterHead({ write: PROXY_AUTHENTICATION_REQUIRED }));
      return plain(throughProxy(gateway, proxy.url('http')), `https://${origin.host}/`);
    },
  },
  proxy_response_too_large: {
    async provoke({ gateway, origin }) {
      const proxy = await newRawProxy(oversizedConnect(100));
      return plain(throughProxy(gateway, proxy.url('http')), `https://${origin.host}/`);
    },
  },
  socks_error: {
    async provoke({ gateway, origin }) {
      const proxy = await newRawProxy(socks5Refuses(5));
      return plain(throughSocks(gateway, proxy.url('socks5h')), origin.url('/hello'));
    },
  },
} satisfies Record<FailureName, ClientRow | ForeignRow | InnerRow>;

/** Names of the rows of one kind. */
export type RowsOf<Kind> = {
  [Name in FailureName]: (typeof ROWS)[Name] extends Kind ? Name : never;
}[FailureName];
