import { invalidOption } from '../errors.ts';

/**
 * As the value of `accept-encoding` or `user-agent`: the request has no such header, not even the one it would have
 * otherwise (urllib3's `SKIP_HEADER`).
 */
export const SKIP_HEADER = '@@@SKIP_HEADER@@@';

/**
 * Whether a line only says that the header it names is not to be sent.
 *
 * @param name - in lower case.
 * @throws {@link InvalidRequestError} for a header that is not added by itself, and for `host`, which every request has.
 */
export function isSkipped(name: string, value: string): boolean {
  if (value !== SKIP_HEADER) return false;
  if (name === 'accept-encoding' || name === 'user-agent') return true;
  // RFC 9112 §3.2: a request without Host is answered with 400. The gateway has no way to write one.
  const why = name === 'host' ? 'every request has one' : 'it is only sent if you give it';
  throw invalidOption(
    `header ${name} must not be SKIP_HEADER: ${why}; accept-encoding and user-agent may be`,
  );
}
