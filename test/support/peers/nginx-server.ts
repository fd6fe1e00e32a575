import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { contentBytes } from '../content.ts';
import type { OriginInfo } from '../control-api.ts';
import type { NginxRequest, NginxSetup, Pki } from './peer-api.ts';
import { PeerDirectory } from './peer-directory.ts';
import { PeerProcess, startOnFreePorts } from './peer-process.ts';
import { requireProgram } from './programs.ts';

const LARGE_BYTES = 3_000_000;

const VERIFY: Record<NonNullable<NginxSetup['clientCertificates']>, string> = {
  off: 'off',
  optional: 'optional',
  required: 'on',
};

/** JSON members that both its answers and its log have. */
const TLS_MEMBERS = [
  '"clientVerify":"$ssl_client_verify"',
  '"clientSubject":"$ssl_client_s_dn"',
  '"isSessionReused":$is_session_reused',
  '"protocol":"$ssl_protocol"',
  '"cipher":"$ssl_cipher"',
  '"serverName":"$ssl_server_name"',
].join();

/** What the log has of a request, as nginx writes it. */
interface LogLine {
  connection: string;
  requestOfConnection: number;
  method: string;
  target: string;
  status: number;
  clientVerify: string;
  clientSubject: string;
  clientFingerprint: string;
  isSessionReused: boolean;
  protocol: string;
  cipher: string;
  serverName: string;
}

/** nginx over TLS on a port of its own, with a log that tells the client certificate and TLS session of every request. */
export class NginxServer {
  readonly id: string;
  readonly #setup: NginxSetup;
  readonly #pki: Pki;
  readonly #directory = new PeerDirectory('nginx');
  #process: PeerProcess | undefined;
  #controlSocket = '';

  constructor(id: string, setup: NginxSetup, pki: Pki) {
    this.id = id;
    this.#setup = setup;
    this.#pki = pki;
  }

  async start(): Promise<OriginInfo> {
    const { chain, key } = this.#setup.identity ?? this.#pki.servers.good;
    this.#directory.write('chain.pem', chain);
    this.#directory.write('key.pem', key);
    this.#directory.write('client-ca.pem', this.#setup.clientCa ?? this.#pki.root.certificate);
    this.#directory.write('large', contentBytes(LARGE_BYTES));
    const port = await startOnFreePorts(1, async ([port = 0]) => {
      this.#controlSocket = this.#directory.join(`${port}.sock`);
      const config = this.#directory.write('nginx.conf', this.#config(port));
      const args = ['-c', config, '-p', this.#directory.path, '-e', 'stderr'];
      this.#process = new PeerProcess(this.#directory, requireProgram('nginx'), args);
      // All of its sockets are bound before it takes a connection on any; this one can be nobody else's.
      await this.#process.listens(this.#controlSocket);
      return port;
    });
    return { id: this.id, port };
  }

  async log(): Promise<NginxRequest[]> {
    await this.#turn();
    const lines = readFileSync(this.#directory.join('access.log'), 'utf8').split('\n').filter(Boolean);
    const connections = new Map<string, number>();
    return lines.map((line) => {
      const { connection, clientSubject, clientFingerprint, serverName, ...same } = JSON.parse(
        line,
      ) as LogLine;
      if (!connections.has(connection)) connections.set(connection, connections.size + 1);
      return {
        ...same,
        connection: connections.get(connection) ?? 0,
        clientSubject: clientSubject || null,
        clientFingerprint: clientFingerprint || null,
        serverName: serverName || null,
      };
    });
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#directory.remove();
  }

  /** nginx writes the log line of a request in the turn in which it sends the end of its response, and has one thread. */
  async #turn(): Promise<void> {
    const request = get({ socketPath: this.#controlSocket, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
  }

  #config(port: number): string {
    const { clientCertificates = 'off', protocols = ['TLSv1.2', 'TLSv1.3'], ciphers } = this.#setup;
    const { sessionResumption = true } = this.#setup;
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    return `
# One process, which stays in the foreground and who started it.
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 2048; }
http {
  ${temporary.map((name) => `${name}_temp_path ${name};`).join(' ')}
  default_type application/json;
  client_max_body_size 0;
  keepalive_timeout 1h;
  keepalive_requests 1000000;
  map $ssl_session_reused $is_session_reused { r true; default false; }
  log_format seen escape=json '{"connection":"$connection","requestOfConnection":$connection_requests,'
    '"method":"$request_method","target":"$request_uri","status":$status,'
    '"clientFingerprint":"$ssl_client_fingerprint",${TLS_MEMBERS}}';
  server {
    listen "unix:${this.#controlSocket}";
    access_log off;
    return 204;
  }
  server {
    listen 127.0.0.1:${port} ssl;
    access_log access.log seen;
    ssl_certificate chain.pem;
    ssl_certificate_key key.pem;
    ssl_protocols ${protocols.join(' ')};
    ${ciphers === undefined ? '' : `ssl_ciphers ${ciphers};`}
    ssl_client_certificate client-ca.pem;
    ssl_verify_client ${VERIFY[clientCertificates]};
    ssl_verify_depth 3;
    ssl_session_cache ${sessionResumption ? 'shared:sessions:1m' : 'off'};
    ssl_session_tickets ${sessionResumption ? 'on' : 'off'};
    location = / {
      return 200 '{${TLS_MEMBERS}}';
    }
    location = /large { root .; }
  }
}
`;
  }
}
