import type { RequestOptions } from '@hip/wire';
import { invalidOption, LocationParseError } from '../errors.ts';
import type { CookieJarLike } from '../options.ts';

/** What all senders of a manager have in common that keeps cookies. */
export interface CookieKeeper {
  /** Made with the first request, where the user gave none. */
  jar?: CookieJarLike;
}

/**
 * Refuses options nobody would honour: a misspelt or unknown one could be one that protects.
 *
 * @param more - further names: gives whether one of them is there.
 * @throws {@link InvalidRequestError} naming the option and what there is.
 */
export function checkNames(
  subject: string,
  options: object,
  known: readonly string[],
  more: readonly string[] = [],
): boolean {
  let hasMore = false;
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    hasMore = more.includes(name);
    if (hasMore) continue;
    throw invalidOption(
      `${subject} has no option ${JSON.stringify(name)}; there are ${[...known, ...more].join(', ')}`,
    );
  }
  return hasMore;
}

/**
 * A count from `least`, or its default.
 *
 * @throws {@link InvalidRequestError} naming the option, what was expected and what came.
 */
export function checkCount(name: string, value: number | undefined, least: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalidOption(`${name} must be an integer from ${least}, got ${value}`);
}

/**
 * `true` or `false`, or its default.
 *
 * @throws {@link InvalidRequestError} naming the option, what was expected and what came.
 */
export function checkFlag(name: string, value: boolean | undefined, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw invalidOption(`${name} must be true or false, got ${typeof value}`);
}

/**
 * Where the option `cookies` has its jar, or will have it once it is needed; `undefined` for none.
 *
 * @throws {@link InvalidRequestError} when it is no jar.
 */
export function checkCookies(value: CookieJarLike | boolean | undefined): CookieKeeper | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return {};
  // Whatever came where there are no types.
  const jar = value as CookieJarLike | null;
  if (typeof jar?.getCookieString === 'function' && typeof jar.setCookie === 'function') return { jar };
  throw invalidOption('cookies must be true, false or a jar with getCookieString() and setCookie()');
}

/**
 * A URL as it was given.
 *
 * @throws {@link LocationParseError} when it is none.
 */
export function absoluteUrl(url: string | URL): URL {
  if (URL.canParse(url)) return new URL(url);
  throw new LocationParseError('invalid_option', 'url must be absolute');
}

/**
 * `poolTimeout` as the wire has it.
 *
 * @throws {@link InvalidRequestError} when it is none.
 */
export function checkPoolTimeout(value: number | undefined): RequestOptions {
  if (value === undefined) return {};
  if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(Math.ceil(value))) {
    return { poolTimeoutMs: Math.ceil(value) };
  }
  throw invalidOption(`poolTimeout must be milliseconds from 0, got ${value}`);
}
