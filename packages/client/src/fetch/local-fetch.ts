import { invalidOption } from '../errors.ts';
import type { FetchRequest } from './fetch-request.ts';

/** Schemes whose content is no further than this program. */
const LOCAL_SCHEMES: ReadonlySet<string> = new Set(['about:', 'blob:', 'data:']);

/**
 * What needs no network: the platform itself answers, as the Fetch standard says ("scheme fetch").
 *
 * @param platformFetch - the platform's own.
 *
 * @throws {@link InvalidRequestError} for every other scheme; TypeError where the platform has a network error.
 */
export async function fetchLocally(
  { url, method, lines, signal }: FetchRequest,
  platformFetch: typeof globalThis.fetch,
): Promise<Response> {
  if (!LOCAL_SCHEMES.has(url.protocol)) {
    throw invalidOption(`url must be http:, https:, data: or blob:, got ${url.protocol}`);
  }
  const headers = new Headers();
  for (let i = 0; i < lines.length; i += 2) headers.append(lines[i] as string, lines[i + 1] as string);
  return platformFetch(url, { method, headers, signal: signal ?? null });
}
