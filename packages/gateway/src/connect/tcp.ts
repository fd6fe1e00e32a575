import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { INTERNALS } from '../defaults.ts';

/**
 * Connects to the first of `addresses` that answers. They are tried in order, the next one when the one before failed
 * or has been silent for {@link INTERNALS.connectAttemptDelayMs}; the first socket that connects wins and the others
 * are closed.
 *
 * Rejects with the first error when all failed, or with the signal's reason.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8305#section-5 | RFC 8305 §5}
 */
export function connectTcp(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const pending = new Set<Socket>();
    let next = 0;
    let firstError: Error | undefined;
    let timer: NodeJS.Timeout | undefined;

    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      for (const socket of pending) socket.destroy();
      pending.clear();
    };
    const giveUp = (): void => {
      settle();
      reject(signal.reason);
    };
    const attempt = (): void => {
      clearTimeout(timer);
      const address = addresses[next++];
      if (address === undefined) {
        if (pending.size > 0) return;
        settle();
        reject(firstError);
        return;
      }
      const socket = openSocket(address, port);
      pending.add(socket);
      socket.once('connect', () => {
        if (!pending.delete(socket)) return;
        settle();
        resolve(socket);
      });
      // Stays attached after the socket has won: until the engine listens nobody else does, and an error then must not
      // end the process. The engine looks at `socket.errored`.
      socket.once('error', (error) => {
        if (!pending.delete(socket)) return;
        firstError ??= error;
        attempt();
      });
      if (next < addresses.length) timer = setTimeout(attempt, INTERNALS.connectAttemptDelayMs);
    };

    if (signal.aborted) giveUp();
    else {
      signal.addEventListener('abort', giveUp, { once: true });
      attempt();
    }
  });
}

function openSocket(host: string, port: number): Socket {
  const options: TcpNetConnectOpts & { highWaterMark: number } = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: INTERNALS.tcpKeepAliveMs,
    highWaterMark: INTERNALS.socketBufferBytes,
  };
  return connect(options);
}
