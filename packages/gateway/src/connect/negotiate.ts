import type { Socket } from 'node:net';

/** What a negotiation wants next: bytes to send, if any, and then one whole message of the peer's. */
export interface Step {
  readonly send?: Uint8Array | undefined;

  /**
   * Length of the message that `received` begins with; `undefined` while it is not complete. Throws what the negotiation
   * fails with when nothing that may follow can make it a message, or it is too long.
   */
  readonly measure: (received: Buffer) => number | undefined;
}

/**
 * The two sides of a negotiation, without I/O: yields a {@link Step}, gets the message it asked for. Returns when the
 * socket belongs to whoever comes next; throws a {@link FailureError} when it cannot.
 */
export type Negotiation = Generator<Step, void, Buffer>;

/** How {@link negotiate} ends when the negotiation itself does not. */
export interface NegotiateOptions {
  /** Gives up. */
  readonly signal: AbortSignal;

  /** What it means that the peer has closed or the socket has failed. */
  readonly broken: (error: Error | undefined) => Error;
}

const NOTHING = Buffer.alloc(0);

/**
 * Carries a negotiation out over a connected socket that nobody reads. Afterwards nothing is attached to it, and bytes
 * that follow the last message are put back. After a failure the socket is its owner's to destroy.
 */
export function negotiate(
  socket: Socket,
  negotiation: Negotiation,
  { signal, broken }: NegotiateOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer = NOTHING;
    let step: Step | undefined;

    const detach = (): void => {
      socket.off('readable', onReadable);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      socket.off('error', fail);
      signal.removeEventListener('abort', giveUp);
    };
    const stop = (reason: unknown): void => {
      detach();
      reject(reason);
    };
    const fail = (error: Error): void => stop(broken(error));
    const onEnd = (): void => stop(broken(undefined));
    const giveUp = (): void => stop(signal.reason);
    const take = (next: IteratorResult<Step, void>): void => {
      step = next.done ? undefined : next.value;
      if (step?.send !== undefined) socket.write(step.send);
    };
    const run = (): void => {
      while (step !== undefined) {
        const length = step.measure(received);
        if (length === undefined) return;
        const message = received.subarray(0, length);
        received = received.subarray(length);
        take(negotiation.next(message));
      }
      detach();
      if (received.length > 0) socket.unshift(received);
      resolve();
    };
    const onReadable = (): void => {
      try {
        for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
          received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        }
        if (received.length > 0) run();
      } catch (error) {
        stop(error);
      }
    };

    if (signal.aborted || socket.destroyed) {
      reject(signal.aborted ? signal.reason : broken(undefined));
      return;
    }
    signal.addEventListener('abort', giveUp, { once: true });
    socket.on('readable', onReadable);
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    socket.on('error', fail);
    try {
      take(negotiation.next());
      run();
    } catch (error) {
      stop(error);
    }
  });
}
