import type { FieldLines } from '@hip/wire';
import { HTTPError, InvalidRequestError, loaded, plainUrl } from '../errors.ts';
import { logger } from '../logger.ts';
import type { CookieContext, CookieJarLike } from '../options.ts';
import type { CookieKeeper } from './check-options.ts';
import { orAborted } from './or-aborted.ts';
import type { Answered, OutgoingRequest } from './request-sender.ts';

/**
 * Sends a request with the cookies that its URL has in the jar, and keeps those that come back before anybody sees the
 * response: whatever follows, as a redirect does, has them. Loaded where there is a jar.
 *
 * @param send - sends the request as it is.
 * @throws what `send` throws; the reason of the signal; {@link InvalidRequestError} when the jar does not give its cookies.
 */
export async function exchangeWithCookies<Answer extends Answered>(
  keeper: CookieKeeper,
  request: OutgoingRequest,
  send: (request: OutgoingRequest) => Promise<Answer>,
): Promise<Answer> {
  const { url, lines, signal } = request;
  const at = plainUrl(url);
  const jar = await orAborted(signal, jarOf(keeper));
  const cookies = await orAborted(signal, cookiesOf(jar, at, request));
  const response = await send(cookies === '' ? request : { ...request, lines: withCookies(lines, cookies) });
  const received = valuesOf(response.fields, 'set-cookie');
  if (received.length === 0) return response;
  try {
    await orAborted(signal, keep(jar, received, at));
  } catch (error) {
    response.body?.cancel();
    throw error;
  }
  return response;
}

async function jarOf(keeper: CookieKeeper): Promise<CookieJarLike> {
  if (keeper.jar === undefined) {
    const { CookieJar } = await loaded(import('../cookies/cookie-jar.ts'));
    // Another request may have made it meanwhile.
    keeper.jar ??= new CookieJar();
  }
  return keeper.jar;
}

async function cookiesOf(jar: CookieJarLike, url: string, request: OutgoingRequest): Promise<string> {
  const context = await contextOf(request);
  try {
    const cookies: unknown = await jar.getCookieString(url, context);
    if (typeof cookies === 'string') return cookies;
  } catch (cause) {
    if (cause instanceof HTTPError) throw cause;
    throw new InvalidRequestError('invalid_option', 'cookies: the jar could not say which ones to send', {
      cause,
    });
  }
  throw new InvalidRequestError('invalid_option', 'cookies: getCookieString() of the jar must give a text');
}

/** Who has a say in where the request goes: the program, and whoever redirected it there. */
async function contextOf({ method, url, via = [] }: OutgoingRequest): Promise<CookieContext> {
  if (via.length === 0) return { sameSiteContext: 'strict' };
  const { sameSiteContext } = await loaded(import('../cookies/site.ts'));
  return { sameSiteContext: sameSiteContext(method, url, via) };
}

/** The response is here, whatever the jar makes of it: what cannot be kept is told to the logger, not to the caller. */
async function keep(jar: CookieJarLike, lines: readonly string[], url: string): Promise<void> {
  try {
    if (jar.setCookies !== undefined) await jar.setCookies(lines, url);
    // One after the other: of two with the same name the last one counts.
    else for (const line of lines) await jar.setCookie(line, url, { ignoreError: true });
  } catch (error) {
    // Its message may be about what is in a cookie.
    const name = error instanceof Error ? error.name : typeof error;
    logger()?.warn(`Cookies of ${new URL(url).origin} are not kept: the jar failed with ${name}`);
  }
}

/** Lines with the cookies of the jar. A cookie of the same name that the user wrote into the header counts instead. */
function withCookies(lines: FieldLines, stored: string): FieldLines {
  const given = valuesOf(lines, 'cookie').flatMap(pairsOf);
  const names = new Set(given.map(nameOf));
  const others = pairsOf(stored).filter((pair) => !names.has(nameOf(pair)));
  const kept = lines.filter((_, at) => lines[at - (at % 2)] !== 'cookie');
  // RFC 6265bis §5.8.1: "MUST NOT attach more than one Cookie header field".
  return [...kept, 'cookie', [...others, ...given].join('; ')];
}

/** Cookies one by one. `trim()` would take bytes of UTF-8 that look like spaces. */
function pairsOf(cookies: string): string[] {
  return cookies
    .split(';')
    .map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((pair) => pair !== '');
}

function nameOf(pair: string): string {
  return pair.slice(0, Math.max(pair.indexOf('='), 0));
}

function valuesOf(lines: FieldLines, name: string): string[] {
  return lines.filter((_, at) => at % 2 === 1 && lines[at - 1] === name);
}
