import type { FieldLines } from '@hip/wire';

/** Longest URL that is sent as a referrer; of a longer one only the origin is (Referrer Policy §8.3). */
const MAX_REFERRER_LENGTH = 4096;

const POLICIES: ReadonlySet<string> = new Set([
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
]);

/** The policy that a response names; `undefined` where it names none that is known (Referrer Policy §8.1). */
export function policyOf(fields: FieldLines): ReferrerPolicy | undefined {
  return fields
    .filter((_, at) => at % 2 === 1 && fields[at - 1] === 'referrer-policy')
    .flatMap((value) => value.split(','))
    .map((token) => token.trim().toLowerCase())
    .reverse()
    .find((token) => POLICIES.has(token)) as ReferrerPolicy | undefined;
}

/**
 * What a request for `url` says about where it comes from ("determine request's referrer", Referrer Policy §8.3).
 *
 * @param source - URL of who asks, or `no-referrer`.
 * @returns a URL, or `undefined` where it says nothing.
 */
export function referrerFor(source: string, url: URL, policy: ReferrerPolicy): string | undefined {
  const from = URL.canParse(source) ? new URL(source) : undefined;
  if (from === undefined || (from.protocol !== 'http:' && from.protocol !== 'https:')) return undefined;
  from.username = '';
  from.password = '';
  from.hash = '';
  const origin = `${from.origin}/`;
  const full = from.href.length > MAX_REFERRER_LENGTH ? origin : from.href;
  const isForeign = from.origin !== url.origin;
  const isDowngrade = isTrustworthy(from) && !isTrustworthy(url);
  switch (policy) {
    case 'no-referrer':
      return undefined;
    case 'origin':
      return origin;
    case 'unsafe-url':
      return full;
    case 'strict-origin':
      return isDowngrade ? undefined : origin;
    case 'same-origin':
      return isForeign ? undefined : full;
    case 'origin-when-cross-origin':
      return isForeign ? origin : full;
    case 'no-referrer-when-downgrade':
      return isDowngrade ? undefined : full;
    default:
      if (!isForeign) return full;
      return isDowngrade ? undefined : origin;
  }
}

/** "Potentially trustworthy" (Secure Contexts §3.1). */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
