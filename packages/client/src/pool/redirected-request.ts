import type { FieldLines } from '@hip/wire';

/** As much of a request as changes from one attempt to the next. */
export interface RepeatableRequest<Body> {
  /** In upper case. */
  readonly method: string;

  /** Absolute. */
  readonly url: URL;

  /** What is asked for there, where it is not just the path and query of the URL. */
  readonly target?: string | undefined;

  /** Field lines, names in lower case. Never changed in place. */
  readonly lines: FieldLines;

  /** What is sent, if anything. */
  readonly body: Body | undefined;
}

/** Fields that describe content and stay behind with it (RFC 9110 §15.4). */
const CONTENT_FIELD = /^(content-(encoding|language|length|location|type)|digest|last-modified)$/;

/**
 * The request that follows a redirect. One that `becomesGet` leaves content and the fields that describe it behind, and
 * keeps its method only when that is HEAD ("a GET or HEAD request", RFC 9110 §15.4.4); others change nothing of it.
 *
 * Toward another origin go neither the fields of `removed` nor `host`, which names the first (RFC 9110 §15.4). Another
 * origin is one whose scheme, host or port differs in the URLs, whatever proxies are between.
 *
 * @param target - {@link locationUrl}.
 * @param becomesGet - urllib3's rule is: when the status is 303.
 * @param removed - names in lower case: {@link Retry.removeHeadersOnRedirect}.
 */
export function redirectedRequest<Body>(
  { method, url, lines, body }: RepeatableRequest<Body>,
  target: URL,
  becomesGet: boolean,
  removed: ReadonlySet<string>,
): RepeatableRequest<Body> {
  const isForeign = target.origin !== url.origin;
  const kept: FieldLines = [];
  for (let i = 0; i < lines.length; i += 2) {
    const name = lines[i] as string;
    const isGone =
      (becomesGet && CONTENT_FIELD.test(name)) || (isForeign && (name === 'host' || removed.has(name)));
    if (!isGone) kept.push(name, lines[i + 1] as string);
  }
  return becomesGet
    ? { method: method === 'HEAD' ? method : 'GET', url: target, lines: kept, body: undefined }
    : { method, url: target, lines: kept, body };
}
