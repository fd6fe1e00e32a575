import { INTERNALS } from '../defaults.ts';
import { type FailureError, failed } from '../errors.ts';
import { authorityText } from './authority.ts';
import type { ConnectTarget, ProxyServer } from './connector.ts';
import type { Negotiation } from './negotiate.ts';

const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: (.*))?$/;

/** RFC 9112 §5: a name that is a token, a colon, and a value without bare CR or NUL. */
const FIELD_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\0]*$/;

/** What every answer begins with. */
const BEGINNING = Buffer.from('HTTP/1.', 'latin1');

/** Longest reason phrase passed on, in characters: for a person, and nothing depends on it (RFC 9110 §15). */
const MAX_REASON_LENGTH = 128;

/**
 * Asks an HTTP proxy for a tunnel to `target` (RFC 9110 §9.3.6). The proxy learns host and port and the fields meant for
 * it; nothing of the request.
 *
 * The answer is read here and not by Node's HTTP client. That one takes an interim answer for the final one, and refuses
 * a 200 with Content-Length and Transfer-Encoding, which "a client MUST ignore" here. Of an answer only the status
 * counts, and where it ends.
 */
export function* httpTunnel(target: ConnectTarget, proxy: ProxyServer): Negotiation {
  const measure = (received: Buffer): number | undefined => headLength(received, proxy);
  let send: Uint8Array | undefined = connectRequest(target, proxy);
  for (let interim = 0; interim <= INTERNALS.maxInformationalResponses; interim += 1) {
    const { status, reason } = readHead(yield { send, measure }, proxy);
    send = undefined;
    // Only 200, as urllib3 has it, though RFC 9110 §9.3.6 gives every 2xx the same meaning.
    if (status === 200) return;
    // RFC 9110 §15.2: "A client MUST be able to parse one or more 1xx responses received prior to a final response".
    if (status >= 200 || status === 101) throw refused(status, reason, proxy);
  }
  throw notHttp('too many interim answers', proxy);
}

/** What it means that an HTTP proxy closed the connection, or it broke, before the tunnel was there. */
export function tunnelBroken(proxy: ProxyServer, code: string | undefined): FailureError {
  const why = code === undefined ? '' : ` (${code})`;
  return failed(
    'proxy_tunnel_refused',
    `${authorityText(proxy)} closed the connection before its answer to CONNECT was complete${why}`,
  );
}

function connectRequest(target: ConnectTarget, { headers }: ProxyServer): Uint8Array {
  const authority = authorityText(target);
  // RFC 9112 §3.2.3: authority-form; §3.2: Host is the same.
  let text = `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n`;
  for (let at = 0; at < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}

/** Length of the head that `received` begins with, its empty line included (RFC 9112 §2.2: a lone LF may end a line). */
function headLength(received: Buffer, proxy: ProxyServer): number | undefined {
  const shown = Math.min(received.length, BEGINNING.length);
  if (received.compare(BEGINNING, 0, shown, 0, shown) !== 0)
    throw notHttp('the answer to CONNECT is not HTTP', proxy);
  const crlf = received.indexOf('\n\r\n', 0, 'latin1');
  const lf = received.indexOf('\n\n', 0, 'latin1');
  let length: number | undefined;
  if (crlf !== -1) length = crlf + 3;
  if (lf !== -1 && (length === undefined || lf < crlf)) length = lf + 2;
  if ((length ?? received.length) <= INTERNALS.maxTunnelReplyBytes) return length;
  throw failed(
    'proxy_response_too_large',
    `${authorityText(proxy)} sent more than ${INTERNALS.maxTunnelReplyBytes} bytes`,
  );
}

function readHead(head: Buffer, proxy: ProxyServer): { status: number; reason: string } {
  const [statusLine = '', ...fieldLines] = head.toString('latin1').trimEnd().split(/\r?\n/);
  const [, status, reason = ''] = STATUS_LINE.exec(statusLine) ?? [];
  if (status === undefined || !fieldLines.every((line) => FIELD_LINE.test(line)))
    throw notHttp('the answer to CONNECT is not HTTP', proxy);
  return { status: Number(status), reason };
}

function refused(status: number, reason: string, proxy: ProxyServer): FailureError {
  const shown = reason.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON_LENGTH);
  const said = shown === '' ? String(status) : `${status} ${shown}`;
  return failed('proxy_tunnel_refused', `${said} (${authorityText(proxy)})${advice(status, proxy)}`);
}

function advice(status: number, { headers }: ProxyServer): string {
  if (status !== 407) return '';
  return headers.includes('proxy-authorization')
    ? '; it did not accept the Proxy-Authorization of proxyHeaders'
    : '; give it credentials in proxyHeaders, from makeHeaders({ proxyBasicAuth })';
}

function notHttp(what: string, proxy: ProxyServer): FailureError {
  return failed('proxy_tunnel_refused', `${what} (${authorityText(proxy)})`);
}
