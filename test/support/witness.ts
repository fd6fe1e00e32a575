import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A request, as the strictest reader of RFC 9112 takes it. */
export interface WitnessedRequest {
  method: string;
  target: string;
  /** Names as they came, and values without the space before them. */
  fields: [name: string, value: string][];
  content: string;
}

/**
 * An origin that keeps every byte, and reads them by a parser of its own that forgives nothing. It answers each request with its
 * target, so that whoever asks twice learns whether the connection is still in step.
 */
export class Witness {
  readonly port: number;
  readonly #server: Server;
  readonly #received: string[];
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, received: string[], sockets: Set<Socket>) {
    this.#server = server;
    this.#received = received;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param tls - certificate and key in PEM; without them it speaks in the clear. */
  static async start(tls?: { chain: string; key: string }): Promise<Witness> {
    const received: string[] = [];
    const sockets = new Set<Socket>();
    const serve = (socket: Socket): void => {
      const at = received.push('') - 1;
      sockets.add(socket);
      socket.on('error', () => {});
      let answered = 0;
      socket.setEncoding('latin1').on('data', (piece: string) => {
        received[at] += piece;
        let requests: WitnessedRequest[];
        try {
          requests = readRequests(received[at] as string).requests;
        } catch {
          // What came stays to be seen by the test; here the connection ends, as a strict origin's would.
          socket.destroy();
          return;
        }
        for (const { method, target } of requests.slice(answered)) {
          const body = method === 'HEAD' ? '' : target;
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${body}`, 'latin1');
        }
        answered = requests.length;
      });
    };
    const server = tls ? createTlsServer({ cert: tls.chain, key: tls.key }, serve) : createServer(serve);
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Witness(server, received, sockets);
  }

  /** What came on all connections, one after the other. */
  get received(): string {
    return this.#received.join('');
  }

  /** Everything that came, as requests. Throws where that is not all there is. */
  get requests(): WitnessedRequest[] {
    return this.#received.flatMap((text) => {
      const { requests, rest } = readRequests(text);
      if (rest !== '') throw new Error(`not a whole request: ${JSON.stringify(rest)}`);
      return requests;
    });
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) HTTP\/1\.1$/;
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)$/;

/** Whole requests from the beginning of `text`, and what is left. Throws at the first byte that is not allowed (RFC 9112). */
function readRequests(text: string): { requests: WitnessedRequest[]; rest: string } {
  const requests: WitnessedRequest[] = [];
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return { requests, rest };
    const [line = '', ...lines] = rest.slice(0, end).split('\r\n');
    const [, method, target] = REQUEST_LINE.exec(line) ?? refuse(line);
    const fields = lines.map((each): [string, string] => {
      const [, name = '', value = ''] = FIELD_LINE.exec(each) ?? refuse(each);
      return [name, value];
    });
    const body = readContent(fields, rest.slice(end + 4));
    if (body === undefined) return { requests, rest };
    requests.push({ method: method as string, target: target as string, fields, content: body.content });
    rest = body.rest;
  }
}

function readContent(
  fields: [string, string][],
  text: string,
): { content: string; rest: string } | undefined {
  const all = (name: string): string[] =>
    fields.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
  const [hosts, lengths, codings] = [all('host'), all('content-length'), all('transfer-encoding')];
  if (hosts.length !== 1) refuse(`${hosts.length} Host fields`);
  if (lengths.length + codings.length > 1) refuse(`${lengths} ${codings}`);
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') refuse(`${codings}`);
    return readChunks(text);
  }
  const length =
    lengths.length === 0 ? 0 : Number(/^\d+$/.exec(lengths[0] as string)?.[0] ?? refuse(`${lengths}`));
  return text.length < length ? undefined : { content: text.slice(0, length), rest: text.slice(length) };
}

function readChunks(text: string): { content: string; rest: string } | undefined {
  let content = '';
  let rest = text;
  for (;;) {
    const line = rest.indexOf('\r\n');
    if (line < 0) return undefined;
    const size = Number.parseInt(/^[0-9A-Fa-f]+$/.exec(rest.slice(0, line))?.[0] ?? refuse(rest), 16);
    if (rest.length < line + 2 + size + 2) return undefined;
    if (rest.slice(line + 2 + size, line + 4 + size) !== '\r\n') refuse(rest);
    content += rest.slice(line + 2, line + 2 + size);
    rest = rest.slice(line + 4 + size);
    if (size === 0) return { content, rest };
  }
}

function refuse(what: string): never {
  throw new Error(`not HTTP/1.1: ${JSON.stringify(what)}`);
}
