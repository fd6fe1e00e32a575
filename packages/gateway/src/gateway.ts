import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { resolveOptions } from './config/resolve-options.ts';
import { createDnsLookup } from './connect/dns-lookup.ts';
import { createRouteConnector } from './connect/route-connector.ts';
import { createHttpSurface } from './listener/http-surface.ts';
import { listenForWebSockets, SESSION_PATH } from './listener/websocket-listener.ts';
import type { GatewayOptions } from './options.ts';
import { compilePolicy } from './policy/compile-policy.ts';
import { createEgressPolicy } from './policy/egress-policy.ts';
import { OwnListeners } from './policy/own-listeners.ts';
import { createSettingsCompiler } from './pool/compile-settings.ts';
import { OriginPools } from './pool/origin-pools.ts';
import { UndiciConnection } from './pool/undici-connection.ts';
import { tokenAuthenticator } from './session/authenticate.ts';
import { ContextStore } from './session/context-store.ts';
import { SessionRegistry } from './session/session-registry.ts';

/** Name and version, as clients are told. */
const SOFTWARE = 'hip-gateway/0.1.0';

/** A running gateway. */
export interface Gateway {
  /** Session URL for clients. */
  readonly url: string;
  /** Token a client must present. */
  readonly token: string;
  /**
   * Is not ready any more; after {@link GatewayTimeouts.drainDelayMs} takes nothing new, lets exchanges under way finish,
   * then stops. Calling it again changes nothing.
   */
  close(options?: {
    /**
     * How long they may take, in milliseconds.
     *
     * @defaultValue {@link GatewayTimeouts.drainTimeoutMs}
     */
    timeoutMs?: number;
  }): Promise<void>;
}

/**
 * Starts a gateway in this process. Resolves when it listens.
 *
 * @param options - how it differs from {@link DEFAULTS}.
 * @throws ConfigError naming the option that cannot be honoured, or the system's error when it cannot listen.
 */
export async function createGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { listen, token, subjects, trust, identities, allow, policy, dns, limits, timeouts, log } =
    resolveOptions(options);
  const own = new OwnListeners();
  const connector = createRouteConnector(dns.length > 0 ? { lookup: createDnsLookup(dns) } : {});
  const contexts = new ContextStore({
    lingerMs: timeouts.contextLingerMs,
    createPools: (numPools) =>
      new OriginPools({
        numPools,
        log,
        createConnection: ({ target, settings, isForwarding, checkAddress }) =>
          new UndiciConnection({
            target,
            route: isForwarding
              ? { tls: (settings.proxy ?? settings).tls, proxy: undefined, isTargetProxy: true, checkAddress }
              : { tls: settings.tls, proxy: settings.proxy, isTargetProxy: false, checkAddress },
            connector,
            idleTimeoutMs: timeouts.idleConnectionMs,
            maxHeadBytes: limits.maxHeadBytes,
            log,
          }),
      }),
  });
  const sessions = new SessionRegistry({
    authenticate: tokenAuthenticator(
      subjects.map(({ policy: ofSubject, ...subject }) => ({
        ...subject,
        policy: createEgressPolicy({
          allow,
          rules: compilePolicy(policy, ofSubject, subject.name),
          subject: subject.name,
          own,
          log,
        }),
      })),
    ),
    contexts,
    compileSettings: createSettingsCompiler({ identities, trust }),
    connector,
    limits,
    timeouts,
    log,
    software: SOFTWARE,
  });
  let closing: Promise<void> | undefined;
  const surface = createHttpSurface({ isReady: () => closing === undefined });
  const server = createServer(getRequestListener(surface.fetch));
  listenForWebSockets(server, sessions, log);
  await listening(server, listen);

  const { port } = server.address() as AddressInfo;
  own.add(port, 'session');
  const url = `ws://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}${SESSION_PATH}`;
  log.info({ url }, 'listening');
  return {
    url,
    token,
    close({ timeoutMs = timeouts.drainTimeoutMs } = {}) {
      closing ??= stop(timeoutMs);
      return closing;
    },
  };

  async function stop(timeoutMs: number): Promise<void> {
    const { drainDelayMs } = timeouts;
    log.info({ ...sessions.load, drainDelayMs, timeoutMs }, 'draining');
    // Not ready any more, yet as before for all who have not noticed.
    if (drainDelayMs > 0) await delay(drainDelayMs);
    const closed = new Promise((resolve) => server.close(resolve));
    await sessions.drain(timeoutMs);
    contexts.closeAll();
    server.closeAllConnections();
    await closed;
    log.info({}, 'stopped');
  }
}

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
