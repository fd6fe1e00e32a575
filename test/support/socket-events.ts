/** An event of a WebSocket, as far as tests look at it. */
export type SeenEvent =
  | { readonly type: 'open' }
  | { readonly type: 'message'; readonly data: unknown }
  | { readonly type: 'error'; readonly error: unknown }
  | { readonly type: 'close'; readonly code: number; readonly reason: string; readonly wasClean: boolean };

/** Everything a WebSocket tells, in order. */
export class SocketEvents {
  readonly all: SeenEvent[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor(socket: WebSocket) {
    socket.addEventListener('open', () => this.#push({ type: 'open' }));
    socket.addEventListener('message', ({ data }) => this.#push({ type: 'message', data }));
    socket.addEventListener('error', (event) => {
      this.#push({ type: 'error', error: (event as ErrorEvent).error });
    });
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      this.#push({ type: 'close', code, reason, wasClean });
    });
  }

  /** The first event that nobody has waited for. */
  async next(): Promise<SeenEvent> {
    while (this.#taken === this.all.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.all[this.#taken++] as SeenEvent;
  }

  /** The next event, which must be of this type. */
  async expect<Type extends SeenEvent['type']>(type: Type): Promise<Extract<SeenEvent, { type: Type }>> {
    const event = await this.next();
    if (event.type === type) return event as Extract<SeenEvent, { type: Type }>;
    const why = event.type === 'error' ? `: ${String(event.error)}` : '';
    throw new Error(`expected an event ${type}, got ${event.type}${why}`);
  }

  /** Content of the next message. */
  async message(): Promise<unknown> {
    return (await this.expect('message')).data;
  }

  #push(event: SeenEvent): void {
    this.all.push(event);
    this.#wake?.();
  }
}

/** A WebSocket that is open, and what it tells from now on. */
export async function opened(socket: WebSocket): Promise<SocketEvents> {
  const events = new SocketEvents(socket);
  await events.expect('open');
  return events;
}

/** Why a WebSocket could not be opened: there must be an `error`, then a `close` with 1006, and nothing else. */
export async function refusal(socket: WebSocket): Promise<unknown> {
  const events = new SocketEvents(socket);
  const { error } = await events.expect('error');
  const { code, reason, wasClean } = await events.expect('close');
  if (code !== 1006 || reason !== '' || wasClean) throw new Error(`expected 1006, got ${code} ${reason}`);
  if (socket.readyState !== socket.CLOSED) throw new Error(`readyState is ${socket.readyState}`);
  return error;
}
