import type { IncomingBody } from './incoming-body.ts';

/**
 * Bodies that nobody has begun to read, by the response object that leads to them. A response that is dropped unread
 * would otherwise keep its stream, and a connection of the origin, for as long as the session lives; native `fetch` gives
 * it up with the garbage, too.
 */
const unread = new FinalizationRegistry<IncomingBody>((body) => body.abandon());

/** Gives `body` up when `response` is collected before anybody has begun to read. */
export function abandonWith(response: object, body: IncomingBody): void {
  if (!body.isComplete) unread.register(response, body, body);
}

/** Somebody has another way to `body`: it does not end with the response. */
export function keepBody(body: IncomingBody): void {
  unread.unregister(body);
}
