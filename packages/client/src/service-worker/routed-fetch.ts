import { usualAcceptEncoding } from '../decode/content-encoding.ts';
import { HTTPError } from '../errors.ts';
import { CONSOLE } from '../logger.ts';
import type { PoolManager } from '../pool-manager.ts';
import { routedResponse } from './routed-response.ts';
import { uploadBody } from './upload-body.ts';

/**
 * Answers a page's request through the gateway. Never rejects: what fails is a network error to the page, as it would be
 * without the worker, and the reason is in the worker's console.
 */
export async function routedFetch(
  request: Request,
  manager: () => Promise<PoolManager>,
  bufferUploads: boolean,
): Promise<Response> {
  const { method, url, signal } = request;
  const report = (error: unknown): void => {
    if (!signal.aborted) CONSOLE.warn(`hip: ${method} ${withoutQuery(url)} failed: ${reasonOf(error)}`);
  };
  try {
    const http = await manager();
    const response = await http.urlopen(method, url, {
      headers: headersFor(request, http),
      body: await uploadBody(request, bufferUploads),
      redirect: false,
      preloadContent: false,
      signal,
    });
    return routedResponse(method, response, report);
  } catch (error) {
    report(error);
    return Response.error();
  }
}

/** What the page asked for, what the browser would have added, and what the operator adds. */
function headersFor(request: Request, http: PoolManager): [string, string][] {
  const lines = [...request.headers];
  const add = (name: string, value: string): void => {
    if (value !== '' && !lines.some(([known]) => known === name)) lines.push([name, value]);
  };
  for (const name of http.headers.keys()) add(name.toLowerCase(), http.headers.get(name) ?? '');
  // Fetch standard, "HTTP-network-or-cache fetch": a part of coded content could not be decoded.
  add('accept-encoding', request.headers.has('range') ? 'identity' : usualAcceptEncoding());
  add('user-agent', navigator.userAgent);
  add('accept-language', languages());
  // The browser has applied the page's policy to it by now.
  if (/^https?:/.test(request.referrer)) add('referer', request.referrer);
  return lines;
}

/** The person's languages, each less wanted than the one before (RFC 9110 §12.5.4), as browsers write them. */
function languages(): string {
  return navigator.languages
    .slice(0, 10)
    .map((language, index) => (index === 0 ? language : `${language};q=${(1 - index / 10).toFixed(1)}`))
    .join(',');
}

/** What stands in a query may be a secret. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function reasonOf(error: unknown): string {
  return error instanceof HTTPError ? `${error.name} (${error.code}): ${error.message}` : String(error);
}
