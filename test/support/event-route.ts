import { once } from 'node:events';
import type { EventAttempt } from './events-path.ts';
import type { OriginExchange } from './origin-routes.ts';

/** Requests so far, by path: each has a name of its own. */
const requests = new Map<string, number>();

/** Carries out what `eventsPath()` says. */
export async function answerWithEvents(exchange: OriginExchange): Promise<void> {
  const { url, response, request, record, latch } = exchange;
  const attempts = url.searchParams.getAll('attempt');
  const number = requests.get(url.pathname) ?? 0;
  requests.set(url.pathname, number + 1);
  const attempt = JSON.parse(attempts[Math.min(number, attempts.length - 1)] as string) as EventAttempt;
  const { status = 200, type = 'text/event-stream', writes = [], ending = 'close', flood = 0 } = attempt;
  if (attempt.location !== undefined) response.setHeader('location', attempt.location);
  if (type !== '') response.setHeader('content-type', type);
  response.writeHead(status);
  response.flushHeaders();
  for (const text of writes) {
    response.write(Buffer.from(text, 'latin1'));
    // Each in a packet of its own, as far as anybody can say.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const closed = new Promise((resolve) => request.once('close', resolve));
  for (let event = 0; event < flood && !response.destroyed; event++) {
    const text = `id: ${event}\ndata: ${event} ${'x'.repeat(1_000)}\n\n`;
    record.sentBytes += text.length;
    if (!response.write(text)) await Promise.race([once(response, 'drain'), closed]);
  }
  if (attempt.latch !== undefined) await latch(attempt.latch);
  if (ending === 'close') response.end();
  if (ending === 'break') response.socket?.resetAndDestroy();
}
