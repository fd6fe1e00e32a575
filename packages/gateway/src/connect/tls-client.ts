import type { Socket } from 'node:net';
import type { TlsSettings } from '@hip/wire';
import type { IdentityOptions } from '../options.ts';
import { createTlsContext, type TlsContext, type TlsContextOptions } from './tls-context.ts';
import { type HandshakeOptions, type SecureSocket, shakeHands } from './tls-handshake.ts';
import { TlsSessions } from './tls-sessions.ts';

export type { HandshakeOptions, SecureSocket, TlsFacts } from './tls-handshake.ts';

/** What a {@link TlsClient} is built from. */
export interface TlsClientOptions {
  /** As the client asked for them. */
  readonly settings: TlsSettings;

  /**
   * Whom to trust where the settings name no bundle: certificates in PEM, the same object for all who trust the same.
   * `undefined`: those that come with Node.
   */
  readonly trust?: readonly string[] | undefined;

  /** The operator's client certificate that the settings name. */
  readonly identity?: IdentityOptions | undefined;
}

/**
 * One side of TLS toward origins or proxies: the client's settings, and the sessions that may be resumed under them. They
 * are made ready at the first handshake; what is wrong with them shows at each.
 */
export class TlsClient {
  readonly #options: TlsContextOptions;
  readonly #sessions = new TlsSessions();
  #context: Promise<TlsContext> | undefined;

  constructor({ settings, trust, identity }: TlsClientOptions) {
    this.#options = { settings, trust, identity };
  }

  /**
   * Does the handshake over a connected socket. Rejects with a {@link FailureError}, or with the signal's reason; the
   * socket is closed then.
   */
  async connect(socket: Socket, options: HandshakeOptions): Promise<SecureSocket> {
    try {
      this.#context ??= createTlsContext(this.#options);
      const context = await unlessAborted(this.#context, options.signal);
      return await shakeHands(socket, context, this.#sessions, options);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
