import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { withDeadline } from './workload/deadline.ts';
import { MEASUREMENT_TIMEOUT_MS, type Measurement } from './workload/measurement.ts';

/** Time a page has to load and ask for its first measurement, in milliseconds. */
const LOAD_TIMEOUT_MS = 30_000;

/** Longer than the page's own limit, so that the page has the first word. */
const ANSWER_TIMEOUT_MS = MEASUREMENT_TIMEOUT_MS + 10_000;

type Answer = { value: number } | { error: string };

/** Hands measurements to a page one at a time: the page asks at `/next`, waits there, and reports to `/result`. */
export class ControlServer {
  readonly #server: Server;
  #asking: ServerResponse | undefined;
  #isAsking = Promise.withResolvers<void>();
  #answer = Promise.withResolvers<Answer>();

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** Base URL, once it listens. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when the page has loaded and waits for work. */
  loaded(): Promise<void> {
    return withDeadline('load of the page', LOAD_TIMEOUT_MS, this.#isAsking.promise);
  }

  /** Has the page measure. Rejects when the page says so or does not answer. */
  async run(measurement: Measurement): Promise<number> {
    await withDeadline("the page's next request for work", LOAD_TIMEOUT_MS, this.#isAsking.promise);
    this.#isAsking = Promise.withResolvers();
    this.#answer = Promise.withResolvers();
    this.#asking?.end(JSON.stringify(measurement));
    const answer = await withDeadline("the page's answer", ANSWER_TIMEOUT_MS, this.#answer.promise);
    if ('error' in answer) throw new Error(answer.error);
    return answer.value;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The page belongs to the origin, so it needs leave to read what this server answers.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cache-control', 'no-store');
    if (request.url === '/next') {
      this.#asking = response;
      this.#isAsking.resolve();
    } else if (request.url === '/result') {
      const answer = JSON.parse(await text(request)) as Answer;
      response.end();
      this.#answer.resolve(answer);
    } else {
      response.writeHead(404).end();
    }
  }
}
