import { WIRE_LIMITS } from '@hip/wire';
import type { GatewayLimits, GatewayTimeouts } from './options.ts';

/** What a gateway does when it is told nothing. Each value is documented on {@link GatewayOptions}. */
export const DEFAULTS: {
  /** {@link GatewayOptions.listen}. */
  readonly listen: string;
  /** {@link GatewayOptions.logLevel}. */
  readonly logLevel: 'info';
  /** {@link GatewayOptions.trust}. */
  readonly trust: 'bundled';
  /** {@link GatewayOptions.limits}. */
  readonly limits: GatewayLimits;
  /** {@link GatewayOptions.timeouts}, in milliseconds. */
  readonly timeouts: GatewayTimeouts;
} = {
  /** Loopback: whoever wants more has to say so, and to bring a token. 8787 is nobody's well-known port. */
  listen: '127.0.0.1:8787',

  logLevel: 'info',

  /** Mozilla's list, the same on every machine: what a browser trusts, whatever the operating system has been told. */
  trust: 'bundled',

  limits: {
    /** About 100 MB of session state at the worst, and far below the usual limit of file descriptors. */
    maxSessions: 1_000,

    maxStreamsPerSession: WIRE_LIMITS.maxStreams,

    /** One per `PoolManager` of a page; a page that needs more than 16 different TLS or proxy set-ups is a mistake. */
    maxContextsPerSession: 16,

    maxHeadBytes: WIRE_LIMITS.maxHeadBytes,

    /** urllib3 users raise `num_pools` to about 100; a pool with nothing in it costs about 1 KiB. */
    maxPoolsPerContext: 256,

    /** A quarter of the usual limit of 1,024 file descriptors, for one origin. */
    maxConnectionsPerPool: 256,
  },

  timeouts: {
    /** Two round trips and a slow token check fit in; a stranger holds a socket no longer. */
    helloTimeoutMs: 5_000,

    /** Linux sends five SYNs in 31 s: whoever has not answered then will not. */
    connectTimeoutMs: 30_000,

    /** As long as undici and nginx (proxy_read_timeout times five) would wait: long polling fits in. */
    readTimeoutMs: 300_000,

    /** A queue longer than this is a load the pool cannot serve. */
    poolTimeoutMs: 300_000,

    /** Middleboxes forget a silent connection after about 350 s. */
    idleConnectionMs: 300_000,

    /** A client that lost its session and comes back finds its connections open. */
    contextLingerMs: 60_000,

    /** Most proxies and load balancers drop a connection that was silent for 60 s, some after 30 s. */
    pingIntervalMs: 15_000,

    /** A client on the worst of paths answers within seconds; one that is suspended need not be kept. */
    pingTimeoutMs: 15_000,

    /** Without a load balancer nobody has to notice anything. */
    drainDelayMs: 0,

    /** Most responses end in it, and it is what orchestrators give by default. */
    drainTimeoutMs: 30_000,
  },
};

/** Numbers that are nobody's option: how the gateway works inside. */
export const INTERNALS = {
  /** RFC 8305 §5: "Connection Attempt Delay", recommended value, in milliseconds. */
  connectAttemptDelayMs: 250,

  /** First wait for a name server of {@link GatewayOptions.dns}, in milliseconds; it doubles, and glibc's is as long. */
  dnsTimeoutMs: 5_000,

  /** How often each is asked: a datagram may be lost, two rarely. */
  dnsTries: 2,

  /**
   * How long a client may take to learn that the gateway goes away before new exchanges are refused, in milliseconds: a
   * round trip on a bad path.
   */
  drainRoundTripMs: 2_000,

  /** First TCP keep-alive probe after this much silence, in milliseconds: half of what most NATs remember. */
  tcpKeepAliveMs: 60_000,

  /** Bytes a socket toward an origin holds in each direction before it asks its writer, or its peer, to wait. */
  socketBufferBytes: 65_536,

  /** Bytes of a request body that wait for the origin's socket before the client is asked to wait. */
  requestBodyBufferBytes: 65_536,

  /**
   * A connection idle for longer than this gets one turn of the event loop before it is written to, so that a FIN that
   * waits in the kernel is seen first, in milliseconds. A busy connection was polled a moment ago.
   */
  idleCheckMs: 250,

  /**
   * Taken off a server's `Keep-Alive: timeout`, in milliseconds: our request must arrive before the server closes, so
   * one way to it and some clock difference have to fit in.
   */
  keepAliveMarginMs: 1_000,

  /**
   * How long an origin may take to answer the close of a WebSocket, and to end the connection after its own, in
   * milliseconds: what it is still sending may be long. Firefox waits as long.
   */
  webSocketCloseTimeoutMs: 10_000,

  /** Informational responses accepted before one final response. Real ones come singly; an endless row is an attack. */
  maxInformationalResponses: 16,

  /** Most bytes of a proxy's answer to CONNECT: what urllib3's parser takes of one line. Real ones have a few hundred. */
  maxTunnelReplyBytes: 65_536,

  /**
   * Authorities, for each scheme and each settings of pools, of which is remembered where they lead and whether that is
   * allowed. Some 200 bytes each; a page that talks to more hosts pays for one decision more.
   */
  maxKnownDestinations: 256,

  /**
   * Rounds of one key derivation over a client's password: about half a second of one thread. OpenSSL writes 2,048,
   * cautious programs 600,000; whoever sends the key chooses, so there is an end.
   */
  maxKeyIterations: 1_000_000,

  /** The same for scrypt, in bytes of memory times its parallelization: as much as OpenSSL takes, twice what it writes. */
  maxScryptBytes: 33_554_432,

  /** Largest RSA key of a client's certificate, in bits: each handshake signs with it, a larger one for over 50 ms. */
  maxRsaKeyBits: 8_192,

  /** TLS sessions kept for resumption, per settings of a client: origins, and tickets of each (servers send two). */
  maxTlsSessionHosts: 64,
  maxTlsSessionsPerHost: 2,

  /** Longest time a verification of a certificate's chain counts for resumed handshakes, in milliseconds: a day. */
  maxTlsSessionAgeMs: 86_400_000,

  /** Settings a session may have declared besides its contexts: a client keeps 64, and those of requests on their way. */
  maxSettingsPerSession: 1_024,

  /** Characters of declared contexts and settings that a session may hold: forty bundles of certificates. */
  maxSettingsBytesPerSession: 8_388_608,

  /**
   * Clients at a time that are told in a session that there is no room for one: each holds a socket until it has read that,
   * for two seconds at most. Further ones get a bare 503.
   */
  maxTurnedAway: 64,

  /** Bytes of a generated token: 256 bits cannot be guessed. */
  tokenBytes: 32,
} as const;
