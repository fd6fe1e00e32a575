import { describe, expect, test } from 'vitest';
import type { ConnectTarget } from '../../src/connect/connector.ts';
import { httpTunnel } from '../../src/connect/http-tunnel.ts';
import { INTERNALS } from '../../src/defaults.ts';
import type { FailureError } from '../../src/errors.ts';
import { type Played, playNegotiation } from '../support/play-negotiation.ts';
import { proxyServer } from '../support/proxy-peers.ts';

const TARGET: ConnectTarget = { scheme: 'https', host: 'origin.example', port: 443 };
const PROXY = proxyServer({ port: 3128 });

function play(reply: string, pieceBytes = reply.length, proxy = PROXY): Played {
  return playNegotiation(httpTunnel(TARGET, proxy), Buffer.from(reply, 'latin1'), pieceBytes);
}

function failureOf(reply: string, proxy = PROXY): { name: string; detail: string } {
  try {
    play(reply, reply.length, proxy);
  } catch (error) {
    return (error as FailureError).failure;
  }
  return expect.unreachable('no failure');
}

describe('the request', () => {
  test.each([
    ['origin.example', 443, 'origin.example:443'],
    ['origin.example.', 8443, 'origin.example.:8443'],
    ['127.0.0.1', 1, '127.0.0.1:1'],
    ['2001:db8::1', 443, '[2001:db8::1]:443'],
  ])('to %s port %d', (host, port, authority) => {
    const { value } = httpTunnel({ scheme: 'https', host, port }, PROXY).next();
    expect(Buffer.from(value?.send ?? []).toString('latin1')).toBe(
      `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`,
    );
  });

  test('holds the fields for the proxy, in their order and byte for byte', () => {
    const proxy = proxyServer({
      port: 3128,
      headers: ['proxy-authorization', 'Basic dXNlcjpwYXNz', 'x-b', 'caf\xe9', 'x-a', '', 'x-b', '2'],
    });
    const { sent, isDone } = play('HTTP/1.1 200 OK\r\n\r\n', 1, proxy);
    expect(isDone).toBe(true);
    expect(sent.map((bytes) => bytes.toString('latin1'))).toEqual([
      'CONNECT origin.example:443 HTTP/1.1\r\nhost: origin.example:443\r\n' +
        'proxy-authorization: Basic dXNlcjpwYXNz\r\nx-b: caf\xe9\r\nx-a: \r\nx-b: 2\r\n\r\n',
    ]);
  });
});

describe('an answer of 200', () => {
  test.each([
    ['nothing else', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['no reason', 'HTTP/1.1 200\r\n\r\n'],
    ['an empty reason', 'HTTP/1.1 200 \r\n\r\n'],
    ['HTTP/1.0', 'HTTP/1.0 200 Connection established\r\n\r\n'],
    ['fields', 'HTTP/1.1 200 OK\r\nVia: 1.1 squid\r\nx-empty:\r\n\r\n'],
    // RFC 9110 §9.3.6: "A client MUST ignore any Content-Length or Transfer-Encoding header fields".
    ['framing', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['lone LFs', 'HTTP/1.1 200 OK\nx: y\n\n'],
    ['both kinds of line ends', 'HTTP/1.1 200 OK\r\nx: y\n\r\n'],
    ['an interim answer before', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['several', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(16)}HTTP/1.1 200 OK\r\n\r\n`],
  ])('with %s, however it is cut, and nothing that follows it is taken', (_name, reply) => {
    for (const pieceBytes of [1, 7, reply.length + 5]) {
      const { isDone, left } = play(`${reply}EARLY`, pieceBytes);
      expect(isDone).toBe(true);
      expect('EARLY'.startsWith(left.toString())).toBe(true);
    }
    const { left, sent } = play(`${reply}EARLY`);
    expect(left.toString()).toBe('EARLY');
    expect(sent).toHaveLength(1);
  });

  test('is not there before its last byte', () => {
    expect(play('HTTP/1.1 200 OK\r\nx: y\r\n\r', 1).isDone).toBe(false);
  });
});

describe('any other answer', () => {
  const NOT_HTTP = 'the answer to CONNECT is not HTTP (proxy.example:3128)';

  test.each([
    [
      '407',
      'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n<p>secret</p>',
      '407 Proxy Authentication Required (proxy.example:3128); give it credentials in proxyHeaders, from makeHeaders({ proxyBasicAuth })',
    ],
    [
      '403 with content',
      'HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nwhy',
      '403 Forbidden (proxy.example:3128)',
    ],
    ['201', 'HTTP/1.1 201 Created\r\n\r\n', '201 Created (proxy.example:3128)'],
    ['204 without a reason', 'HTTP/1.1 204\r\n\r\n', '204 (proxy.example:3128)'],
    ['302', 'HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n', '302 Found (proxy.example:3128)'],
    ['101', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', '101 Switching Protocols (proxy.example:3128)'],
    ['escapes', 'HTTP/1.1 500 caf\xe9\x1b[2J\r\n\r\n', '500 caf??[2J (proxy.example:3128)'],
    [
      'a long reason',
      `HTTP/1.1 500 ${'x'.repeat(500)}\r\n\r\n`,
      `500 ${'x'.repeat(128)} (proxy.example:3128)`,
    ],
    ['SSH, before its line ends', 'SSH-2.0', NOT_HTTP],
    ['a TLS alert', '\x15\x03\x01\x00\x02', NOT_HTTP],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n', NOT_HTTP],
    ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n', NOT_HTTP],
    ['a leading zero', 'HTTP/1.1 020 OK\r\n\r\n', NOT_HTTP],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', NOT_HTTP],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx: y\r\n folded: x\r\n\r\n', NOT_HTTP],
    ['a bare CR', 'HTTP/1.1 200 OK\r\nx: a\rb: c\r\n\r\n', NOT_HTTP],
    [
      'interim answers without end',
      `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17)}`,
      'too many interim answers (proxy.example:3128)',
    ],
  ])('is refused: %s', (_name, reply, detail) => {
    expect(failureOf(reply)).toEqual({ name: 'proxy_tunnel_refused', detail });
  });

  test('407 with credentials says that they were not accepted, and shows them nowhere', () => {
    const proxy = proxyServer({ port: 3128, headers: ['proxy-authorization', 'Basic c2VjcmV0'] });
    expect(failureOf('HTTP/1.1 407 No\r\n\r\n', proxy).detail).toBe(
      '407 No (proxy.example:3128); it did not accept the Proxy-Authorization of proxyHeaders',
    );
  });

  test.each([
    ['one line without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(INTERNALS.maxTunnelReplyBytes)}`],
    ['a whole head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(INTERNALS.maxTunnelReplyBytes)}\r\n\r\n`],
    ['a reason', `HTTP/1.1 200 ${'y'.repeat(INTERNALS.maxTunnelReplyBytes)}`],
  ])('that is larger than allowed: %s', (_name, reply) => {
    expect(failureOf(reply)).toEqual({
      name: 'proxy_response_too_large',
      detail: 'proxy.example:3128 sent more than 65536 bytes',
    });
  });
});
