/**
 * What a test may ask of the TLS servers and proxies that others wrote, and of our own TLS origin. Types only, as in
 * `control-api.ts`: tests in Node and in a browser see the same calls.
 */
import type { OriginCounts, OriginInfo, RequestRecord } from '../control-api.ts';

/** Programs that must be installed for some tests: `programs.ts` says where they come from. */
export type PeerProgram =
  | 'nginx'
  | 'squid'
  | 'danted'
  | 'microsocks'
  | 'ssh'
  | 'ssh-keygen'
  | 'sshd'
  | 'openssl';

export interface MissingPeers {
  /** Those that were asked for and are not installed. */
  missing: PeerProgram[];
  /** Whether this run must have them: `CI=true` or `HIP_REQUIRE_PEERS=1` in its environment. */
  isRequired: boolean;
  /** The command that installs them. */
  hint: string;
}

/** Of the DER encoding; lower-case hex without colons. */
export interface Fingerprints {
  sha256: string;
  sha1: string;
  md5: string;
}

/** What a TLS server presents: PEM texts. */
export interface TlsIdentity {
  /** The certificate, then what of its issuers is to be sent. */
  chain: string;
  key: string;
}

export interface AuthorityCertificate {
  /** PEM */
  certificate: string;
  fingerprints: Fingerprints;
}

export interface ServerCertificate extends TlsIdentity {
  /** Of the first certificate of the chain. */
  fingerprints: Fingerprints;
}

/**
 * - `good`: `localhost`, `origin.test`, 127.0.0.1, ::1, signed by the root. `second` is another one like it, with a key of its own.
 * - `rsa`: as `good`, with an RSA key; all other keys are P-256.
 * - `expired` (since yesterday), `notYetValid` (before tomorrow): otherwise as `good`.
 * - `wrongHost`: `other.test` alone. `nameOnly`: `localhost` alone, no address. `addressOnly`: 127.0.0.1 alone, no name.
 * - `noSan`: CN=localhost and no subjectAltName.
 * - `wildcard`: `*.wildcard.test` alone.
 * - `selfSigned`; `unknownCa`, signed by `otherRoot`: otherwise as `good`.
 * - `viaIntermediate` is sent with the intermediate that signed it, `missingIntermediate` is the same without it.
 * - `clientPurpose`: as `good`, but its extended key usage is clientAuth.
 */
export type ServerCertificateName =
  | 'good'
  | 'second'
  | 'rsa'
  | 'expired'
  | 'notYetValid'
  | 'wrongHost'
  | 'nameOnly'
  | 'addressOnly'
  | 'noSan'
  | 'wildcard'
  | 'selfSigned'
  | 'unknownCa'
  | 'viaIntermediate'
  | 'missingIntermediate'
  | 'clientPurpose';

/** A client certificate; `CN=` its name is the whole subject. Each key is there in every form that a user may have it in. */
export interface ClientCertificate {
  /** PEM; with the intermediate where one signed it. */
  chain: string;
  /** PKCS#8 PEM (`PRIVATE KEY`). */
  key: string;
  /** PKCS#8 PEM under the password (`ENCRYPTED PRIVATE KEY`, PBES2). */
  encryptedKey: string;
  /** Traditional PEM (`EC PRIVATE KEY`). */
  traditionalKey: string;
  /** Traditional PEM under the password (`Proc-Type: 4,ENCRYPTED`). */
  encryptedTraditionalKey: string;
  /** PKCS#12 with key and chain under the password (PBES2), base64. */
  pfx: string;
  /** PKCS#12 under the empty password, base64. */
  pfxWithoutPassword: string;
  fingerprints: Fingerprints;
}

/** `alice` and `bob` are signed by the root, `carol` by the intermediate, `mallory` by `otherRoot`. */
export type ClientName = 'alice' | 'bob' | 'carol' | 'mallory';

/** The certificates of a test run: made anew for each, valid for two days unless their name says otherwise. */
export interface Pki {
  root: AuthorityCertificate;
  /** Signed by `root`. */
  intermediate: AuthorityCertificate;
  /** Unrelated to `root`. */
  otherRoot: AuthorityCertificate;
  servers: Record<ServerCertificateName, ServerCertificate>;
  clients: Record<ClientName, ClientCertificate>;
  /** Of every encrypted key and of every `pfx`. */
  password: string;
  /** Alice's under the password in the old way (RC2, 3DES), which Node refuses; base64. `null`: this openssl cannot make it. */
  legacyPfx: string | null;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Whether a server asks for a client certificate, and whether it insists. */
export type ClientCertificates = 'off' | 'optional' | 'required';

export interface NginxSetup {
  /** Left out: `servers.good`. */
  identity?: TlsIdentity;
  /** `ssl_verify_client`; left out: `off`. Where it is not met nginx answers 400: it lets every handshake succeed. */
  clientCertificates?: ClientCertificates;
  /** PEM bundle for client certificates; left out: `root`. */
  clientCa?: string;
  /** Left out: both. */
  protocols?: TlsVersion[];
  /** `ssl_ciphers`: TLS 1.2 only. Left out: nginx's own. */
  ciphers?: string;
  /** Left out: true, with a session cache as well as tickets; false: neither. */
  sessionResumption?: boolean;
}

/** One request that nginx has answered. */
export interface NginxRequest {
  /** Number of its connection in order of first appearance, from 1. */
  connection: number;
  /** Which request of its connection it is, from 1. */
  requestOfConnection: number;
  method: string;
  target: string;
  status: number;
  /** `SUCCESS`, `NONE`, or `FAILED:` and the reason. */
  clientVerify: string;
  /** `CN=alice`; `null` without certificate. */
  clientSubject: string | null;
  /** SHA-1, as in {@link Fingerprints}; `null` without certificate. */
  clientFingerprint: string | null;
  isSessionReused: boolean;
  protocol: string;
  cipher: string;
  /** From SNI; `null` where none was sent. */
  serverName: string | null;
}

export interface TlsOriginSetup {
  /** Left out: `servers.good`. */
  identity?: TlsIdentity;
  /** Further identities, by the server name that clients send. */
  identities?: Record<string, TlsIdentity>;
  /** Left out: `off`. `required`: a client without certificate gets an alert; one with a wrong certificate, a closed connection. */
  clientCertificates?: ClientCertificates;
  /** PEM bundle for client certificates; left out: `root`. */
  clientCa?: string;
  /** Left out: TLSv1.2 to TLSv1.3. Older ones are served at OpenSSL's security level 0. */
  minVersion?: 'TLSv1' | 'TLSv1.1' | TlsVersion;
  maxVersion?: 'TLSv1' | 'TLSv1.1' | TlsVersion;
  /** As OpenSSL writes them; left out: Node's. */
  ciphers?: string;
  /** Left out: true, with tickets; false: no session can be resumed. */
  sessionResumption?: boolean;
  /** Left out: `['http/1.1']`; empty: the server does not know ALPN. */
  alpnProtocols?: string[];
  /** Left out: 127.0.0.1. */
  host?: string;
}

/** What a TLS origin knows of the connection that a request came on. */
export interface TlsFacts {
  /** CN of the client certificate; `null` without certificate. */
  clientName: string | null;
  /** SHA-256 of the client certificate; `null` without certificate. */
  clientFingerprint: string | null;
  isClientAuthorized: boolean;
  isSessionReused: boolean;
  protocol: string;
  cipher: string;
  /** From SNI; `null` where none was sent. */
  serverName: string | null;
  alpnProtocol: string | null;
}

export interface TlsRequestRecord extends RequestRecord {
  tls: TlsFacts;
}

export interface TlsOriginCounts extends OriginCounts {
  /** TCP connections taken, whether or not TLS came of them. `connectionsOpened` counts those on which it did. */
  tcpConnections: number;
  /** Handshakes that succeeded, resumed ones among them. */
  handshakes: number;
  resumedHandshakes: number;
  /** Of those that failed: Node's code, such as `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`. */
  handshakeErrors: string[];
  requests: TlsRequestRecord[];
}

export interface WebSocketOriginSetup {
  /** Left out: no TLS. */
  tls?: boolean;
  /** With TLS: whether it insists on a client certificate of the root. */
  clientCertificates?: boolean;
  /** Subprotocols it knows; it chooses the first of them that is offered, or none. Left out: the first one offered. */
  protocols?: string[];
  /** Longest message it takes, in bytes; left out: 256 MiB. */
  maxPayload?: number;
}

/** A WebSocket as the origin saw it. */
export interface WebSocketRecord {
  /** Path with query. */
  target: string;
  /** CN of the client certificate; `null` without one. */
  clientName: string | null;
  isOpen: boolean;
  /** That came. */
  messages: number;
  /** `null` while it is open; 1005 and 1006 as in RFC 6455 §7.1.5. */
  closeCode: number | null;
  closeReason: string;
  /** Written to the socket, the handshake included; what of it the system has taken; and what the system gave. */
  sentBytes: number;
  acceptedBytes: number;
  receivedBytes: number;
}

export interface SquidSetup {
  /** Left out: no TLS port. */
  tls?: {
    identity: TlsIdentity;
    /** PEM bundle: clients must present a certificate that verifies against it. Left out: none is asked for. */
    clientCa?: string;
  };
  /** Passwords by user name: Basic authentication is required. Left out: none is. */
  users?: Record<string, string>;
  /** Addresses by host name, which this proxy alone knows. */
  hosts?: Record<string, string>;
}

export interface SquidInfo {
  id: string;
  /** Of 127.0.0.1, without TLS. */
  port: number;
  /** Of 127.0.0.1, with TLS; `null` where the setup has none. */
  tlsPort: number | null;
}

/** A request head as squid received it, logged before squid does anything about it. */
export interface ProxyRequest {
  /** Number of its connection in order of first appearance, from 1. */
  connection: number;
  /** Whether it came on the TLS port. */
  isTls: boolean;
  method: string;
  /** As on the request line: `host:port` of a CONNECT, absolute form otherwise. */
  target: string;
  httpVersion: string;
  /** Field names and values in turn, in the order and the case in which they came. */
  rawHeaders: string[];
}

/** A line of squid's access log. A tunnel has none before it has ended. */
export interface SquidAccess {
  method: string;
  target: string;
  /** Who has authenticated. */
  user: string | null;
  /** Sent to the client. */
  status: number;
  /** Squid's own words for what it did, such as `TCP_TUNNEL` or `TCP_DENIED`. */
  result: string;
  /** The address that it connected to; `null` where it did not. */
  peerAddress: string | null;
}

export interface SquidLog {
  requests: ProxyRequest[];
  finished: SquidAccess[];
}

/** `socks5h` and `socks4a` leave the name to the proxy; on the wire `socks5h` is SOCKS5. */
export type SocksVersion = 'socks4' | 'socks4a' | 'socks5' | 'socks5h';

/**
 * - `microsocks`: SOCKS5 alone, with username and password where they are given.
 * - `dante`: SOCKS5 and SOCKS4 (its 4a fails), without authentication.
 * - `ssh`: `ssh -D` through an sshd; all four, without authentication.
 */
export type SocksServer = 'microsocks' | 'dante' | 'ssh';

export interface SocksSetup {
  server: SocksServer;
  /** `microsocks` alone. */
  credentials?: { username: string; password: string };
}

export interface SocksInfo {
  id: string;
  port: number;
  versions: SocksVersion[];
}

/** A CONNECT that a SOCKS server has carried out; with `ssh` one that it was asked for. */
export interface SocksConnect {
  /** As the client named it: an address, or a name that the proxy resolved. Dante tells the address alone. */
  host: string;
  port: number;
}

export interface SocksLog {
  connects: SocksConnect[];
  /** All that the server wrote. */
  text: string;
}

/** What a scripted server does with each connection, in order; after the last step it holds the connection. */
export type RawStep =
  /** Waits for so many bytes, or for the empty line that ends an HTTP head. What came before is taken, no more. */
  | { read: number | 'head' }
  /** Waits for a whole SOCKS message: a greeting, a username and password (RFC 1929), a request of either version. */
  | { read: 'socks5-greeting' | 'socks5-credentials' | 'socks5-request' | 'socks4-request' }
  /** Writes latin-1, `times` over (1 when left out). */
  | { write: string; times?: number }
  /** Waits until the test releases this latch. */
  | { wait: string }
  /** From here on the connection is TLS, with this identity. */
  | { tls: TlsIdentity }
  /** Connects to this port of 127.0.0.1 and passes bytes both ways from then on. The last step. */
  | { relayTo: number }
  /**
   * Passes the head of a request on to this port, and all that comes back; what the client says after the head is kept. The
   * last step.
   */
  | { relayHeadTo: number }
  /** FIN or RST. The last step. */
  | { end: 'close' | 'reset' };

export interface RawProxySetup {
  steps: RawStep[];
}

/** A connection that a scripted server has taken. */
export interface RawConnection {
  /** All that came before it began to relay, as latin-1; what came inside TLS, where a step began it. */
  received: string;
  isOpen: boolean;
}

/** The methods of the control server for all of these. */
export interface PeerApi {
  'peers.missing'(wanted: { programs: PeerProgram[] }): MissingPeers;
  /** The certificates of this run: the same ones at every call. Needs `openssl`. */
  'pki.get'(setup: Record<string, never>): Pki;

  /**
   * nginx over TLS. `/` answers any method with JSON as in {@link NginxAnswer}, `/large` a GET with the first 3,000,000
   * bytes of the deterministic content, all else is 404.
   */
  'nginx.start'(setup: NginxSetup): OriginInfo;
  /** Has every request whose response has been received. */
  'nginx.log'(target: { id: string }): NginxRequest[];
  'nginx.stop'(target: { id: string }): null;

  /** The routes of `origin-routes.ts` over TLS. */
  'tlsOrigin.start'(setup: TlsOriginSetup): OriginInfo;
  'tlsOrigin.counts'(target: { id: string }): TlsOriginCounts;
  'tlsOrigin.release'(target: { id: string; latch: string }): null;
  'tlsOrigin.closeIdle'(target: { id: string }): null;
  'tlsOrigin.stop'(target: { id: string }): null;

  /** The routes of `websocket-origin.ts`; `/status/N` refuses with that status, `/hang` never answers. */
  'webSocketOrigin.start'(setup: WebSocketOriginSetup): OriginInfo;
  /** In order of arrival. */
  'webSocketOrigin.log'(target: { id: string }): WebSocketRecord[];
  'webSocketOrigin.release'(target: { id: string; latch: string }): null;
  'webSocketOrigin.stop'(target: { id: string }): null;

  'squid.start'(setup: SquidSetup): SquidInfo;
  /** `requests` has every request that squid has acted on. */
  'squid.log'(target: { id: string }): SquidLog;
  'squid.stop'(target: { id: string }): null;

  'socks.start'(setup: SocksSetup): SocksInfo;
  /** May lag a little behind the connections. */
  'socks.log'(target: { id: string }): SocksLog;
  'socks.stop'(target: { id: string }): null;

  /** A scripted server for replies that no real proxy gives. */
  'rawProxy.start'(setup: RawProxySetup): OriginInfo;
  'rawProxy.connections'(target: { id: string }): RawConnection[];
  'rawProxy.release'(target: { id: string; latch: string }): null;
  'rawProxy.stop'(target: { id: string }): null;
}

/** What nginx answers to `/`: what it also logs. */
export interface NginxAnswer {
  clientVerify: string;
  clientSubject: string;
  isSessionReused: boolean;
  protocol: string;
  cipher: string;
  serverName: string;
}
