import { baseUrl } from '../page-url.ts';

/** Members of `init` that are not read in {@link readFetchArguments}. */
const MEMBERS = [
  'cache',
  'integrity',
  'keepalive',
  'mode',
  'priority',
  'referrer',
  'referrerPolicy',
  'window',
];

/** Those that a Request given beside them hands on: its referrer it does not. */
const INHERITED = ['cache', 'integrity', 'mode'];

/**
 * What a call asks for beyond its message, as a platform's Request: that knows every member and value there is, and is there
 * already. `undefined` where nothing is asked for, as in most calls.
 *
 * @throws TypeError as the standard says.
 */
export function fetchSettings(
  url: URL,
  request: Request | undefined,
  init: RequestInit | undefined,
  method: string,
): Request | undefined {
  const asked = membersOf(init, MEMBERS);
  if (Object.keys(asked).length === 0) return request;
  const { referrer, window } = asked;
  const base = baseUrl();
  if (referrer && URL.canParse(String(referrer), base)) {
    asked.referrer = new URL(String(referrer), base).href; // a platform without a location has no base of its own
  }
  if (window) throw new TypeError('init.window must be null'); // as it is in the standard, not in every platform
  const inherited = membersOf(request, INHERITED);
  if (inherited.mode === 'navigate') inherited.mode = 'same-origin';
  return new Request(url, { method, ...inherited, ...asked });
}

function membersOf(source: object | undefined, names: readonly string[]): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const name of names) {
    const value = (source as Record<string, unknown> | undefined)?.[name];
    if (value !== undefined) members[name] = value;
  }
  return members;
}
