import type { FailureName } from '@hip/wire';
import { type FailureError, failed } from '../errors.ts';
import { authorityText } from './authority.ts';
import type { ProxyScheme } from './connector.ts';
import { toFailureError } from './node-error.ts';
import { isSocks } from './socks.ts';

/** What rows about an origin are called when it was the proxy that could not be reached. Others keep their name. */
type Renamed = Readonly<Partial<Record<FailureName, FailureName>>>;

const OF_HTTP_PROXY: Renamed = {
  dns_error: 'proxy_connection_failed',
  connection_refused: 'proxy_connection_failed',
  connection_failed: 'proxy_connection_failed',
  destination_unroutable: 'proxy_connection_failed',
  connection_timeout: 'proxy_connection_timeout',
  tls_protocol_error: 'proxy_tls_error',
  tls_certificate_error: 'proxy_tls_error',
  tls_alert_received: 'proxy_tls_error',
};

/** urllib3 gives SOCKS no class of its own: it is one more way in which a connection could not be made. */
const OF_SOCKS_PROXY: Renamed = {
  dns_error: 'socks_error',
  connection_refused: 'socks_error',
  connection_failed: 'socks_error',
  destination_unroutable: 'socks_error',
};

/** What OpenSSL says when the answer to its first message is not TLS. */
const NOT_TLS = /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/;

/** A failure to reach a proxy, or a target that is one: the row says so, and the detail names the proxy. */
export function proxyFailure(
  error: unknown,
  proxy: { scheme: ProxyScheme; host: string; port: number },
): FailureError {
  const found = toFailureError(error, 'connect', proxy);
  const { name, detail } = found.failure;
  // The same options exist for origins.
  if (name === 'tls_configuration_error')
    return failed(name, `for the proxy ${authorityText(proxy)}: ${detail}`, { cause: found });
  const renamed = (isSocks(proxy.scheme) ? OF_SOCKS_PROXY : OF_HTTP_PROXY)[name];
  if (renamed === undefined) return found;
  if (!isNotTls(found)) return failed(renamed, detail, { cause: found });
  // urllib3's words.
  const hint = 'Your proxy appears to only use HTTP and not HTTPS, try changing your proxy URL to be HTTP';
  return failed(renamed, `${authorityText(proxy)}: ${hint}`, { cause: found });
}

/** The connect timeout ended while the proxy, or a target that is one, was waited for. */
export function proxyTimeout(
  proxy: { scheme: ProxyScheme; host: string; port: number },
  timeoutMs: number,
): FailureError {
  return failed(
    isSocks(proxy.scheme) ? 'connection_timeout' : 'proxy_connection_timeout',
    `${authorityText(proxy)} (connect timeout=${timeoutMs} ms)`,
  );
}

function isNotTls(error: FailureError): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string' && NOT_TLS.test(code)) return true;
  }
  return false;
}
