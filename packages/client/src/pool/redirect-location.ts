import { LocationParseError, URLSchemeUnknown } from '../errors.ts';

/** As much of a response as retries and redirects look at. */
export interface RepeatableResponse {
  /** Status code. */
  readonly status: number;

  /** Header fields; `get` joins the values of a name. */
  readonly headers: {
    /** The values of a name, joined; `undefined` when there is none. */
    get(name: string): string | undefined;
  };
}

/** Statuses that say where to go instead. 300, 304, 305 and 306 are not followed (urllib3). */
const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308];

/** Of errors about a location: the origin has seen a request. */
const CODE = 'invalid_location';
const SENT = { sent: 'always' } as const;

/** What stands before the host, which is nobody's business in a history: credentials do not come from an origin. */
const USER_INFO = /^([a-z][a-z0-9+.-]*:)?[/\\]{2}[^/\\?#]*@/i;

/**
 * Where a response redirects to, as it says it, but for a user name: `undefined` when it does not, or does not say where (urllib3's
 * `get_redirect_location()`, which tells the two apart as `False` and `None`).
 */
export function redirectLocation({ status, headers }: RepeatableResponse): string | undefined {
  if (!REDIRECT_STATUSES.includes(status)) return undefined;
  return headers.get('location')?.replace(USER_INFO, '$1//') || undefined;
}

/**
 * The URL a location means when `base` was asked for. It has the fragment of the location, never that of `base`, and no
 * user name: credentials do not come from an origin.
 *
 * @throws {@link LocationParseError} when it is no URL, {@link URLSchemeUnknown} when it is neither `http:` nor `https:`.
 */
export function locationUrl(location: string, base: URL): URL {
  const text = fromUtf8(location);
  if (!URL.canParse(text, base))
    throw new LocationParseError(CODE, 'Failed to parse the location of a redirect', SENT);
  const url = new URL(text, base);
  if (!/^https?:$/.test(url.protocol)) {
    const scheme = url.protocol.slice(0, -1);
    throw new URLSchemeUnknown(CODE, `Not supported URL scheme ${scheme}`, { ...SENT, scheme });
  }
  url.username = '';
  url.password = '';
  return url;
}

/** Servers write UTF-8 where only ASCII may stand, and browsers read it: the bytes of a field value as such a text. */
function fromUtf8(value: string): string {
  return new TextDecoder().decode(Uint8Array.from(value, (character) => character.charCodeAt(0)));
}
