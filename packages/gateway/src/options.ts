import type { Logger, LogLevel } from './logger.ts';

/** What bounds a gateway's memory and its share of the machine. Whatever a client asks for is cut to these. */
export interface GatewayLimits {
  /**
   * Sessions at once. One more is refused.
   *
   * @defaultValue 1_000
   */
  readonly maxSessions: number;

  /**
   * Exchanges at once in one session. The client waits with the next one.
   *
   * @defaultValue 256
   * @see {@link https://www.rfc-editor.org/rfc/rfc9000#section-4.6 | RFC 9000 §4.6}
   */
  readonly maxStreamsPerSession: number;

  /**
   * Manager contexts a session may declare.
   *
   * @defaultValue 16
   */
  readonly maxContextsPerSession: number;

  /**
   * Largest head of a request or a response (control data and fields), in bytes.
   *
   * @defaultValue 65_536 (64 KiB)
   */
  readonly maxHeadBytes: number;

  /**
   * Highest `numPools` of a manager context.
   *
   * @defaultValue 256
   */
  readonly maxPoolsPerContext: number;

  /**
   * Highest `maxsize` of a pool.
   *
   * @defaultValue 256
   */
  readonly maxConnectionsPerPool: number;
}

/** How long a gateway waits. All in milliseconds. */
export interface GatewayTimeouts {
  /**
   * From the start of a session until its `hello` is accepted.
   *
   * @defaultValue 5_000 (5 seconds)
   */
  readonly helloTimeoutMs: number;

  /**
   * Longest connect timeout a client may ask for, and the one for clients that ask for none: name resolution, TCP and
   * TLS together.
   *
   * @defaultValue 30_000 (30 seconds)
   */
  readonly connectTimeoutMs: number;

  /**
   * Longest read timeout a client may ask for, and the one for clients that ask for none: silence of the origin while
   * it is its turn.
   *
   * @defaultValue 300_000 (5 minutes)
   */
  readonly readTimeoutMs: number;

  /**
   * Longest pool timeout a client may ask for, and the one for clients that ask for none: waiting for a connection of
   * a pool with `block`.
   *
   * @defaultValue 300_000 (5 minutes)
   */
  readonly poolTimeoutMs: number;

  /**
   * How long an unused connection to an origin is kept. A server's `Keep-Alive: timeout` can shorten it.
   *
   * @defaultValue 300_000 (5 minutes)
   */
  readonly idleConnectionMs: number;

  /**
   * How long a manager context outlives the session that declared it.
   *
   * @defaultValue 60_000 (1 minute)
   */
  readonly contextLingerMs: number;

  /**
   * Silence of a session before its client is asked for a sign of life. Clients count on one in 20 seconds; load balancers
   * take silent connections down.
   *
   * @defaultValue 15_000 (15 seconds)
   */
  readonly pingIntervalMs: number;

  /**
   * How long that sign of life may take before the session counts as lost.
   *
   * @defaultValue 15_000 (15 seconds)
   */
  readonly pingTimeoutMs: number;

  /**
   * How long a closing gateway, which says by `/readyz` that it is not ready, still takes new sessions: until the load
   * balancer before it has noticed.
   *
   * @defaultValue 0
   */
  readonly drainDelayMs: number;

  /**
   * How long a closing gateway then waits for exchanges on their way.
   *
   * @defaultValue 30_000 (30 seconds)
   */
  readonly drainTimeoutMs: number;
}

/** A certificate and key that the operator keeps for clients to use by name. Content, not paths. */
export type IdentityOptions =
  | {
      /** The certificate and what follows it up to its authority, in PEM. */
      readonly cert: string;
      /** Its key, in PEM. */
      readonly key: string;
      /**
       * Decrypts the key.
       *
       * @defaultValue none
       */
      readonly keyPassword?: string;
    }
  | {
      /** Certificate and key as a PKCS #12 store. */
      readonly pfx: Uint8Array;
      /**
       * Decrypts the store.
       *
       * @defaultValue none
       */
      readonly pfxPassword?: string;
    };

/**
 * A rule about where requests may go. It matches what all of its parts match, and each part what one of its entries matches;
 * a part that is left out matches everything. At least one part is there.
 */
export interface PolicyRule {
  /** Names: `api.example.com`, or `*.example.com` for all names below it. */
  readonly hosts?: readonly string[];

  /**
   * Addresses, as CIDR blocks or single ones. A rule of an `allow` list with these also opens addresses that are not public.
   * Of a name that a proxy resolves no address is known, so a rule with these never matches it.
   */
  readonly addresses?: readonly string[];

  /** Ports, 1 to 65535: numbers, or ranges such as `8000-8099`. */
  readonly ports?: readonly (number | string)[];

  /** `http` or `https`. */
  readonly schemes?: readonly string[];

  /** Methods, in the capitals they are sent in. */
  readonly methods?: readonly string[];

  /** How the request goes there: `direct`, or through a proxy, as `HOST:PORT` or `HOST:*`. */
  readonly via?: readonly string[];
}

/** Where requests may go. What always holds is said at {@link PolicyOptions.mode}. */
export interface PolicyOptions {
  /**
   * - `enforce`: what the rules do not allow is refused, and so is every address that is not public, except where
   *   `--allow` or a rule with `addresses` names it.
   * - `report`: what the rules do not allow is logged and done all the same. Addresses are as closed as before.
   * - `open`: addresses need not be public. There can be no `allow` list; `deny` holds.
   *
   * In every mode these are refused: addresses that are no host's (multicast, broadcast, unspecified); metadata services of
   * clouds and the gateway's own ports, unless exactly they are named.
   *
   * @defaultValue `enforce`
   */
  readonly mode?: PolicyMode;

  /**
   * What is allowed. Nothing else is; an empty list allows nothing.
   *
   * @defaultValue everything that is public
   */
  readonly allow?: readonly PolicyRule[];

  /**
   * What is refused, whatever `allow` says. A subject's list is added to that of all subjects.
   *
   * @defaultValue nothing
   */
  readonly deny?: readonly PolicyRule[];

  /**
   * Proxies that may be used, each as `HOST:PORT` or `HOST:*`, the host exactly as clients name it. They may be at addresses that
   * are not public.
   *
   * @defaultValue every proxy at a public address that no rule denies; none where there is an `allow` list
   */
  readonly proxies?: readonly string[];
}

/** What becomes of a request that the rules do not allow; see {@link PolicyOptions.mode}. */
export type PolicyMode = 'enforce' | 'report' | 'open';

/** Somebody who may use the gateway. Nothing is ever shared between two subjects: no pool, no connection, no TLS session. */
export interface SubjectOptions {
  /**
   * Secret a client of this subject must present. Visible ASCII characters. The subject `default` has none of its own: it
   * is the one of {@link GatewayOptions.token}.
   *
   * @defaultValue none
   */
  readonly token?: string;

  /**
   * Names of {@link GatewayOptions.identities} this subject's requests may use.
   *
   * @defaultValue none
   */
  readonly identities?: readonly string[];

  /**
   * Where this subject's requests may go. What is left out is as in {@link GatewayOptions.policy}; `deny` lists add up.
   *
   * @defaultValue that of all subjects
   */
  readonly policy?: PolicyOptions;
}

/** What {@link createGateway} takes. Everything may be left out. */
export interface GatewayOptions {
  /**
   * Where to listen, as `HOST:PORT`; an IPv6 address in brackets. Port `0` takes any free one. An address that is not
   * loopback needs a {@link GatewayOptions.token}.
   *
   * @defaultValue `127.0.0.1:8787`
   */
  readonly listen?: string;

  /**
   * Secret a client must present. Visible ASCII characters.
   *
   * @defaultValue a new one, 256 random bits
   */
  readonly token?: string;

  /**
   * Hosts that may be at an address which is not public, each as `HOST:PORT` or `HOST:*`, the host exactly as clients
   * name it. Public addresses need no entry; what a {@link GatewayOptions.policy} does not allow, this does not either.
   *
   * @defaultValue none
   */
  readonly allow?: readonly string[];

  /**
   * Where requests may go: of all subjects, as far as {@link SubjectOptions.policy} says nothing else.
   *
   * @defaultValue every public address
   */
  readonly policy?: PolicyOptions;

  /**
   * Name servers that are asked instead of the operating system, each an IP address with or without a port. They know nothing
   * of the hosts file and of search domains.
   *
   * @defaultValue the operating system's resolver
   */
  readonly dns?: readonly string[];

  /**
   * Whose certificates are trusted when a client names no bundle of its own: `bundled` those that come with Node
   * (Mozilla's), `system` those of the operating system, or certificates in PEM. A client's `caCerts` always replaces it.
   *
   * @defaultValue `bundled`
   */
  readonly trust?: string;

  /**
   * Certificates and keys that clients may use by name (`identity: 'name'`) without ever seeing them, as far as their
   * {@link SubjectOptions.identities} go.
   *
   * @defaultValue none
   */
  readonly identities?: Readonly<Record<string, IdentityOptions>>;

  /**
   * Further subjects by name, each with a token of its own; and what the subject `default`, that of
   * {@link GatewayOptions.token}, may use.
   *
   * @defaultValue none
   */
  readonly subjects?: Readonly<Record<string, SubjectOptions>>;

  /**
   * What differs from the usual {@link GatewayLimits}.
   *
   * @defaultValue nothing, {@link DEFAULTS.limits}
   */
  readonly limits?: Partial<GatewayLimits>;

  /**
   * What differs from the usual {@link GatewayTimeouts}.
   *
   * @defaultValue nothing, {@link DEFAULTS.timeouts}
   */
  readonly timeouts?: Partial<GatewayTimeouts>;

  /**
   * How much is logged to stderr. Without meaning when a {@link GatewayOptions.logger} is given.
   *
   * @defaultValue `info`
   */
  readonly logLevel?: LogLevel;

  /**
   * Takes the log instead of stderr; pino's loggers fit.
   *
   * @defaultValue JSON lines on stderr
   */
  readonly logger?: Logger;
}
