import { FAILURES, type FailureName } from '@hip/wire';
import { errors } from 'undici';
import { describe, expect, test } from 'vitest';
import { type Stage, toFailure, toFailureError } from '../../src/connect/node-error.ts';
import { failed } from '../../src/errors.ts';

const TARGET = { host: 'origin.example', port: 80 };

function coded(code: string): Error {
  return Object.assign(new Error(`${code} 10.1.2.3:4567`), { code });
}

const ROWS: [code: string, stage: Stage, name: FailureName][] = [
  ['ENOTFOUND', 'connect', 'dns_error'],
  ['EAI_AGAIN', 'connect', 'dns_error'],
  ['EAI_FAIL', 'connect', 'dns_error'],
  ['ECONNREFUSED', 'connect', 'connection_refused'],
  ['ETIMEDOUT', 'connect', 'connection_timeout'],
  ['ETIMEDOUT', 'tls', 'connection_timeout'],
  ['ETIMEDOUT', 'sent', 'connection_terminated'],
  ['EHOSTUNREACH', 'connect', 'destination_unroutable'],
  ['ENETUNREACH', 'connect', 'destination_unroutable'],
  ['EADDRNOTAVAIL', 'connect', 'destination_unroutable'],
  ['EMFILE', 'connect', 'connection_failed'],
  ['ECONNRESET', 'connect', 'connection_failed'],
  ['ECONNRESET', 'tls', 'tls_protocol_error'],
  ['ECONNRESET', 'unsent', 'connection_terminated_unsent'],
  ['ECONNRESET', 'sent', 'connection_terminated'],
  ['ECONNRESET', 'response', 'http_response_incomplete'],
  ['EPIPE', 'sent', 'connection_terminated'],
  ['EPIPE', 'unsent', 'connection_terminated_unsent'],
  ['UND_ERR_SOCKET', 'sent', 'connection_terminated'],
  ['UND_ERR_SOCKET', 'response', 'http_response_incomplete'],
  ['UND_ERR_DESTROYED', 'unsent', 'connection_terminated_unsent'],
  ['UND_ERR_HEADERS_OVERFLOW', 'sent', 'response_head_too_large'],
  ['UND_ERR_HEADERS_OVERFLOW', 'response', 'response_head_too_large'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'response', 'http_response_incomplete'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'unsent', 'http_request_error'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'sent', 'request_incomplete'],
  ['UND_ERR_INVALID_ARG', 'unsent', 'http_request_error'],
  ['UND_ERR_ABORTED', 'sent', 'cancelled'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', 'tls_certificate_error'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'tls_certificate_error'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'tls_certificate_error'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls', 'tls_certificate_error'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls_certificate_error'],
  ['CERT_NOT_YET_VALID', 'tls', 'tls_certificate_error'],
  ['HOSTNAME_MISMATCH', 'tls', 'tls_certificate_error'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls_certificate_error'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls_protocol_error'],
  ['EPROTO', 'tls', 'tls_protocol_error'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls', 'tls_alert_received'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'sent', 'tls_alert_received'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'response', 'http_response_incomplete'],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'tls', 'tls_alert_received'],
  ['ERR_SSL_TLSV1_UNSUPPORTED_EXTENSION', 'tls', 'tls_alert_received'],
  ['SOMETHING_NEW', 'sent', 'connection_terminated'],
];

test.each(ROWS)('%s, %s: %s', (code, stage, name) => {
  const failure = toFailure(coded(code), stage, TARGET);
  expect(failure.name).toBe(name);
  expect(failure.detail).toMatch(/^origin\.example:80(: [^()]+(\([^()]+\)[^()]*)?)? \([^()]+\)$/);
  expect(failure.detail).toContain(`(${code})`);
});

const CERTIFICATE_OPTIONS = 'certFile and keyFile, pfx or identity';

test.each<[code: string, stage: Stage, words: string]>([
  ['ECONNRESET', 'tls', 'it closed the connection in the TLS handshake'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'does not speak TLS: most likely it speaks plain HTTP (http://)'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'tls', 'does not speak TLS'],
  ['ERR_SSL_HTTP_REQUEST', 'tls', 'does not speak TLS'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'tls', 'see sslMinimumVersion and sslMaximumVersion'],
  ['ERR_SSL_NO_CIPHERS_AVAILABLE', 'tls', 'ciphers has none for the versions of TLS that are allowed'],
  ['ERR_TLS_DH_PARAM_SIZE', 'tls', 'its Diffie-Hellman parameters are too weak'],
  ['ERR_SSL_DH_KEY_TOO_SMALL', 'tls', 'its Diffie-Hellman parameters are too weak'],
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'sent',
    `it requires a client certificate: give ${CERTIFICATE_OPTIONS}`,
  ],
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'unsent',
    `it requires a client certificate: give ${CERTIFICATE_OPTIONS}`,
  ],
  [
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    'tls',
    `it requires a client certificate (${CERTIFICATE_OPTIONS}), or accepts none`,
  ],
  [
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
    'sent',
    `it requires a client certificate (${CERTIFICATE_OPTIONS}), or another one`,
  ],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', 'tls', 'the client certificate has expired'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED', 'tls', 'the client certificate was revoked'],
  [
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'sent',
    'it does not know the authority that issued the client certificate',
  ],
  ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'sent', 'it does not accept the client certificate'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'sent', 'it does not accept the client certificate'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'see sslMinimumVersion and sslMaximumVersion'],
  ['ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY', 'tls', 'see ciphers'],
  [
    'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
    'tls',
    'it does not know the name it was asked for: see serverHostname',
  ],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', 'tls', 'see alpnProtocols'],
  // Only in the handshake does it mean that.
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'sent', '80 (ERR_SSL_WRONG_VERSION_NUMBER)'],
  ['ECONNRESET', 'sent', '80 (ECONNRESET)'],
])('%s, %s, in words: %s', (code, stage, words) => {
  expect(toFailure(coded(code), stage, TARGET).detail).toContain(words);
});

test.each(ROWS)('%s, %s claims no more than is true', (code, stage) => {
  const { sent } = FAILURES[toFailure(coded(code), stage, TARGET).name];
  if (stage === 'sent') expect(sent).not.toBe('never');
  if (stage === 'response' && !code.startsWith('UND_ERR_REQ')) expect(sent).toBe('always');
});

describe('what undici throws', () => {
  test.each<[Error, Stage, FailureName, string]>([
    [
      new errors.SocketError('other side closed'),
      'sent',
      'connection_terminated',
      'the origin closed the connection',
    ],
    [
      new errors.SocketError('bad upgrade'),
      'sent',
      'http_protocol_error',
      'the origin switched protocols without being asked',
    ],
    [
      new errors.HTTPParserError('Response does not match the HTTP/1.1 protocol (Invalid header token)'),
      'sent',
      'http_protocol_error',
      'Invalid header token',
    ],
    [new errors.HTTPParserError(''), 'response', 'http_response_incomplete', 'HPE_INVALID'],
  ])('%s', (error, stage, name, words) => {
    expect(toFailure(error, stage, TARGET)).toEqual({ name, detail: `origin.example:80 (${words})` });
  });
});

describe('the cause', () => {
  test('is walked', () => {
    const wrapped = new Error('outer', { cause: new Error('middle', { cause: coded('ECONNREFUSED') }) });
    expect(toFailure(wrapped, 'connect', TARGET).name).toBe('connection_refused');
  });

  test('may be several errors: the first counts', () => {
    const several = new AggregateError([coded('ECONNREFUSED'), coded('EHOSTUNREACH')], 'all failed');
    expect(toFailure(several, 'connect', TARGET).name).toBe('connection_refused');
  });

  test('that already is a failure stays', () => {
    const failure = failed('pool_closed', 'x');
    expect(toFailureError(failure, 'sent', TARGET)).toBe(failure);
    expect(toFailure(new Error('outer', { cause: failure }), 'sent', TARGET)).toBe(failure.failure);
  });

  test('that is its own ends', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(toFailure(error, 'sent', TARGET).name).toBe('internal_error');
  });

  test.each([[new TypeError('x is not a function')], [coded('ERR_ASSERTION')], ['text'], [undefined]])(
    'that is a fault of ours is called one: %s',
    (error) => {
      expect(toFailure(error, 'sent', TARGET)).toEqual({
        name: 'internal_error',
        detail: 'origin.example:80',
      });
    },
  );

  test('stays for the log', () => {
    const cause = coded('EPIPE');
    expect(toFailureError(cause, 'sent', TARGET).cause).toBe(cause);
  });
});
