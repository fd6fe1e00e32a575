import type { Failure, FailureName } from '@hip/wire';
import { FailureError } from '../errors.ts';

/**
 * How far an exchange had come when the error struck. What may be claimed about the request follows from it: a request
 * of which no byte was written is `unsent`, whatever broke.
 */
export type Stage = 'connect' | 'tls' | 'unsent' | 'sent' | 'response';

/** What an error means when its code says nothing more precise, by stage. */
const BY_STAGE: Readonly<Record<Stage, FailureName>> = {
  connect: 'connection_failed',
  tls: 'tls_protocol_error',
  unsent: 'connection_terminated_unsent',
  sent: 'connection_terminated',
  response: 'http_response_incomplete',
};

/** How OpenSSL spells alerts that it received. Those of RFC 6066 lack the word. */
const ALERTS =
  /^ERR_SSL_(.*_ALERT_|TLSV1_(UNRECOGNIZED_NAME|UNSUPPORTED_EXTENSION|CERTIFICATE_UNOBTAINABLE|BAD_CERTIFICATE_))/;

interface CodeRule {
  readonly codes: RegExp;
  readonly stages: readonly Stage[];
  readonly name: FailureName;
}

/**
 * Error codes of Node, OpenSSL and undici that say more than the stage does. The first rule that fits counts.
 *
 * Once a response has begun hardly anything is more precise than "incomplete": the rows for TLS and for the protocol
 * would claim that the origin may not have seen the request.
 */
const RULES: readonly CodeRule[] = [
  {
    codes: /^(ENOTFOUND|ENODATA|EAI_.*|ESERVFAIL|EBADNAME|EBADRESP)$/,
    stages: ['connect'],
    name: 'dns_error',
  },
  { codes: /^ECONNREFUSED$/, stages: ['connect'], name: 'connection_refused' },
  { codes: /^ETIMEDOUT$/, stages: ['connect', 'tls'], name: 'connection_timeout' },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EAFNOSUPPORT)$/,
    stages: ['connect'],
    name: 'destination_unroutable',
  },
  // An alert: the peer refused us, perhaps after it had the request (TLS 1.3 servers ask for a client certificate that
  // late).
  { codes: ALERTS, stages: ['tls', 'unsent', 'sent'], name: 'tls_alert_received' },
  {
    codes:
      /^(CERT_.*|CRL_.*|.*_CERT|.*_CERT_IN_CHAIN|UNABLE_TO_.*|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_.*|ERROR_IN_CERT_.*)$/,
    stages: ['tls'],
    name: 'tls_certificate_error',
  },
  {
    codes: /^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/,
    stages: ['sent', 'response'],
    name: 'response_head_too_large',
  },
  { codes: /^(HPE_.*|UND_ERR_RES_.*)$/, stages: ['sent'], name: 'http_protocol_error' },
  {
    codes: /^UND_ERR_REQ_CONTENT_LENGTH_MISMATCH$/,
    stages: ['sent', 'response'],
    name: 'request_incomplete',
  },
  {
    codes: /^(UND_ERR_REQ_CONTENT_LENGTH_MISMATCH|UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED)$/,
    stages: ['unsent'],
    name: 'http_request_error',
  },
  { codes: /^UND_ERR_ABORT(ED)?$/, stages: ['unsent', 'sent', 'response'], name: 'cancelled' },
];

/**
 * What OpenSSL's codes mean and what helps, in words that fit an origin as well as a proxy. An alert has several spellings: `ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE`, `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`.
 */
const TLS_DETAILS: readonly (readonly [codes: RegExp, detail: string])[] = [
  [
    /_ALERT_CERTIFICATE_REQUIRED$/,
    'it requires a client certificate: give certFile and keyFile, pfx or identity',
  ],
  [
    // What servers say before TLS 1.3 when they got no client certificate (RFC 5246 §7.4.6), but not only then.
    /_ALERT_HANDSHAKE_FAILURE$/,
    'it requires a client certificate (certFile and keyFile, pfx or identity), or accepts none of the ciphers offered',
  ],
  [
    /_ALERT_(BAD|UNSUPPORTED|NO)_CERTIFICATE$/,
    'it requires a client certificate (certFile and keyFile, pfx or identity), or another one than it got',
  ],
  [/_ALERT_CERTIFICATE_EXPIRED$/, 'the client certificate has expired'],
  [/_ALERT_CERTIFICATE_REVOKED$/, 'the client certificate was revoked'],
  [/_ALERT_UNKNOWN_CA$/, 'it does not know the authority that issued the client certificate'],
  [/_ALERT_(CERTIFICATE_UNKNOWN|ACCESS_DENIED)$/, 'it does not accept the client certificate'],
  [
    /(_ALERT_PROTOCOL_VERSION|^ERR_SSL_UNSUPPORTED_PROTOCOL)$/,
    'no version of TLS is common to both: see sslMinimumVersion and sslMaximumVersion',
  ],
  [/_ALERT_INSUFFICIENT_SECURITY$/, 'it accepts none of the ciphers offered: see ciphers'],
  [/^ERR_SSL_NO_CIPHERS_AVAILABLE$/, 'ciphers has none for the versions of TLS that are allowed'],
  [/^ERR_SSL_TLSV1_UNRECOGNIZED_NAME$/, 'it does not know the name it was asked for: see serverHostname'],
  [/_ALERT_NO_APPLICATION_PROTOCOL$/, 'it speaks none of the protocols offered: see alpnProtocols'],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/,
    'the port does not speak TLS: most likely it speaks plain HTTP (http://)',
  ],
  [/^ERR_(SSL_DH_KEY_TOO_SMALL|TLS_DH_PARAM_SIZE)$/, 'its Diffie-Hellman parameters are too weak'],
  [/^ECONNRESET$/, 'it closed the connection in the TLS handshake: perhaps it does not speak TLS (http://)'],
];

/** What undici says with a message alone, in words that hold no address. */
const UNDICI_DETAILS: readonly (readonly [message: string, detail: string])[] = [
  ['bad upgrade', 'the origin switched protocols without being asked'],
  ['bad response', 'the origin sent a response nobody asked for'],
  ['other side closed', 'the origin closed the connection'],
];

/**
 * The row of the failure table for anything that Node, OpenSSL or undici threw. The only place that knows their codes.
 *
 * The detail is made of the target as the client named it and of the code; never of the error's message, which holds
 * the addresses a name resolved to.
 */
export function toFailure(error: unknown, stage: Stage, target: { host: string; port: number }): Failure {
  for (const cause of causes(error)) {
    if (cause instanceof FailureError) return cause.failure;
    const code = codeOf(cause);
    if (code !== undefined && code !== 'ERR_ASSERTION') {
      return {
        name: nameOf(code, stage, cause.message),
        detail: detailOf(code, stage, cause.message, target),
      };
    }
  }
  return { name: 'internal_error', detail: `${target.host}:${target.port}` };
}

/** {@link toFailure} as an exception; the original stays its `cause`, for the operator's log. */
export function toFailureError(
  error: unknown,
  stage: Stage,
  target: { host: string; port: number },
): FailureError {
  if (error instanceof FailureError) return error;
  return new FailureError(toFailure(error, stage, target), { cause: error });
}

/** undici's parser error has lost its code (it reads llhttp's table the wrong way round) and has only its name. */
function codeOf(error: Error): string | undefined {
  if (error.name === 'HTTPParserError') return 'HPE_INVALID';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

function nameOf(code: string, stage: Stage, message: string): FailureName {
  // undici has one code for every end of a socket; a 101 nobody asked for is the origin's fault, not the network's.
  if (stage === 'sent' && message === 'bad upgrade') return 'http_protocol_error';
  const rule = RULES.find(({ codes, stages }) => stages.includes(stage) && codes.test(code));
  return rule?.name ?? BY_STAGE[stage];
}

function detailOf(
  code: string,
  stage: Stage,
  message: string,
  { host, port }: { host: string; port: number },
): string {
  if (stage === 'tls' || ALERTS.test(code)) {
    const detail = TLS_DETAILS.find(([codes]) => codes.test(code))?.[1];
    if (detail !== undefined) return `${host}:${port}: ${detail} (${code})`;
  }
  const known = UNDICI_DETAILS.find(([text]) => text === message)?.[1];
  // llhttp's reasons are a fixed list, such as "Missing expected CR after header value".
  const reason = code === 'HPE_INVALID' ? /\(([^()]*)\)$/.exec(message)?.[1] : undefined;
  return `${host}:${port} (${known ?? reason ?? code})`;
}

/** The error and what caused it, outermost first. Bounded, because a cause may be its own cause. */
function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; ) {
    chain.push(at);
    at = at instanceof AggregateError && at.errors.length > 0 ? at.errors[0] : at.cause;
  }
  return chain;
}
