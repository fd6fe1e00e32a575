import type { FieldLines } from '@hip/wire';
import * as DEFAULTS from '../defaults.ts';
import { HTTPError, invalidOption, plainUrl } from '../errors.ts';
import { SKIP_HEADER } from '../exchange/skip-header.ts';
import { checkCount } from '../pool/check-options.ts';
import { HTTPHeaderDict } from '../pool/http-header-dict.ts';
import type { OutgoingRequest, RequestSender } from '../pool/request-sender.ts';
import { Timeout } from '../pool/timeout.ts';
import { deadlineSignal } from '../pool/wait.ts';
import { urlCredentials } from '../url-credentials.ts';
import type { SocketRequest } from './socket-request.ts';
import { type ChannelHandler, WebSocketChannel } from './websocket-channel.ts';

/**
 * Opens a WebSocket; `handler` is told of it.
 *
 * @param signal - gives up; without effect once it is open.
 * @throws {@link InvalidRequestError} naming the option that cannot be honoured; another subclass of HTTPError; the reason of
 * the signal.
 */
export async function openChannel(
  sender: RequestSender,
  { url, protocols, init, hasOverrides }: SocketRequest,
  handler: ChannelHandler,
  signal: AbortSignal,
): Promise<void> {
  const maxMessageBytes = checkCount('maxMessageBytes', init.maxMessageBytes, 0, DEFAULTS.maxMessageBytes);
  const timeout = Timeout.from(init.timeout ?? null);
  const target = new URL(url);
  target.protocol = url.protocol.replace('ws', 'http');
  const request: OutgoingRequest = {
    method: 'GET',
    url: target,
    lines: fieldLines(url, init.headers),
    body: undefined,
    options: timeout.requestOptions(),
    signal: timeout.deadline === null ? signal : deadlineSignal(timeout.deadline, signal),
    connectionFields: 'refuse',
    overrides: hasOverrides ? { ...init } : undefined,
  };
  const options = { protocols, maxMessageBytes };
  try {
    await sender.carry(request, (sessions, ready) =>
      new WebSocketChannel(sessions, ready, options, handler).open(),
    );
  } catch (error) {
    // The one it was asked for, not that of the handshake. The reason of a signal is its owner's.
    if (error instanceof HTTPError && !signal.aborted) Object.assign(error, { url: plainUrl(url) });
    throw error;
  }
}

/** The fields of the handshake, as far as they are not the gateway's. */
function fieldLines(url: URL, headers: SocketRequest['init']['headers']): FieldLines {
  const fields = new HTTPHeaderDict(headers);
  const own = fields.toLines().find((name, at) => at % 2 === 0 && name.startsWith('sec-websocket-'));
  if (own !== undefined) throw invalidOption(`header ${own} is not for users: subprotocols go to protocols`);
  // A handshake has no content.
  fields.setdefault('accept-encoding', SKIP_HEADER);
  const { origin } = (globalThis as { location?: { origin?: string } }).location ?? {};
  if (origin !== undefined) fields.setdefault('origin', origin);
  const authorization = urlCredentials(url);
  if (authorization !== undefined) fields.setdefault('authorization', authorization);
  return fields.toLines();
}
