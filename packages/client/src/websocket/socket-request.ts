import { encodeUtf8 } from '@hip/wire';
import { CONNECTION_OPTIONS } from '../connection-options.ts';
import { TOKEN } from '../exchange/request-head.ts';
import { pageUrl } from '../page-url.ts';
import { checkNames } from '../pool/check-options.ts';
import type { WebSocketStreamInit } from './websocket-init.ts';

/** What a constructor was asked for. */
export interface SocketRequest {
  /** `ws:` or `wss:`. */
  readonly url: URL;
  readonly protocols: readonly string[];
  readonly init: Omit<WebSocketStreamInit, 'protocols'>;
  /** Whether there are options of TLS or proxies. */
  readonly hasOverrides: boolean;
}

/**
 * Reads the arguments of a constructor, as the WebSockets standard says.
 *
 * @param protocols - one, or several.
 * @throws DOMException "SyntaxError" for a URL or a subprotocol that cannot be; {@link InvalidRequestError} for an option
 * that does not exist.
 */
export function socketRequest(
  url: string | URL,
  protocols: unknown,
  init: SocketRequest['init'],
): SocketRequest {
  const names = ['protocols', 'headers', 'timeout', 'maxMessageBytes', 'signal'];
  const hasOverrides = checkNames('WebSocket', init, names, CONNECTION_OPTIONS);
  const parsed = pageUrl(url);
  parsed.protocol = parsed.protocol.replace('http', 'ws');
  check(/^wss?:[^#]*$/.test(parsed.href), 'url must be ws: or wss:, without a fragment');
  const list = Array.from(
    typeof protocols === 'object' ? (protocols as Iterable<unknown>) : [protocols],
    String,
  );
  // RFC 6455 §4.1: tokens, "all of which MUST be unique strings".
  const different = new Set(list.map((name) => name.toLowerCase())).size;
  check(
    different === list.length && list.every((name) => TOKEN.test(name)),
    'protocols must be tokens, each once',
  );
  return { url: parsed, protocols: list, init, hasOverrides };
}

/**
 * Checks what a WebSocket is to be closed with.
 *
 * @returns the code, as Web IDL converts it (`[Clamp] unsigned short`).
 * @throws DOMException "InvalidAccessError" for a code that is not 1000 or from 3000 to 4999, "SyntaxError" for a reason of
 * more than 123 bytes.
 */
export function checkClose(code: number | undefined, reason: string): number | undefined {
  const clamped = code === undefined ? 1000 : Math.round(code);
  check(
    clamped === 1000 || (clamped >= 3000 && clamped <= 4999),
    `code must be 1000 or 3000 to 4999, got ${code}`,
    'InvalidAccessError',
  );
  check(encodeUtf8(reason).length <= 123, 'reason must have at most 123 bytes');
  return code === undefined ? code : clamped;
}

function check(holds: boolean, message: string, name = 'SyntaxError'): void {
  if (!holds) throw new DOMException(message, name);
}
