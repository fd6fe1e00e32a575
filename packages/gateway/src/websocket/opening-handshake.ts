import { createHash, randomBytes } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { FieldLines } from '@hip/wire';
import { toFailureError } from '../connect/node-error.ts';
import { failed } from '../errors.ts';
import { responseFields } from '../pool/response-fields.ts';

/** RFC 6455 §1.3: what shows that a server has understood the handshake. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Longest reason phrase that is told of an answer, in characters. */
const MAX_REASON_LENGTH = 64;

/** What an origin is asked for. */
export interface HandshakeRequest {
  readonly target: { readonly host: string; readonly port: number };
  readonly path: string;

  /** `host` first; none of those that make it a handshake. */
  readonly fields: FieldLines;

  /** Offered, in this order; may be empty. */
  readonly subprotocols: readonly string[];

  /** Longest wait for the answer, in milliseconds; `0` means no limit. */
  readonly readTimeoutMs: number;

  /** Largest head of the answer, in bytes. */
  readonly maxHeadBytes: number;

  /** Gives up; the socket is closed. */
  readonly signal: AbortSignal;
}

/** An origin that has opened a WebSocket. */
export interface HandshakeAnswer {
  /** Without those that are about the connection, and the proof. */
  readonly fields: FieldLines;

  /** What came behind the head. */
  readonly first: Buffer;
}

/**
 * Asks the origin at the other end of `socket` for a WebSocket (RFC 6455 §4.1). Rejects with a {@link FailureError}, or
 * with the signal's reason; the socket is closed then.
 */
export function openingHandshake(socket: Socket, asked: HandshakeRequest): Promise<HandshakeAnswer> {
  const { target, signal } = asked;
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      socket.destroy();
      reject(signal.reason);
      return;
    }
    let sent: ClientRequest | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    };
    const fail = (error: unknown): void => {
      settle();
      sent?.destroy();
      socket.destroy();
      reject(error);
    };
    const giveUp = (): void => fail(signal.reason);
    const timer =
      asked.readTimeoutMs > 0 ? setTimeout(() => fail(silent(asked)), asked.readTimeoutMs) : undefined;
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      sent = send(socket, asked, key);
    } catch (error) {
      // A control character: what the wire lets pass, Node does not.
      fail(
        failed('http_request_error', 'a field of the handshake holds what no field may', { cause: error }),
      );
      return;
    }
    sent.on('error', (error) => fail(toFailureError(error, 'sent', target)));
    sent.once('response', ({ statusCode = 0, statusMessage = '' }: IncomingMessage) => {
      const status = `${statusCode} ${statusMessage.slice(0, MAX_REASON_LENGTH)}`.trim();
      fail(refused(target, `it answered ${status}`));
    });
    sent.once('upgrade', ({ rawHeaders }: IncomingMessage, _socket: unknown, first: Buffer) => {
      const problem = problemOf(rawHeaders, key, asked.subprotocols);
      if (problem !== undefined) {
        fail(refused(target, problem));
        return;
      }
      settle();
      resolve({ fields: passedFields(rawHeaders), first });
    });
  });
}

function send(
  socket: Socket,
  { path, fields, subprotocols, maxHeadBytes }: HandshakeRequest,
  key: string,
): ClientRequest {
  const offer = subprotocols.length === 0 ? [] : ['sec-websocket-protocol', subprotocols.join(', ')];
  return request({
    createConnection: () => socket,
    method: 'GET',
    path,
    headers: [
      ...fields.slice(0, 2),
      ...['connection', 'Upgrade', 'upgrade', 'websocket'],
      ...['sec-websocket-version', '13', 'sec-websocket-key', key],
      ...offer,
      ...fields.slice(2),
    ],
    maxHeaderSize: maxHeadBytes,
  }).end();
}

/** What is wrong with an answer that says 101 (RFC 6455 §4.1), in words; `undefined` when nothing is. */
function problemOf(
  rawHeaders: readonly string[],
  key: string,
  offered: readonly string[],
): string | undefined {
  const { upgrade, connection, proof, extensions, protocols } = named(rawHeaders);
  if (upgrade.toLowerCase() !== 'websocket') return 'it switched to another protocol';
  if (!/(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection)) return 'its answer has no "connection: upgrade"';
  if (
    proof !==
    createHash('sha1')
      .update(key + GUID)
      .digest('base64')
  )
    return 'its sec-websocket-accept is wrong';
  if (extensions !== '') return 'it uses an extension that was not offered';
  // The Fetch standard goes beyond RFC 6455 here: one that was asked for must be confirmed.
  if (offered.length > 0 && protocols.length === 0) return 'it accepted none of the subprotocols';
  const [protocol] = protocols;
  if (protocols.length > 1 || (protocol !== undefined && !offered.includes(protocol))) {
    return 'it chose a subprotocol that was not offered';
  }
  return undefined;
}

/** Values of the fields that matter in an answer; those of one name joined, where that makes sense (RFC 9110 §5.3). */
function named(rawHeaders: readonly string[]): {
  upgrade: string;
  connection: string;
  proof: string;
  extensions: string;
  protocols: string[];
} {
  const values = (name: string): string[] =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  const list = (name: string): string => values(name).join(',').trim();
  return {
    upgrade: list('upgrade'),
    connection: list('connection'),
    proof: list('sec-websocket-accept'),
    extensions: list('sec-websocket-extensions'),
    protocols: values('sec-websocket-protocol').map((value) => value.trim()),
  };
}

function passedFields(rawHeaders: readonly string[]): FieldLines {
  const fields = responseFields(rawHeaders.map((text) => Buffer.from(text, 'latin1')));
  return fields.filter((_, at) => fields[at - (at % 2)] !== 'sec-websocket-accept');
}

function refused({ host, port }: HandshakeRequest['target'], why: string): Error {
  return failed('http_upgrade_failed', `${host}:${port}: ${why}`);
}

function silent({ target: { host, port }, readTimeoutMs }: HandshakeRequest): Error {
  return failed('connection_read_timeout', `${host}:${port} (read timeout=${readTimeoutMs} ms)`);
}
