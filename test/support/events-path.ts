/** What the origin of an event source does with one request. */
export interface EventAttempt {
  /** Left out: 200. */
  status?: number;
  /** Left out: `text/event-stream`; empty: none. */
  type?: string;
  /** Written one by one, a character for a byte. */
  writes?: string[];
  /** Waits for this latch before it ends. */
  latch?: string;
  /** After all of it: FIN behind the end of the content, no end at all, or RST. Left out: `close`. */
  ending?: 'close' | 'hold' | 'break';
  /** So many events of a kilobyte, no faster than they leave, instead of `writes`. */
  flood?: number;
  /** Redirects there instead. */
  location?: string;
}

/** The path of an event source that does this at its first request, its second, and so on; the last again and again. */
export function eventsPath(...attempts: EventAttempt[]): string {
  const query = attempts.map((attempt) => `attempt=${encodeURIComponent(JSON.stringify(attempt))}`);
  return `/events/${crypto.randomUUID()}?${query.join('&')}`;
}
